#include "net/http/websocket_handshake.h"

#include <algorithm>

#include "base/base64.h"
#include "crypto/hash.h"
#include "net/http/limits.h"

namespace goop::net::http {
namespace {

constexpr std::string_view version = "13";
constexpr std::size_t key_bytes = 16;

// Section 1.3.
std::string accept_value(std::string_view key) {
  const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return to_base64(crypto::sha1(as_bytes(text)));
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t";
  const auto first = text.find_first_not_of(blank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// Calls `visit` with each element of the comma-separated lists in fields of this name.
template <class Visit>
void for_each_element(const Fields& fields, std::string_view name, Visit visit) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [field, value] = fields.at(i);
    if (!iequals(field, name) || value.size() > limits::ws_protocols_bytes) continue;
    std::string_view rest = value;
    for (;;) {
      const auto comma = rest.find(',');
      if (const auto element = trimmed(rest.substr(0, comma)); !element.empty()) visit(element);
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
}

// Section 4.2.1.
Result<std::string_view> checked_key(const Request& request) {
  const auto& fields = request.fields;
  if (request.method != Method::get) return fail(Errc::invalid, "a WebSocket begins with GET");
  if (request.version == Version::http10) {  // RFC 9110 section 7.8
    return fail(Errc::invalid, "a WebSocket needs HTTP/1.1, also from the proxy in front");
  }
  if (!has_token(fields, "Connection", "upgrade") || !has_token(fields, "Upgrade", "websocket")) {
    return fail(Errc::invalid, "this address is a WebSocket: no upgrade was asked for");
  }
  if (fields.count("Sec-WebSocket-Version") != 1 ||
      *fields.find("Sec-WebSocket-Version") != version) {
    return fail(Errc::unsupported, "only WebSocket version 13 is spoken here");
  }
  const auto key = fields.find("Sec-WebSocket-Key");
  if (!key || fields.count("Sec-WebSocket-Key") != 1) {
    return fail(Errc::invalid, "not one Sec-WebSocket-Key");
  }
  const auto decoded = from_base64(*key);
  if (!decoded || decoded->size() != key_bytes) return fail(Errc::invalid, "bad Sec-WebSocket-Key");
  if (request.has_body) return fail(Errc::invalid, "an upgrade with a body");
  return *key;
}

}  // namespace

bool has_token(const Fields& fields, std::string_view name, std::string_view token) {
  bool found = false;
  for_each_element(fields, name,
                   [&](std::string_view element) { found |= iequals(element, token); });
  return found;
}

std::string_view choose_subprotocol(const Request& request,
                                    std::span<const std::string_view> ours) {
  auto best = ours.size();
  for_each_element(request.fields, "Sec-WebSocket-Protocol", [&](std::string_view offered) {
    best = std::min<std::size_t>(
        best, static_cast<std::size_t>(std::ranges::find(ours, offered) - ours.begin()));
  });
  return best < ours.size() ? ours[best] : std::string_view{};
}

Response accept_websocket(const Request& request, std::string_view subprotocol,
                          std::move_only_function<void(Handover)> taken) {
  const auto key = checked_key(request);
  if (!key) {
    Response refusal(400);
    if (key.error().code == Errc::unsupported) refusal.add("Sec-WebSocket-Version", version);
    refusal.text("text/plain; charset=utf-8", key.error().detail + "\n");
    return refusal;
  }
  Response response(101);
  response.add_lines("Upgrade: websocket\r\nConnection: Upgrade\r\n");
  response.add("Sec-WebSocket-Accept", accept_value(*key));
  if (!subprotocol.empty()) response.add("Sec-WebSocket-Protocol", subprotocol);
  response.body = Response::Takeover{std::move(taken)};
  return response;
}

std::vector<std::pair<std::string, std::string>> upgrade_fields(
    BytesView key, std::span<const std::string_view> subprotocols) {
  std::vector<std::pair<std::string, std::string>> fields{
      {"Connection", "Upgrade"},
      {"Upgrade", "websocket"},
      {"Sec-WebSocket-Version", std::string(version)},
      {"Sec-WebSocket-Key", to_base64(key)}};
  if (!subprotocols.empty()) {
    fields.emplace_back("Sec-WebSocket-Protocol", fmt::format("{}", fmt::join(subprotocols, ", ")));
  }
  return fields;
}

// Section 4.1, at its end.
Result<std::string> check_upgrade(const ResponseHead& answer, BytesView key,
                                  std::span<const std::string_view> subprotocols) {
  const auto& fields = answer.fields;
  if (answer.status != 101 || !has_token(fields, "Connection", "upgrade") ||
      !has_token(fields, "Upgrade", "websocket")) {
    return fail(Errc::violation, "not an upgrade to WebSocket");
  }
  const auto accept = fields.find("Sec-WebSocket-Accept");
  if (!accept || *accept != accept_value(to_base64(key))) {
    return fail(Errc::violation, "upgrade with a foreign Sec-WebSocket-Accept");
  }
  if (fields.find("Sec-WebSocket-Extensions")) {
    return fail(Errc::violation, "upgrade with an extension that was not asked for");
  }
  const auto chosen = fields.find("Sec-WebSocket-Protocol").value_or("");
  if (!chosen.empty() && std::ranges::find(subprotocols, chosen) == subprotocols.end()) {
    return fail(Errc::violation, "upgrade to a subprotocol that was not asked for");
  }
  return std::string(chosen);
}

}  // namespace goop::net::http
