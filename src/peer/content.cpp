#include "peer/content.h"

#include "base/label.h"
#include "peer/limits.h"

namespace goop::peer {
namespace {

Task<> write_label(p2p::Stream stream, std::string label, Deadline by) {
  const auto line = label + "\n";
  co_await stream.write(as_bytes(line), by);
  stream.close();
}

}  // namespace

void serve_content(Runtime& runtime, p2p::Host& host, std::function<std::string()> label) {
  host.handle(content_protocol, [&runtime, label = std::move(label)](p2p::Stream stream) {
    const auto by = Deadline::after(runtime.now(), limits::content_time);
    return write_label(std::move(stream), label(), by);
  });
}

Task<std::string> ask_content(p2p::Host& host, p2p::PeerId peer, Deadline by) {
  std::vector<p2p::ProtocolId> wanted = {content_protocol};
  p2p::OpenOptions options{.by = by};
  auto stream = co_await host.open(peer, wanted, options);
  const auto line = co_await read_line(stream, limits::label_bytes, by);
  stream.close();
  co_return clean_label(line.value_or(""), limits::shown_label_bytes);
}

}  // namespace goop::peer
