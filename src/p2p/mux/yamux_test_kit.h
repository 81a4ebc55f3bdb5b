// One end of a yamux session for the module's own tests: frames in, frames out, no pipe.
#pragma once

#include "p2p/mux/yamux_session.h"

namespace goop::p2p::mux::test {

inline Bytes hex(std::string_view text) {
  std::string compact;
  for (char c : text) {
    if (c != ' ') compact += c;
  }
  return *from_hex(compact);
}

// A session, the frames it wants to send, and the time it lives in.
struct Side {
  explicit Side(Role role, std::size_t inbound = limits::inbound_streams) {
    SessionOptions options;
    options.role = role;
    options.inbound_streams = inbound;
    session.emplace(std::move(options));
  }

  Result<void> receive(BytesView bytes) { return session->on_piece(Segment::copy_of(bytes), now); }
  Result<void> receive(const FrameHeader& header, BytesView body = {}) {
    Bytes bytes = to_bytes(BytesView(encode(header)));
    append(bytes, body);
    return receive(bytes);
  }
  Bytes output() {
    Bytes bytes;
    session->drain_control(
        [&](const FrameHeader& header) { append(bytes, BytesView(encode(header))); });
    return bytes;
  }
  std::vector<FrameHeader> frames() {
    std::vector<FrameHeader> all;
    session->drain_control([&](const FrameHeader& header) { all.push_back(header); });
    return all;
  }
  StreamPtr opened() {
    for (auto& event : session->take_events()) {
      if (event.kind == StreamEvent::Kind::opened) return event.stream;
    }
    return nullptr;
  }

  std::optional<Session> session;
  Instant now{1h};
};

constexpr FrameHeader syn(std::uint32_t id) { return {FrameType::window_update, flag_syn, id, 0}; }

}  // namespace goop::p2p::mux::test
