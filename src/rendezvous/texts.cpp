#include "rendezvous/texts.h"

namespace goop::rendezvous {

std::string text_for(const wire::PresenceMessage& message, Audience audience) {
  const bool may_show_email = message.presence.email.empty() || message.is_signed();
  if (audience == Audience::peers && may_show_email) return wire::write_presence(message);
  auto shown = message;
  if (!may_show_email) shown.presence.email.clear();
  if (audience == Audience::open) {
    shown.presence.addresses.clear();
    shown.envelope.clear();
  }
  return wire::write_presence(shown);
}

}  // namespace goop::rendezvous
