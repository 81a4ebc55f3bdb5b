// `/goop/content/1.0.0`: what a peer calls itself, as one line of text.
//
// The opener sends nothing; the owner writes its label and a newline, and closes. The smallest of
// Goop2's protocols, and so also the one that tells whether a peer really answers.
//
// Thread: loop only.   Limits: limits::label_bytes.
#pragma once

#include <functional>

#include "p2p/host.h"

namespace goop::peer {

inline const p2p::ProtocolId content_protocol("/goop/content/1.0.0");

// Serves what `label` gives at that moment.
void serve_content(Runtime& runtime, p2p::Host& host, std::function<std::string()> label);

// The label of a peer, fit to be shown: one line of printable text, perhaps cut. Throws as
// Host::open and Stream::fill do, and too_large.
Task<std::string> ask_content(p2p::Host& host, p2p::PeerId peer, Deadline by);

}  // namespace goop::peer
