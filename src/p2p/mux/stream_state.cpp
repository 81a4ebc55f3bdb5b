// What a stream has received and not given to its reader, with what that costs.
#include <algorithm>

#include "p2p/mux/yamux_session.h"

namespace goop::p2p::mux {

StreamState::~StreamState() { release(held); }

bool StreamState::hold(Segment piece) {
  const auto cost = piece.footprint();
  if (holdings && !holdings->hold(cost)) return false;
  held += cost;
  inbox.push_back(std::move(piece));
  return true;
}

void StreamState::release(std::size_t bytes) {
  held -= bytes;
  if (holdings) holdings->release(bytes);
}

// A small body is copied, so that it does not keep a large block alive.
bool StreamState::push(Segment body) {
  const auto size = body.size();
  const bool small = body.footprint() > limits::sharing_waste * size;
  const bool appended = small && !inbox.empty() && inbox.back().append_in_place(body.view());
  if (!appended && !hold(small ? Segment::copy_of(body.view()) : std::move(body))) return false;
  unread += size;
  return true;
}

void StreamState::drop(std::size_t count) {
  count = std::min(count, unread);  // a reset may have taken all of it
  unread -= count;
  while (count > 0) {
    auto& front = inbox.front();
    const auto part = std::min(count, front.size());
    front.remove_prefix(part);
    count -= part;
    if (!front.empty()) continue;
    const auto cost = front.footprint();
    inbox.pop_front();
    release(cost);
  }
}

std::size_t StreamState::drop_all() {
  if (!inbox.empty()) {
    looked_at = std::move(inbox.front());
    inbox.clear();
    release(held - looked_at.footprint());
  }
  return std::exchange(unread, 0);
}

}  // namespace goop::p2p::mux
