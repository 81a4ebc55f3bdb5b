#include "net/http/server.h"

#include "base/failure_log.h"
#include "base/log.h"
#include "base/supervised.h"
#include "net/http/connection.h"
#include "net/http/date.h"
#include "net/http/limits.h"
#include "net/network_prefix.h"

namespace goop::net::http {
namespace {

ServerOptions with_defaults(ServerOptions options) {
  if (options.connections == 0) options.connections = limits::connections;
  return options;
}

Task<> run_connection(std::shared_ptr<Connection> connection) { co_await connection->run(); }

}  // namespace

Server::Server(Runtime& runtime, ServerOptions options, Handler handler)
    : runtime_(runtime),
      options_(with_defaults(std::move(options))),
      handler_(std::move(handler)),
      places_({.places = options_.connections}),
      fewer_(runtime),
      accepting_("http.accept", options_.name),
      tasks_(runtime, options_.name) {}

Server::~Server() = default;

void Server::serve(std::unique_ptr<Listener> listener) {
  listeners_.push_back(std::move(listener));
  auto start = [this, shared = listeners_.back()] { return accept(shared); };
  tasks_.spawn(supervised(runtime_, options_.name + " listener", std::move(start)));
}

void Server::serve(std::unique_ptr<ByteStream> stream) {
  if (stopping_) return;
  ++counters_.connections;
  Request nothing_yet;
  nothing_yet.remote = stream->remote();
  if (options_.users) nothing_yet.user = stream->remote_user();
  const auto client = client_of(nothing_yet);
  if (!make_room(client.network)) {
    ++counters_.refused;
    if (refusing_ < limits::refusals) {
      tasks_.spawn(turn_away(std::move(stream)));
      return;
    }
    const std::string answer = busy_answer();
    const BytesView part = as_bytes(answer);
    stream->try_write(std::span(&part, 1));
    return;  // dropping it closes it
  }
  auto connection =
      std::make_shared<Connection>(*this, std::move(stream), nothing_yet.user, client);
  tasks_.spawn(run_connection(std::move(connection)), [this](const std::optional<Error>& error) {
    if (error) {
      log::debug("http.connection", {{"server", options_.name}, {"error", to_string(*error)}});
    }
  });
}

ClientKey Server::client_of(const Request& request) const {
  if (options_.client_key) return options_.client_key(request);
  return {network_of(request.remote.address, prefix::network).to_string(), Standing::unproven};
}

// What a connection does is noted when it is to give way, and not at each request: whoever turns
// out to have been active since is passed over. Who gives way ends in a later turn of the loop, so
// for a moment there may be some more than the cap.
bool Server::make_room(const std::string& network) {
  if (!places_.full()) return true;
  if (all_.size() >= 2 * options_.connections) return false;
  std::optional<std::uint64_t> least;
  for (std::size_t i = 0; i <= all_.size(); ++i) {
    const auto looked_at = std::exchange(least, places_.whom_to_replace(network, runtime_.now()));
    if (!least) return false;
    if (least == looked_at) break;
    places_.touch(*least, all_.at(*least)->busy_until());
  }
  places_.remove(*least);
  ++counters_.gave_way;
  all_.at(*least)->give_way();
  return true;
}

std::string Server::last_answer(int status, std::string_view text, std::string_view fields) {
  ++counters_.by_class[static_cast<std::size_t>(status / 100)];
  return fmt::format(
      "HTTP/1.1 {} {}\r\n{}{}{}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}\n",
      status, reason(status), date(), options_.own_fields, fields, text.size() + 1, text);
}

std::string Server::busy_answer() {
  return last_answer(503, "too many connections: try again in a moment",
                     fmt::format("Retry-After: {}\r\n", limits::retry_after / 1s));
}

// Says that there is no place, and waits a moment for the request: an end before it has come would
// take the answer along (a reset).
Task<> Server::turn_away(std::unique_ptr<ByteStream> stream) {
  const Count counted(&refusing_);
  Timer timer(runtime_.timers(), [&stream] { stream->abort(); });
  timer.arm(runtime_.now() + limits::refusal_time);
  const std::string answer = busy_answer();
  const BytesView part = as_bytes(answer);
  co_await stream->write(std::span(&part, 1));
  stream->shutdown_write();
  Bytes dropped(limits::head_bytes);
  std::size_t left = limits::lingered_bytes;
  while (left > 0) {
    const auto got = co_await stream->read_some(dropped);
    if (got == 0) break;
    left -= std::min(left, got);
  }
}

Task<> Server::accept(std::shared_ptr<Listener> listener) {
  while (!stopping_) {
    auto accepting = listener->accept();
    auto stream = co_await attempt(std::move(accepting));
    if (stopping_) co_return;
    if (stream) {
      accepting_.succeeded();
      serve(std::move(*stream));
      continue;
    }
    accepting_.failed(stream.error(), runtime_.now());
    co_await runtime_.sleep_for(limits::accept_pause);
  }
}

Task<> Server::stop(Deadline by) {
  stopping_ = true;
  for (auto& listener : listeners_) listener->close();
  for (const auto& [number, connection] : all_) connection->finish();
  while (all_.size() > endless_) {
    const Wake why = co_await fewer_.wait_until(by);
    if (why == Wake::deadline) break;
  }
  co_await tasks_.close();
  listeners_.clear();
}

// The Date line, made once a second.
std::string_view Server::date() {
  const auto second = to_ms(runtime_.wall()) / 1000;
  if (second != date_second_) {
    date_second_ = second;
    date_ = fmt::format("Date: {}\r\n", http_date(second));
  }
  return date_;
}

}  // namespace goop::net::http
