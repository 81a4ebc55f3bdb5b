#include "peer/setup/visibility.h"

#include "base/bytes.h"
#include "peer/setup/limits.h"

namespace goop::peer::setup {

std::vector<Narrowed> narrowed_visibility(const Config& config) {
  const Config usual;
  const auto shown = [](const std::string& text) {
    return printable(text, limits::shown_value_bytes);
  };
  std::vector<Narrowed> found;
  if (config.p2p.mdns_tag != usual.p2p.mdns_tag) {
    found.push_back({"p2p.mdns_tag",
                     fmt::format("on the local network only peers with p2p.mdns_tag \"{}\" find "
                                 "this one by themselves, and it finds only those",
                                 shown(config.p2p.mdns_tag))});
  }
  if (config.presence.topic != usual.presence.topic) {
    found.push_back({"presence.topic",
                     fmt::format("without a rendezvous server only peers with presence.topic "
                                 "\"{}\" see name and state of this one, and it sees only theirs",
                                 shown(config.presence.topic))});
  }
  return found;
}

}  // namespace goop::peer::setup
