// What one frame or event of a server says, on a full stream and on a delta stream.
//
//   frame   {presence}                            event   data: {presence}
//           {"id":"B-7","presence":{presence}}            id: B-7 / data: {presence}
//           {"event":"ready","id":"B-7"}                  id: B-7 / event: ready
//
// Pure.   Spec: docs/dev/protocols/rendezvous.md   Limits: limits::frame_bytes, frame_depth
// Errors: invalid, too_large. Words that we do not know are `Kind::other`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "net/http/sse.h"
#include "wire/presence.h"

namespace goop::peer::links {

struct Told {
  enum class Kind { presence, snapshot, ready, gap, refused, twin, other };
  Kind kind = Kind::other;
  std::string id = {};  // where to resume; empty: this is no such place
  std::optional<wire::PresenceMessage> message = {};
  std::string reason = {};    // refused
  bool unregistered = false;  // refused, until we have registered there
  // twin: the address that it comes from, empty where it is none; the number of what proved it
  std::string address = {};
  std::int64_t ts = 0;
  std::optional<std::chrono::milliseconds> clock_difference = {}, retry_after = {};
};

Result<Told> read_frame(std::string_view text);
Result<Told> read_event(const net::http::ServerEvent& event);

// Whether the answer to GET /api/capabilities names registration.
bool offers_registration(std::string_view answer);

}  // namespace goop::peer::links
