// What the routes of the server work with, and how they phrase their answers.
#pragma once

#include "base/json.h"
#include "net/http/router.h"
#include "net/http/server.h"
#include "rendezvous/admin_gate.h"
#include "rendezvous/client_address.h"
#include "rendezvous/desk.h"
#include "rendezvous/event_streams.h"
#include "rendezvous/ingest.h"
#include "rendezvous/journal.h"
#include "rendezvous/registration/registration.h"
#include "rendezvous/server.h"
#include "rendezvous/sockets.h"

namespace goop::manual {
class Manual;
}

namespace goop::rendezvous {

class FrontPage;

namespace backplane {
class Service;
}

struct Context {
  Runtime& runtime;
  const Options& options;
  Board& board;
  Hub& hub;
  Sockets& sockets;
  EventStreams& streams;
  Ingest& ingest;
  Desk* desk = nullptr;
  AdminGate* gate = nullptr;
  Journal* journal = nullptr;  // null: memory only
  Registration* registration = nullptr;
  std::string base_url = {};             // of links in mails: never what a request says
  backplane::Service* others = nullptr;  // null: this server alone
  const net::http::Server* http = nullptr;
  manual::Manual* book = nullptr;
  FrontPage* front = nullptr;
  WallTime started{};
  std::size_t capacity = 0;  // connections of all kinds

  // Whether an e-mail address was confirmed: said on our own screens only where somebody asks for
  // it. (On the wire every peer of a server without registration is "verified", as the reference
  // program has it.)
  bool is_verified(const Row& row) const;
  // As it is right now, for a client without proof.
  Audience audience(const net::IpAddress& client) const;
  bool full() const;
};

// One request that may be answered.
struct Exchange {
  net::http::Request& request;
  net::IpAddress address;
  net::IpAddress client;  // as counted

  Asker asker() const;
};

net::http::Response text_answer(int status, std::string_view text);
net::http::Response json_answer(const json::Value& value, int status = 200);
net::http::Response busy_answer(int status, std::string_view text, Duration retry_after);
net::http::Response puzzle_answer(Context& context);  // 428: a proof of work is asked for
net::http::Response error_answer(const Error& error, Duration retry_after);

namespace routes {

using net::http::Response;

Task<Response> publish(Context& context, Exchange& exchange);
Response events(Context& context, Exchange& exchange);
Response ws(Context& context, Exchange& exchange);

Response health(Context& context, Exchange& exchange);
Response ready(Context& context, Exchange& exchange);
Response metrics(Context& context, Exchange& exchange);

Response peers(Context& context, Exchange& exchange);
Response logs(Context& context, Exchange& exchange);

Response operator_page(Context& context, Exchange& exchange);
Response operator_login_page(Context& context, Exchange& exchange);
Task<Response> operator_login(Context& context, Exchange& exchange);
Response operator_logout(Context& context, Exchange& exchange);
Response operator_state(Context& context, Exchange& exchange);
Task<Response> operator_peers(Context& context, Exchange& exchange);
Response operator_blocked(Context& context, Exchange& exchange);
Task<Response> operator_kick(Context& context, Exchange& exchange);
Task<Response> operator_block(Context& context, Exchange& exchange);
Task<Response> operator_unblock(Context& context, Exchange& exchange);

Response register_form(Context& context, Exchange& exchange);
Task<Response> register_ask(Context& context, Exchange& exchange);
Response verify_page(Context& context, Exchange& exchange);
Task<Response> verify(Context& context, Exchange& exchange);
Response registrations(Context& context, Exchange& exchange);

Response capabilities(Context& context, Exchange& exchange);
Response openapi(Context& context, Exchange& exchange);
Response relay(Context& context, Exchange& exchange);
Response relay_status(Context& context, Exchange& exchange);
Response accounts(Context& context, Exchange& exchange);
Response service_logs(Context& context, Exchange& exchange);
Response favicon(Context& context, Exchange& exchange);

Response front(Context& context, Exchange& exchange);
Response manual_front(Context& context, Exchange& exchange);
Response manual_page(Context& context, Exchange& exchange);
Response asset(Context& context, Exchange& exchange);

}  // namespace routes
}  // namespace goop::rendezvous
