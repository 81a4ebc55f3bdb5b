#include "p2p/pubsub/topic.h"

#include "p2p/pubsub/limits.h"

namespace goop::p2p::pubsub {

Result<Topic> Topic::parse(std::string_view text) {
  if (text.empty()) return fail(Errc::invalid, "a topic has no name");
  if (text.size() > limits::topic_bytes) {
    return fail(Errc::too_large, "topic of {} bytes, at most {} are allowed", text.size(),
                limits::topic_bytes);
  }
  return Topic(text);
}

}  // namespace goop::p2p::pubsub
