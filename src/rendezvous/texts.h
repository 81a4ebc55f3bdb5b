// What of a message is told to whom.
//
// Addresses are for peers that are on the board themselves. An e-mail address is passed on as it
// was published: our own peers sign it only with their owner's consent (profile.share_email), and
// one that stands beside a signature is for the server's eyes (registration); the programs that do
// not sign show it to everybody anyway, and two channels that differ would make it flicker.
// Without its addresses a message is no longer what was signed, so the open form has no signature.
//
// Pure.
#pragma once

#include <string>

#include "rendezvous/board.h"

namespace goop::rendezvous {

enum class Audience { open, peers };
inline constexpr std::size_t audiences = 2;

// JSON on one line.
std::string text_for(const wire::PresenceMessage& message, Audience audience);

}  // namespace goop::rendezvous
