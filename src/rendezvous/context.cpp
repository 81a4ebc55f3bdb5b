#include "rendezvous/context.h"

#include "net/http/status.h"

namespace goop::rendezvous {

using net::http::Response;

Audience Context::audience(const net::IpAddress& client) const {
  if (!options.reference_clients) return Audience::open;
  return board.rows_at(client) > 0 ? Audience::peers : Audience::open;
}

Asker Exchange::asker() const {
  return {address, client, std::string(request.field("X-Goop-Proof").value_or(""))};
}

bool Context::is_verified(const Row& row) const {
  return registration->required() && row.message->verified;
}

bool Context::full() const { return hub.size() + http->open_connections() >= capacity; }

Response text_answer(int status, std::string_view text) {
  Response response(status);
  response.add_lines("X-Content-Type-Options: nosniff\r\n");
  response.text("text/plain; charset=utf-8", fmt::format("{}\n", text));
  return response;
}

Response json_answer(const json::Value& value, int status) {
  Response response(status);
  response.add_lines("X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n");
  response.text("application/json", json::write(value));
  return response;
}

Response busy_answer(int status, std::string_view text, Duration retry_after) {
  auto response = text_answer(status, text);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(retry_after).count();
  response.add("Retry-After", fmt::format("{}", std::max<std::int64_t>(1, seconds)));
  return response;
}

Response puzzle_answer(Context& context) {
  const auto challenge = context.gate->challenge();
  Response response(428);  // Precondition Required
  response.add_lines("X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n");
  response.text("application/json",
                json::write(json::Object{{"challenge", challenge.text}, {"bits", challenge.bits}}));
  return response;
}

Response error_answer(const Error& error, Duration retry_after) {
  switch (error.code) {
    case Errc::busy:
      return busy_answer(429, error.detail, retry_after);
    case Errc::storage:
      return busy_answer(503, error.detail, limits::prune);
    case Errc::unverified:  // to the sender it is a message that is not right
      return text_answer(400, error.detail);
    default:
      return text_answer(net::http::status_of(error.code), error.detail);
  }
}

}  // namespace goop::rendezvous
