// GET /events and GET /ws: connections that leave HTTP and become readers.
#include "net/http/websocket_handshake.h"
#include "rendezvous/context.h"

namespace goop::rendezvous::routes {
namespace {

namespace http = net::http;

constexpr std::string_view delta_protocol = "goop.presence.delta";

Response full_house() {
  return busy_answer(503, "this server has as many connections as it can hold", limits::prune);
}

bool over_share(std::size_t at_client, std::size_t share, const net::IpAddress& client) {
  return at_client >= share && !client.is_loopback();
}

// Where a reader says it broke off; what cannot be understood is as far back as can be.
std::optional<std::uint64_t> resume_point(const Context& context, const http::Request& request) {
  std::optional<std::string> told;
  if (const auto field = request.field("Last-Event-ID")) told = std::string(*field);
  if (!told) told = http::query_value(request.target.query, "last_event_id");
  if (!told || told->empty()) return std::nullopt;
  return context.hub.ids().parse(*told).value_or(std::numeric_limits<std::uint64_t>::max());
}

}  // namespace

Response events(Context& context, Exchange& exchange) {
  if (context.full()) return full_house();
  const auto& client = exchange.client;
  if (over_share(context.streams.size_at(client), limits::streams_per_address, client)) {
    return busy_answer(429, "too many streams from this address", limits::prune);
  }
  const bool delta = http::query_value(exchange.request.target.query, "mode") == "delta";
  const auto format = delta ? Format::sse_delta : Format::sse_full;
  Response response(200);
  response.add_lines(
      "Content-Type: text/event-stream\r\nCache-Control: no-cache\r\nConnection: keep-alive\r\n"
      "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\n");
  const auto resume_after = resume_point(context, exchange.request);
  auto begin = [&context, client, format, resume_after](http::Handover connection) {
    context.streams.open(std::move(connection), client, format, context.audience(client),
                         resume_after);
  };
  response.body = Response::Takeover{std::move(begin)};
  return response;
}

Response ws(Context& context, Exchange& exchange) {
  const auto& query = exchange.request.target.query;
  if (context.full()) return full_house();
  if (http::query_value(query, "probe") == "1") {
    auto answer = [&context](http::Handover connection) {
      context.sockets.probe(std::move(connection));
    };
    return http::accept_websocket(exchange.request, {}, std::move(answer));
  }
  const auto id = http::query_value(query, "peer_id");
  if (!id || id->empty()) return text_answer(400, "peer_id required");
  const auto peer = p2p::PeerId::parse(*id);
  if (!peer || !context.board.find(*peer)) {
    return text_answer(425, "unknown peer: publish first");
  }
  if (context.desk->blocks().has(*peer)) return text_answer(403, blocked_text);
  const auto& client = exchange.client;
  if (over_share(context.sockets.size_at(client), limits::sockets_per_address, client)) {
    return busy_answer(429, "too many sockets from this address", limits::prune);
  }
  const auto chosen = http::choose_subprotocol(exchange.request, std::span(&delta_protocol, 1));
  Sockets::Opening opening{*peer, client, chosen.empty() ? Format::ws_full : Format::ws_delta,
                           resume_point(context, exchange.request)};
  auto begin = [&context, opening = std::move(opening)](http::Handover connection) mutable {
    context.sockets.open(std::move(connection), std::move(opening));
  };
  return http::accept_websocket(exchange.request, chosen, std::move(begin));
}

}  // namespace goop::rendezvous::routes
