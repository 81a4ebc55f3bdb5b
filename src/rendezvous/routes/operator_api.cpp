// What the operator's page and scripts ask for: docs/dev/protocols/rendezvous.md, "The operator".
#include <charconv>

#include "base/log.h"
#include "base/process.h"
#include "rendezvous/context.h"
#include "rendezvous/operator/limits.h"

namespace goop::rendezvous {

struct PasswordBody {
  std::string password;
};
BOOST_DESCRIBE_STRUCT(PasswordBody, (), (password))
struct PeerBody {
  std::string peerID;
};
BOOST_DESCRIBE_STRUCT(PeerBody, (), (peerID))

namespace routes {
namespace {

Response private_answer(const json::Value& value) {
  Response response;
  response.add_lines("X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n");
  response.text("application/json", json::write(value));
  return response;
}

template <class T>
Task<Result<T>> body_as(const Context& context, net::http::Request& request) {
  const auto by = Deadline::after(context.runtime.now(), limits::body_time);
  const auto bytes = co_await request.read_body(limits::operator_body_bytes, by);
  if (!bytes) co_return std::unexpected(bytes.error());
  co_return json::parse_as<T>(as_text(*bytes));
}

Task<Result<p2p::PeerId>> peer_in(const Context& context, net::http::Request& request) {
  const auto body = co_await body_as<PeerBody>(context, request);
  if (!body) co_return std::unexpected(body.error());
  auto peer = p2p::PeerId::parse(body->peerID);
  if (!peer) co_return fail(Errc::invalid, "peerID: this is no peer id");
  co_return peer;
}

std::uint64_t number_in(std::string_view query, std::string_view name, std::uint64_t standard) {
  const auto text = net::http::query_value(query, name);
  std::uint64_t number = 0;
  if (!text) return standard;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
  return read.ec == std::errc() ? number : standard;
}

json::Object facts_of(const Context& context) {
  const auto uptime = context.runtime.wall() - context.started;
  const auto* journal = context.journal;
  return {
      {"version", context.options.version},
      {"uptimeSeconds", std::chrono::duration_cast<std::chrono::seconds>(uptime).count()},
      {"capacity", context.capacity},
      {"memoryBytes", resident_bytes()},
      {"database", !journal           ? "none"
                   : journal->works() ? "ok"
                                      : "failing"},
      {"ttlSeconds", std::chrono::duration_cast<std::chrono::seconds>(context.options.ttl).count()},
      {"url", context.options.external_url}};
}

double rounded(double rate) { return std::round(rate * 100) / 100; }

json::Array samples_of(const History& history, std::uint64_t after) {
  json::Array list;
  for (const auto& one : history.since(after)) {
    list.push_back(json::Array{one.number, one.peers, one.streams, one.sockets,
                               rounded(one.published), rounded(one.deliveries),
                               rounded(one.refused)});
  }
  return list;
}

json::Object row_of(const Context& context, const Row& row) {
  const auto& presence = row.message->presence;
  json::Array addresses;
  for (const auto& address : presence.addresses) addresses.emplace_back(address.to_string());
  const bool proven = context.sockets.has_proven(presence.peer);
  return {{"peerID", presence.peer.to_string()},
          {"label", presence.label},
          {"email", presence.email},
          {"verified", context.is_verified(row)},
          {"signed", row.is_signed},
          {"listed", presence.listed},
          {"socket", proven                               ? "proven"
                     : context.sockets.has(presence.peer) ? "unproven"
                                                          : "none"},
          {"version", presence.client_version},
          {"from", row.address.to_string()},
          {"addresses", std::move(addresses)},
          {"lastSeen", to_ms(row.last_seen)},
          {"bytesIn", row.bytes_in},
          {"bytesOut", context.board.bytes_told() - row.bytes_base}};
}

// What Desk says of a change, as an answer.
Response outcome_of(const Result<void>& done, json::Object told) {
  if (done) return private_answer(std::move(told));
  if (done.error().code == Errc::too_large) return text_answer(409, done.error().detail);
  return error_answer(done.error(), {});
}

}  // namespace

Task<Response> operator_login(Context& context, Exchange& exchange) {
  auto body = co_await body_as<PasswordBody>(context, exchange.request);
  if (!body) co_return error_answer(body.error(), {});
  auto checking = context.gate->login(std::move(body->password), exchange.asker());
  const auto login = co_await std::move(checking);
  if (const auto* opened = std::get_if<OperatorSessions::Opened>(&login)) {
    auto response = private_answer(json::Object{{"token", opened->token}});
    response.add("Set-Cookie", opened->set_cookie);
    co_return response;
  }
  switch (std::get<PasswordCheck::Verdict>(login)) {
    case PasswordCheck::Verdict::puzzle:
      co_return puzzle_answer(context);
    case PasswordCheck::Verdict::busy:
      co_return busy_answer(503, "too many people log in", 1s);
    case PasswordCheck::Verdict::right:
    case PasswordCheck::Verdict::wrong:
      break;
  }
  co_return text_answer(401, "this is not the password");
}

Response operator_logout(Context& context, Exchange& exchange) {
  Response response(204);
  response.add_lines("X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n");
  response.add("Set-Cookie", context.gate->logout(exchange.request));
  return response;
}

Response operator_state(Context& context, Exchange& exchange) {
  const auto after = number_in(exchange.request.target.query, "after", 0);
  const auto now = context.desk->figures();
  return private_answer(json::Object{
      {"server", facts_of(context)},
      {"counts", json::Object{{"peers", now.peers},
                              {"unsigned", context.board.unsigned_size()},
                              {"eventStreams", now.streams},
                              {"sockets", now.sockets},
                              {"requests", context.http->open_connections()},
                              {"blocked", context.desk->blocks().list().size()}}},
      {"totals",
       json::Object{
           {"published", now.published}, {"refused", now.refused}, {"deliveries", now.deliveries}}},
      {"sampleSeconds", std::chrono::seconds(limits::sample_every).count()},
      {"samples", samples_of(context.desk->history(), after)}});
}

// By label, which does not jump about as times do.
Task<Response> operator_peers(Context& context, Exchange& exchange) {
  const auto query = exchange.request.target.query;
  const auto search = net::http::query_value(query, "search").value_or("");
  if (search.size() > limits::operator_search_bytes) {
    co_return text_answer(400, "search: at most 200 bytes");
  }
  const auto room = std::min<std::uint64_t>(number_in(query, "room", limits::operator_rows),
                                            limits::operator_rows);
  co_await context.desk->roll().ready();
  const auto found = context.desk->roll().find(search, room);
  json::Array list;
  list.reserve(found.first.size());
  for (const auto& peer : found.first) {
    if (const auto* row = context.board.find(peer)) list.push_back(row_of(context, *row));
  }
  json::Object told{
      {"all", context.board.size()}, {"found", found.count}, {"peers", std::move(list)}};
  co_return private_answer(std::move(told));
}

Response operator_blocked(Context& context, Exchange&) {
  std::vector<const Blocks::List::value_type*> blocks;
  for (const auto& block : context.desk->blocks().list()) blocks.push_back(&block);
  std::ranges::sort(blocks,
                    [](const auto* a, const auto* b) { return a->second.at > b->second.at; });
  json::Array list;
  for (const auto* block : blocks) {
    list.push_back(json::Object{{"peerID", block->first.to_string()},
                                {"label", block->second.label},
                                {"at", block->second.at}});
  }
  return private_answer(json::Object{{"blocked", std::move(list)}});
}

Task<Response> operator_kick(Context& context, Exchange& exchange) {
  const auto peer = co_await peer_in(context, exchange.request);
  if (!peer) co_return error_answer(peer.error(), {});
  if (!context.desk->kick(*peer)) co_return text_answer(404, "this peer is not here");
  log::info("operator.kicked", {{"peer", *peer}});
  co_return private_answer(json::Object{{"kicked", true}});
}

Task<Response> operator_block(Context& context, Exchange& exchange) {
  const auto peer = co_await peer_in(context, exchange.request);
  if (!peer) co_return error_answer(peer.error(), {});
  const auto done = co_await context.desk->block(*peer);
  co_return outcome_of(done, json::Object{{"blocked", true}});
}

Task<Response> operator_unblock(Context& context, Exchange& exchange) {
  const auto peer = co_await peer_in(context, exchange.request);
  if (!peer) co_return error_answer(peer.error(), {});
  const auto done = co_await context.desk->unblock(*peer);
  co_return outcome_of(done, json::Object{{"blocked", false}});
}

}  // namespace routes
}  // namespace goop::rendezvous
