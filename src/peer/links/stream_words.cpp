#include "peer/links/stream_words.h"

#include <boost/asio/ip/address.hpp>

#include "base/json.h"
#include "peer/links/limits.h"

namespace goop::peer::links {
namespace {

Told::Kind kind_of(std::string_view event) {
  if (event == "snapshot") return Told::Kind::snapshot;
  if (event == "ready") return Told::Kind::ready;
  if (event == "gap") return Told::Kind::gap;
  if (event == "refused") return Told::Kind::refused;
  if (event == "twin") return Told::Kind::twin;
  return Told::Kind::other;
}

std::string short_text(const json::Object& frame, std::string_view key, std::size_t most) {
  const auto* value = frame.if_contains(key);
  if (!value || !value->is_string() || value->as_string().size() > most) return {};
  return std::string(value->as_string());
}

std::optional<std::chrono::milliseconds> span(const json::Object& frame, std::string_view key) {
  const auto* value = frame.if_contains(key);
  if (!value || !value->is_int64()) return std::nullopt;
  constexpr std::int64_t most = 1LL << 50;  // so that sums of it are numbers, too
  return std::chrono::milliseconds(std::clamp(value->as_int64(), -most, most));
}

std::int64_t number(const json::Object& frame, std::string_view key) {
  const auto* value = frame.if_contains(key);
  return value && value->is_int64() ? value->as_int64() : 0;
}

// In its canonical form, or nothing: a person reads it.
std::string ip_address(const std::string& text) {
  boost::system::error_code wrong;
  const auto address = boost::asio::ip::make_address(text, wrong);
  return wrong ? std::string() : address.to_string();
}

Result<Told> presence(std::string_view text, std::string id) {
  GOOP_TRY(auto message, wire::parse_presence(text));
  return Told{Told::Kind::presence, std::move(id), std::move(message)};
}

}  // namespace

Result<Told> read_frame(std::string_view text) {
  if (text.size() > limits::frame_bytes) {
    return fail(Errc::too_large, "a frame of {} bytes", text.size());
  }
  GOOP_TRY(const auto value, json::parse(text, {limits::frame_bytes, limits::frame_depth}));
  const auto* frame = value.if_object();
  if (!frame) return fail(Errc::invalid, "a frame is an object");
  auto id = short_text(*frame, "id", limits::event_id_bytes);
  if (const auto* inner = frame->if_contains("presence"); inner && inner->is_object()) {
    // What counts is signed inside, as text of its own: writing it anew changes nothing.
    return presence(json::write(*inner), std::move(id));
  }
  const auto* event = frame->if_contains("event");
  if (!event || !event->is_string()) return presence(text, {});
  Told told{kind_of(event->as_string()), std::move(id)};
  told.reason = printable(short_text(*frame, "reason", limits::frame_bytes), limits::error_bytes);
  told.unregistered = short_text(*frame, "code", limits::event_id_bytes) == "registration";
  told.clock_difference = span(*frame, "clockDifferenceMs");
  told.retry_after = span(*frame, "retryAfterMs");
  if (told.kind == Told::Kind::twin) {
    told.address = ip_address(short_text(*frame, "address", limits::event_id_bytes));
    told.ts = number(*frame, "ts");
  }
  return told;
}

Result<Told> read_event(const net::http::ServerEvent& event) {
  if (event.data.size() > limits::frame_bytes) {
    return fail(Errc::too_large, "an event of {} bytes", event.data.size());
  }
  auto id = event.id.size() > limits::event_id_bytes ? std::string() : event.id;
  if (event.type.empty() || event.type == "message") return presence(event.data, std::move(id));
  return Told{kind_of(event.type), std::move(id)};
}

bool offers_registration(std::string_view answer) {
  const auto value = json::parse(answer, {limits::answer_bytes, limits::frame_depth});
  const auto* all = value ? value->if_object() : nullptr;
  const auto* offered = all ? all->if_contains("registration") : nullptr;
  return offered && offered->is_bool() && offered->as_bool();
}

}  // namespace goop::peer::links
