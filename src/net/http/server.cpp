#include "net/http/server.h"

#include "base/failure_log.h"
#include "base/log.h"
#include "base/supervised.h"
#include "net/http/connection.h"
#include "net/http/date.h"
#include "net/http/limits.h"

namespace goop::net::http {
namespace {

Task<> run_connection(std::shared_ptr<Connection> connection) { co_await connection->run(); }

}  // namespace

Server::Server(Runtime& runtime, ServerOptions options, Handler handler)
    : runtime_(runtime),
      options_(std::move(options)),
      handler_(std::move(handler)),
      fewer_(runtime),
      tasks_(runtime, options_.name) {
  if (options_.connections == 0) options_.connections = limits::connections;
}

Server::~Server() = default;

void Server::serve(std::unique_ptr<Listener> listener) {
  listeners_.push_back(std::move(listener));
  auto start = [this, shared = listeners_.back()] { return accept(shared); };
  tasks_.spawn(supervised(runtime_, options_.name + " listener", std::move(start)));
}

void Server::serve(std::unique_ptr<ByteStream> stream) {
  if (stopping_) return;
  ++counters_.connections;
  if (!make_room()) {
    ++counters_.refused;
    return;  // dropping it closes it
  }
  auto connection = std::make_shared<Connection>(*this, std::move(stream));
  tasks_.spawn(run_connection(std::move(connection)), [this](const std::optional<Error>& error) {
    if (error) {
      log::debug("http.connection", {{"server", options_.name}, {"error", to_string(*error)}});
    }
  });
}

// At the cap the connection that has waited longest for a request goes; it ends in a later turn of
// the loop, so for a moment there may be some more than the cap.
bool Server::make_room() {
  if (open_ < options_.connections) return true;
  if (idle_.empty() || open_ >= 2 * options_.connections) return false;
  auto* longest = idle_.front();
  idle_.splice(idle_.end(), idle_, idle_.begin());
  longest->finish();
  return true;
}

Task<> Server::accept(std::shared_ptr<Listener> listener) {
  FailureLog failures("http.accept", options_.name);
  while (!stopping_) {
    auto accepting = listener->accept();
    auto stream = co_await attempt(std::move(accepting));
    if (stopping_) co_return;
    if (stream) {
      failures.succeeded();
      serve(std::move(*stream));
      continue;
    }
    failures.failed(stream.error(), runtime_.now());
    co_await runtime_.sleep_for(limits::accept_pause);
  }
}

Task<> Server::stop(Deadline by) {
  stopping_ = true;
  for (auto& listener : listeners_) listener->close();
  for (auto* connection : all_) connection->finish();
  while (open_ > endless_) {
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
