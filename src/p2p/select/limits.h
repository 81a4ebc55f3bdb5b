// Caps of multistream-select.
#pragma once

#include <cstddef>

namespace goop::p2p::limits {

// One token with its newline; as go-libp2p and js-libp2p.
inline constexpr std::size_t select_token_bytes = 1024;

// Proposals that a responder looks at before it gives up. Ours: go and js bound only the time.
inline constexpr std::size_t select_proposals = 32;

}  // namespace goop::p2p::limits
