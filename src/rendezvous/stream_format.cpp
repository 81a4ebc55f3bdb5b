#include "rendezvous/stream_format.h"

#include <charconv>

#include "base/json.h"
#include "net/http/websocket_frames.h"

namespace goop::rendezvous {
namespace {

namespace ws = net::http::ws;

void append_frame(Bytes& to, std::string_view text) {
  ws::append_head(to, ws::Kind::text, text.size(), std::nullopt);
  append(to, text);
}

// `name` is an event of ours, `data` a JSON object.
void append_mark(Bytes& to, Format format, std::string_view id, std::string_view name,
                 std::string_view members) {
  if (format == Format::sse_delta) {
    if (!id.empty()) append(to, fmt::format("id: {}\n", id));
    append(to, fmt::format("event: {}\ndata: {{{}}}\n\n", name, members));
  } else if (format == Format::ws_delta) {
    std::string text = fmt::format("{{\"event\":\"{}\"", name);
    if (!id.empty()) text += fmt::format(",\"id\":\"{}\"", id);
    if (!members.empty()) text.append(",").append(members);
    append_frame(to, text += '}');
  }
}

}  // namespace

std::string EventIds::text(std::uint64_t number) const {
  return fmt::format("{}-{}", boot_, number);
}

std::optional<std::uint64_t> EventIds::parse(std::string_view text) const {
  if (text.size() > limits::event_id_bytes || !text.starts_with(boot_)) return std::nullopt;
  text.remove_prefix(boot_.size());
  if (!text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

void append_presence(Bytes& to, Format format, std::string_view id, std::string_view presence) {
  switch (format) {
    case Format::sse_delta:
      if (!id.empty()) append(to, fmt::format("id: {}\n", id));
      [[fallthrough]];
    case Format::sse_full:
      append(to, "data: ");
      append(to, presence);
      append(to, "\n\n");
      return;
    case Format::ws_full:
      return append_frame(to, presence);
    case Format::ws_delta:
      return append_frame(to, id.empty()
                                  ? fmt::format("{{\"presence\":{}}}", presence)
                                  : fmt::format("{{\"id\":\"{}\",\"presence\":{}}}", id, presence));
  }
}

void append_snapshot_mark(Bytes& to, Format format, std::size_t peers) {
  append_mark(to, format, {}, "snapshot", fmt::format("\"peers\":{}", peers));
}

void append_ready_mark(Bytes& to, Format format, std::string_view id) {
  append_mark(to, format, id, "ready", {});
}

void append_gap_mark(Bytes& to, Format format) { append_mark(to, format, {}, "gap", {}); }

void append_ping(Bytes& to, Format format) {
  if (is_socket(format)) {
    append(to, ws::encode(ws::Kind::ping, {}));
  } else {
    append(to, ": ping\n\n");
  }
}

Bytes refusal_frame(const Error& error, std::optional<std::int64_t> clock_difference_ms,
                    Duration retry_after) {
  json::Object told{{"event", "refused"}, {"code", name(error.code)}, {"reason", error.detail}};
  if (clock_difference_ms) told["clockDifferenceMs"] = *clock_difference_ms;
  if (retry_after > Duration::zero()) {
    told["retryAfterMs"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(retry_after).count() + 1;
  }
  Bytes frame;
  append_frame(frame, json::write(json::Value(std::move(told))));
  return frame;
}

Bytes registration_frame() {
  const json::Object told{{"event", "refused"},
                          {"code", "registration"},
                          {"reason", "not shown to others: register at /register"}};
  Bytes frame;
  append_frame(frame, json::write(json::Value(told)));
  return frame;
}

Bytes twin_frame(const net::IpAddress& other, std::int64_t ts) {
  json::Object told{{"event", "twin"}, {"address", other.to_string()}, {"ts", ts}};
  Bytes frame;
  append_frame(frame, json::write(json::Value(std::move(told))));
  return frame;
}

}  // namespace goop::rendezvous
