// What of a message is told to whom.
//
// Addresses are for peers that are on the board themselves. An e-mail address is passed on only
// where its owner agreed, which is said by having signed it: one that stands beside the signature
// is for the server's eyes (registration), and an unsigned message says nothing of agreement.
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
