// How news read on each kind of stream.
//
//                 full (what reference clients know)     delta (goop.presence.delta)
//   event stream  data: {presence}                       id: B-7 / data: {presence}
//   WebSocket     {presence}                             {"id":"B-7","presence":{presence}}
//
// Full streams repeat every heartbeat. Delta streams begin with a snapshot between `snapshot` and
// `ready`, then tell changes only; `gap` says that some were missed and a snapshot follows. Event
// ids begin with a word of this run, so that those of an earlier one are known as such.
//
// Pure.   Spec: docs/dev/protocols/rendezvous.md
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "rendezvous/texts.h"

namespace goop::rendezvous {

enum class Format { sse_full, sse_delta, ws_full, ws_delta };
inline constexpr std::size_t formats = 4;
constexpr bool is_delta(Format format) {
  return format == Format::sse_delta || format == Format::ws_delta;
}
constexpr bool is_socket(Format format) {
  return format == Format::ws_full || format == Format::ws_delta;
}

class EventIds {
 public:
  explicit EventIds(std::string boot) : boot_(std::move(boot)) {}
  std::string text(std::uint64_t number) const;
  // Nothing: nonsense, or of another run.
  std::optional<std::uint64_t> parse(std::string_view text) const;

 private:
  std::string boot_;
};

// `id`: empty for what is no numbered change (rows of a snapshot, punches).
void append_presence(Bytes& to, Format format, std::string_view id, std::string_view presence);

// The marks of a delta stream; nothing on a full one.
void append_snapshot_mark(Bytes& to, Format format, std::size_t peers);
void append_ready_mark(Bytes& to, Format format, std::string_view id);
void append_gap_mark(Bytes& to, Format format);

void append_ping(Bytes& to, Format format);

// What a refused message gets on a delta socket.
Bytes refusal_frame(const Error& error, std::optional<std::int64_t> clock_difference_ms,
                    Duration retry_after);

// What a delta socket gets whose peer has not registered, although the server wants that.
Bytes registration_frame();

// Tells a delta socket that another one has proven the same identity: from where, and by the
// message with which `ts`. Only who has the key can have signed that, and who signed it knows.
Bytes twin_frame(const net::IpAddress& other, std::int64_t ts);

}  // namespace goop::rendezvous
