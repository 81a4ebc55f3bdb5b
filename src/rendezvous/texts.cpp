#include "rendezvous/texts.h"

namespace goop::rendezvous {

std::string text_for(const wire::PresenceMessage& message, Audience audience) {
  if (audience == Audience::peers) return wire::write_presence(message);
  auto shown = message;
  shown.presence.addresses.clear();
  shown.envelope.clear();
  return wire::write_presence(shown);
}

}  // namespace goop::rendezvous
