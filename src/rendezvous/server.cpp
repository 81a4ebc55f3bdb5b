#include "rendezvous/server.h"

#include "base/log.h"
#include "base/supervised.h"
#include "manual/manual.h"
#include "rendezvous/backplane/service.h"
#include "rendezvous/context.h"
#include "rendezvous/entrance.h"
#include "rendezvous/news.h"
#include "rendezvous/own_urls.h"
#include "rendezvous/pages/front.h"

namespace goop::rendezvous {

namespace http = net::http;
using http::Request;

namespace {

std::size_t kept_for_requests(const Options& options) {
  return std::max(limits::least_requests, options.file_limit / limits::files_for_requests);
}

std::size_t capacity_of(const Options& options) {
  const auto kept = limits::files_reserved + kept_for_requests(options);
  return options.file_limit > 2 * kept ? options.file_limit - kept : kept;
}

http::ServerOptions http_options(const Options& options, const Entrance& entrance) {
  http::ServerOptions made;
  made.name = "rendezvous";
  made.own_fields = "X-Content-Type-Options: nosniff\r\n";
  made.cookies = {std::string(operator_cookie)};
  made.connections = kept_for_requests(options);
  made.client_key = [&entrance](const Request& request) { return entrance.key_of(request); };
  made.failed = [](const Request&, const Error& error) { return error_answer(error, {}); };
  return made;
}

std::string new_boot(Runtime& runtime) {
  std::array<std::uint8_t, 6> bytes;
  runtime.random(bytes);
  return to_hex(bytes);
}

}  // namespace

class Server::Impl {
 public:
  Impl(Runtime& rt, net::Network& network, Options given);

  Task<> start();
  Task<> stop(Deadline by);

  Options options;
  Board board;
  std::uint16_t port = 0;
  std::vector<std::string> connect_urls() const { return own_urls(options, port, network_); }

 private:
  void join_others();
  Task<> expire();

  Runtime& runtime_;
  net::Network& network_;
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
  News news_;
  Entrance entrance_;
  http::Server http_;
  TaskScope tasks_;
};

Server::Impl::Impl(Runtime& rt, net::Network& network, Options given)
    : options(std::move(given)),
      board({options.peers, options.ttl}),
      runtime_(rt),
      network_(network),
      gate_(rt, options.admin_password, options.external_url),
      hub_(rt, board, new_boot(rt)),
      registration_(rt, network, options.registration),
      ingest_(
          rt, board,
          [this](const p2p::PeerId& peer, const Outcome& outcome) { news_.taken(peer, outcome); }),
      sooner_(rt),
      sockets_(rt, board, hub_, ingest_,
               {[this](std::vector<Change> changes) { news_.changed(changes); },
                [this] { sooner_.notify_all(); },
                [this](const net::IpAddress& client) { return context_.audience(client); },
                [this](const p2p::PeerId& peer) { news_.introduce(peer); }}),
      streams_(rt, board, hub_),
      manual_(options.manual),
      front_(rt, board, options, [this] { return connect_urls(); }),
      desk_(rt, board, hub_, sockets_, ingest_,
            [this](std::vector<Change> changes) { news_.changed(changes); }),
      context_{rt, options, board, hub_, sockets_, streams_, ingest_},
      news_(context_),
      entrance_(context_),
      http_(rt, http_options(options, entrance_),
            [this](Request& request) { return entrance_.answer(request); }),
      tasks_(rt, "rendezvous") {
  context_.desk = &desk_;
  context_.gate = &gate_;
  context_.registration = &registration_;
  context_.http = &http_;
  context_.book = &manual_;
  context_.front = &front_;
  context_.capacity = capacity_of(options);
}

Task<> Server::Impl::start() {
  entrance_.trust(or_raise(Networks::parse(options.trusted_proxies)));
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
    co_await gate_.load(journal_->database());
  }
  if (registration_.required()) ingest_.ask(registration_);
  if (!options.backplane.empty()) join_others();
  tasks_.spawn(hub_.run());
  tasks_.spawn(supervised(runtime_, "sockets", [this] { return sockets_.run(); }));
  tasks_.spawn(supervised(runtime_, "board expiry", [this] { return expire(); }));
  co_await gate_.start();
  if (gate_.on()) tasks_.spawn(supervised(runtime_, "desk", [this] { return desk_.run(); }));
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
  hooks.told = [this](const std::vector<backplane::Told>& all) { news_.taken_elsewhere(all); };
  hooks.met = [this](const backplane::Meet& meeting) { news_.met(meeting); };
  hooks.sooner = [this] { sooner_.notify_all(); };
  others_ = std::make_unique<backplane::Service>(
      runtime_, board, or_raise(net::NatsServers::parse(options.backplane)), std::move(hooks));
  context_.others = others_.get();
  others_->start();
}

Task<> Server::Impl::expire() {
  for (;;) {
    co_await sooner_.wait_until({board.next_due()});
    news_.changed(board.expire(runtime_.now(), runtime_.wall()));
  }
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

std::string Server::url() const { return own_url(impl_->options, impl_->port); }

}  // namespace goop::rendezvous
