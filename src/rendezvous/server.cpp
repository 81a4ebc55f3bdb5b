#include "rendezvous/server.h"

#include "base/log.h"
#include "manual/manual.h"
#include "rendezvous/backplane/service.h"
#include "rendezvous/context.h"
#include "rendezvous/guard.h"
#include "rendezvous/pages/front.h"
#include "rendezvous/route_table.h"

namespace goop::rendezvous {

namespace http = net::http;
using http::Request;
using http::Response;

namespace {

std::size_t kept_for_requests(const Options& options) {
  return std::max(limits::least_requests, options.file_limit / limits::files_for_requests);
}

std::size_t capacity_of(const Options& options) {
  const auto kept = limits::files_reserved + kept_for_requests(options);
  return options.file_limit > 2 * kept ? options.file_limit - kept : kept;
}

http::ServerOptions http_options(const Options& options) {
  http::ServerOptions made;
  made.name = "rendezvous";
  made.own_fields = "X-Content-Type-Options: nosniff\r\n";
  made.connections = kept_for_requests(options);
  made.failed = [](const Request&, const Error& error) { return error_answer(error, {}); };
  return made;
}

std::string new_boot(Runtime& runtime) {
  std::array<std::uint8_t, 6> bytes;
  runtime.random(bytes);
  return to_hex(bytes);
}

Response refuse_browser(Guard::Verdict verdict) {
  if (verdict == Guard::Verdict::foreign_page) {
    return text_answer(403, "not for other sites' pages");
  }
  return text_answer(421,
                     "this server does not go by the name that you came with: use its address, or "
                     "let its operator set presence.external_url");
}

Task<Response> at_once(Response response) { co_return response; }

}  // namespace

class Server::Impl {
 public:
  Impl(Runtime& rt, net::Network& network, Options given);

  Task<> start();
  Task<> stop(Deadline by);

  Options options;
  Board board;
  std::uint16_t port = 0;
  std::vector<std::string> connect_urls() const;

 private:
  Task<Response> handle(Request& request);
  Task<Response> dispatch(RouteId route, Exchange& exchange);
  Task<std::optional<Response>> refuse_stranger(const Route& route, const Exchange& exchange);
  void join_others();
  void introduce(const p2p::PeerId& peer);
  void met(const backplane::Meet& meeting);
  void told(const p2p::PeerId& peer, const Outcome& outcome);
  void tell(std::span<const Change> changes);
  void show(const p2p::PeerId& peer, const Outcome& outcome);
  void show(std::span<const Change> changes);
  Task<> expire();

  Runtime& runtime_;
  net::Network& network_;
  Networks trusted_;
  Guard guard_;
  AdminGate gate_;
  std::unique_ptr<Journal> journal_;
  Hub hub_;
  Registration registration_;
  Ingest ingest_;
  Signal sooner_;
  Sockets sockets_;
  EventStreams streams_;
  manual::Manual manual_;
  FrontPage front_;
  Desk desk_;
  std::unique_ptr<backplane::Service> others_;  // null: this server alone
  Context context_;
  http::Router router_;
  http::Server http_;
  TaskScope tasks_;
};

Server::Impl::Impl(Runtime& rt, net::Network& network, Options given)
    : options(std::move(given)),
      board({options.peers, options.ttl}),
      runtime_(rt),
      network_(network),
      guard_(options.external_url),
      gate_(rt, options.admin_password, options.external_url),
      hub_(rt, board, new_boot(rt)),
      registration_(rt, network, options.registration),
      ingest_(rt, board,
              [this](const p2p::PeerId& peer, const Outcome& outcome) { told(peer, outcome); }),
      sooner_(rt),
      sockets_(
          rt, board, hub_, ingest_,
          {[this](std::vector<Change> changes) { tell(changes); }, [this] { sooner_.notify_all(); },
           [this](const net::IpAddress& client) { return context_.audience(client); },
           [this](const p2p::PeerId& peer) { introduce(peer); }}),
      streams_(rt, hub_),
      manual_(options.manual),
      front_(rt, board, options, [this] { return connect_urls(); }),
      desk_(rt, board, hub_, sockets_, ingest_,
            [this](std::vector<Change> changes) { tell(changes); }),
      context_{rt, options, board, hub_, sockets_, streams_, ingest_},
      http_(rt, http_options(options), [this](Request& request) { return handle(request); }),
      tasks_(rt, "rendezvous") {
  const auto table = route_table();
  for (std::size_t i = 0; i < table.size(); ++i) router_.add(table[i].method, table[i].pattern, i);
  context_.desk = &desk_;
  context_.gate = &gate_;
  context_.registration = &registration_;
  context_.http = &http_;
  context_.book = &manual_;
  context_.front = &front_;
  context_.capacity = capacity_of(options);
}

// --- life ---

Task<> Server::Impl::start() {
  trusted_ = or_raise(Networks::parse(options.trusted_proxies));
  context_.started = runtime_.wall();
  // The port first: a second server must not touch the first one's database.
  auto listener = or_raise(network_.listen(options.bind, {}));
  port = listener->local().port;
  context_.base_url = connect_urls().front();
  if (!options.peer_db.empty()) {
    journal_ = co_await Journal::open(runtime_, options.peer_db);
    co_await journal_->load(board);
    context_.journal = journal_.get();
    ingest_.use(journal_.get());
    if (registration_.required()) co_await registration_.open(journal_->database());
    co_await desk_.load(journal_->database());
  }
  if (registration_.required()) ingest_.ask(registration_);
  if (!options.backplane.empty()) join_others();
  tasks_.spawn(hub_.run());
  tasks_.spawn(sockets_.run());
  tasks_.spawn(expire());
  co_await gate_.start();
  if (gate_.on()) tasks_.spawn(desk_.run());
  http_.serve(std::move(listener));
}

Task<> Server::Impl::stop(Deadline by) {
  co_await http_.stop(by);
  if (others_) co_await others_->stop();
  sockets_.farewell();
  hub_.finish_all();
  co_await runtime_.sleep_until(by.sooner(Deadline::after(runtime_.now(), limits::stop_flush)));
  co_await tasks_.close();
  co_await sockets_.stop();
  co_await streams_.stop();
  co_await ingest_.stop();
  co_await hub_.stop();
  co_await registration_.stop();
  if (journal_) co_await journal_->close();
}

void Server::Impl::join_others() {
  backplane::Service::Hooks hooks;
  hooks.told = [this](const std::vector<backplane::Told>& all) {
    for (const auto& [peer, outcome] : all) show(peer, outcome);
  };
  hooks.met = [this](const backplane::Meet& meeting) { met(meeting); };
  hooks.sooner = [this] { sooner_.notify_all(); };
  others_ = std::make_unique<backplane::Service>(
      runtime_, board, or_raise(net::NatsServers::parse(options.backplane)), std::move(hooks));
  context_.others = others_.get();
  others_->start();
}

Task<> Server::Impl::expire() {
  for (;;) {
    co_await sooner_.wait_until({board.next_due()});
    tell(board.expire(runtime_.now(), runtime_.wall()));
  }
}

// --- news ---

void Server::Impl::told(const p2p::PeerId& peer, const Outcome& outcome) {
  show(peer, outcome);
  if (others_) others_->changed(outcome.changes);
  if (outcome.addresses_new && sockets_.hint(peer)) introduce(peer);
}

// To peers with sockets at other servers.
void Server::Impl::introduce(const p2p::PeerId& peer) {
  if (others_) others_->meet({peer, {}});
}

void Server::Impl::met(const backplane::Meet& meeting) {
  if (!meeting.others.empty()) {
    sockets_.introduce(meeting.peer, meeting.others);
    return;
  }
  auto told = sockets_.introduce(meeting.peer);
  if (!told.empty()) others_->meet({meeting.peer, std::move(told)});
}

void Server::Impl::tell(std::span<const Change> changes) {
  show(changes);
  if (others_) others_->changed(changes);
}

// To those who listen here, and to the disk.
void Server::Impl::show(const p2p::PeerId& peer, const Outcome& outcome) {
  show(outcome.changes);
  if (outcome.moved_from && board.rows_at(*outcome.moved_from) == 0) {
    hub_.change_audience(*outcome.moved_from, Audience::open);
  }
  const auto* row = board.find(peer);
  const bool first =
      row && (outcome.arrived || outcome.moved_from) && board.rows_at(row->address) == 1;
  if (first) hub_.change_audience(row->address, context_.audience(row->address));
}

void Server::Impl::show(std::span<const Change> changes) {
  if (changes.empty()) return;
  hub_.tell(changes);
  if (journal_) journal_->record(changes, board);
  for (const auto& change : changes) {
    if (change.kind != Change::Kind::gone || board.rows_at(change.address) > 0) continue;
    hub_.change_audience(change.address, Audience::open);
  }
}

// --- one request ---

// Of one whom the gate does not know.
Response unauthorized(const Route& route, const Request& request) {
  if (route.access == Access::admin_page) {
    Response response(303);
    response.add_lines(
        "Location: /admin/login\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n");
    return response;
  }
  auto response = text_answer(401, "unauthorized");
  // A program and an address typed in are asked for a password. Our own page asks in its own words,
  // and no other page shall make the browser ask.
  const bool by_page = request.field("X-Goop-Session") || request.field("Origin") ||
                       request.field("Sec-Fetch-Mode").value_or("navigate") != "navigate";
  if (!by_page) response.add("WWW-Authenticate", "Basic realm=\"Goop2 Admin\"");
  return response;
}

// Nothing: it is the operator, who may do this.
Task<std::optional<Response>> Server::Impl::refuse_stranger(const Route& route,
                                                            const Exchange& exchange) {
  const auto& request = exchange.request;
  if (route.access == Access::admin_page && gate_.shows_page(request)) co_return std::nullopt;
  const auto verdict = co_await gate_.ask(request, exchange.client);
  switch (verdict) {
    case AdminGate::Verdict::switched_off:
      co_return text_answer(403, "there is no admin password (presence.admin_password)");
    case AdminGate::Verdict::too_many_tries:
      co_return busy_answer(429, "too many tries", 60s / limits::admin_tries_per_minute);
    case AdminGate::Verdict::busy:
      co_return busy_answer(503, "too many people log in", 1s);
    case AdminGate::Verdict::unknown:
      co_return unauthorized(route, request);
    case AdminGate::Verdict::session:
    case AdminGate::Verdict::basic:
      break;
  }
  const bool acts = route.method != http::Method::get;
  if (acts && !gate_.may_act(request, verdict)) co_return text_answer(403, "not from here");
  co_return std::nullopt;
}

Task<Response> Server::Impl::handle(Request& request) {
  const auto match = router_.match(request.method, request.target);
  if (match.kind == http::Match::Kind::none) co_return text_answer(404, "not found");
  if (match.kind == http::Match::Kind::wrong_method) {
    auto response = text_answer(405, "method not allowed");
    response.add("Allow", match.allow);
    co_return response;
  }
  const auto& route = route_table()[match.route];
  const auto guarded = guard_.ask(route, request);
  if (guarded != Guard::Verdict::pass) co_return refuse_browser(guarded);
  Exchange exchange{request, counted_as(client_address(request, trusted_))};
  if (route.access != Access::anybody) {
    auto refused = co_await refuse_stranger(route, exchange);
    if (refused) co_return *std::move(refused);
  }
  co_return co_await dispatch(route.id, exchange);
}

// No coroutine: its frame would hold room for a call of each route.
Task<Response> Server::Impl::dispatch(RouteId route, Exchange& exchange) {
  switch (route) {
    case RouteId::publish:
      return routes::publish(context_, exchange);
    case RouteId::events:
      return at_once(routes::events(context_, exchange));
    case RouteId::ws:
      return at_once(routes::ws(context_, exchange));
    case RouteId::health:
      return at_once(routes::health(context_, exchange));
    case RouteId::ready:
      return at_once(routes::ready(context_, exchange));
    case RouteId::metrics:
      return at_once(routes::metrics(context_, exchange));
    case RouteId::peers:
      return at_once(routes::peers(context_, exchange));
    case RouteId::logs:
      return at_once(routes::logs(context_, exchange));
    case RouteId::admin:
      return at_once(routes::operator_page(context_, exchange));
    case RouteId::admin_login:
      return at_once(routes::operator_login_page(context_, exchange));
    case RouteId::operator_login:
      return routes::operator_login(context_, exchange);
    case RouteId::operator_logout:
      return at_once(routes::operator_logout(context_, exchange));
    case RouteId::operator_state:
      return at_once(routes::operator_state(context_, exchange));
    case RouteId::operator_peers:
      return at_once(routes::operator_peers(context_, exchange));
    case RouteId::operator_blocked:
      return at_once(routes::operator_blocked(context_, exchange));
    case RouteId::operator_kick:
      return routes::operator_kick(context_, exchange);
    case RouteId::operator_block:
      return routes::operator_block(context_, exchange);
    case RouteId::operator_unblock:
      return routes::operator_unblock(context_, exchange);
    case RouteId::register_form:
      return at_once(routes::register_form(context_, exchange));
    case RouteId::register_ask:
      return routes::register_ask(context_, exchange);
    case RouteId::verify_page:
      return at_once(routes::verify_page(context_, exchange));
    case RouteId::verify:
      return routes::verify(context_, exchange);
    case RouteId::registrations:
      return at_once(routes::registrations(context_, exchange));
    case RouteId::capabilities:
      return at_once(routes::capabilities(context_, exchange));
    case RouteId::openapi:
      return at_once(routes::openapi(context_, exchange));
    case RouteId::relay:
      return at_once(routes::relay(context_, exchange));
    case RouteId::front:
      return at_once(routes::front(context_, exchange));
    case RouteId::manual_front:
      return at_once(routes::manual_front(context_, exchange));
    case RouteId::manual:
      return at_once(routes::manual_page(context_, exchange));
    case RouteId::asset:
      return at_once(routes::asset(context_, exchange));
  }
  raise(Errc::internal, "a route without a handler");
}

// --- its addresses ---

std::vector<std::string> Server::Impl::connect_urls() const {
  const auto url_of = [this](const net::IpAddress& address) {
    return fmt::format("http://{}", net::Endpoint{address, port});
  };
  if (!options.external_url.empty()) return {options.external_url};
  if (!options.bind.address.is_unspecified()) return {url_of(options.bind.address)};
  constexpr std::string_view virtual_ones[] = {"docker", "veth", "br-", "virbr"};
  std::vector<std::string> urls;
  for (const auto& interface : network_.interfaces()) {
    const auto is_virtual = [&](std::string_view start) {
      return interface.name.starts_with(start);
    };
    if (interface.loopback || std::ranges::any_of(virtual_ones, is_virtual)) continue;
    if (interface.address.is_v4()) urls.push_back(url_of(interface.address));
  }
  if (urls.empty()) urls.push_back(url_of(asio::ip::address_v4::loopback()));
  return urls;
}

Server::Server(Runtime& runtime, net::Network& network, Options options)
    : impl_(std::make_unique<Impl>(runtime, network, std::move(options))) {}

Server::~Server() = default;

Task<> Server::start() { return impl_->start(); }
Task<> Server::stop(Deadline by) { return impl_->stop(by); }
std::uint16_t Server::port() const { return impl_->port; }
std::vector<std::string> Server::connect_urls() const { return impl_->connect_urls(); }
std::size_t Server::capacity() const { return capacity_of(impl_->options); }
Board& Server::board() { return impl_->board; }

std::string Server::url() const {
  if (!impl_->options.external_url.empty()) return impl_->options.external_url;
  return fmt::format("http://{}", net::Endpoint{impl_->options.bind.address, impl_->port});
}

}  // namespace goop::rendezvous
