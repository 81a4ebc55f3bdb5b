// HTTP/1.1 server: connections in, requests to one handler, answers out.
//
//   http::Server server(runtime, {.name = "viewer", .own_fields = security_headers}, handler);
//   server.serve(std::move(listener));          // any number of listeners
//   co_await server.stop(Deadline::after(runtime.now(), 2s));
//
// Requests of one connection are answered in order (pipelining is safe because the next one is not
// parsed before). The usual small exchange costs one read and one gathered write. A client that is
// slow, silent or half-closed costs one connection for a bounded time: head, body, pause between
// requests and each chunk that it takes have their limits. At the cap room is made by fairness
// among networks (base/fair_places.h): who is silent goes first, and who has most goes before
// others; who gets no place, and who loses one within a request, is told so (503).
//
// Owns: its listeners and connections.   Borrows: Runtime.   Thread: loop only.
// Limits: net/http/limits.h.
// Errors: a Failure or Error of the handler, also of a body before its first byte, is answered by
// `ServerOptions::failed`; a body that fails later ends the connection, so that the client knows.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "base/failure_log.h"
#include "base/fair_places.h"
#include "base/task_scope.h"
#include "net/http/message.h"
#include "net/network.h"

namespace goop::net::http {

class Connection;

// Whom a connection counts for when places are short.
struct ClientKey {
  std::string network;                     // those with the same one share its places
  Standing standing = Standing::unproven;  // before its first request; known: closed last
};

struct ServerOptions {
  std::string name = "http";
  // Lines ("Name: value\r\n") of the answers that the server makes itself.
  std::string own_fields = {};
  std::vector<std::string> cookies = {};  // names of those that the handler reads, and no others
  std::size_t connections = 0;            // cap; 0: limits::connections
  bool users = false;                     // asks whose each connection is: Request::user
  // Asked when a connection has come, with `remote` and `user` alone, and of each request. Without
  // it an IPv4 /24 and an IPv6 /48 are one network.
  std::function<ClientKey(const Request&)> client_key = {};
  // The answer to what went wrong in the handler; without it a plain text one.
  std::function<Response(const Request& request, const Error& error)> failed = {};
};

struct ServerCounters {
  std::uint64_t connections = 0, refused = 0, requests = 0, bytes_out = 0;
  std::uint64_t gave_way = 0;               // connections that were ended for others
  std::uint64_t taken_over = 0;             // connections that left HTTP
  std::array<std::uint64_t, 6> by_class{};  // answers by status / 100
};

// Counts one up for as long as it lives, where there is something to count.
class Count {
 public:
  explicit Count(std::size_t* count) : count_(count) {
    if (count_) ++*count_;
  }
  Count(const Count&) = delete;
  Count& operator=(const Count&) = delete;
  ~Count() {
    if (count_) --*count_;
  }

 private:
  std::size_t* count_;
};

class Server {
 public:
  using Handler = std::function<Task<Response>(Request&)>;

  Server(Runtime& runtime, ServerOptions options, Handler handler);
  ~Server();  // stop() must have run

  void serve(std::unique_ptr<Listener> listener);
  void serve(std::unique_ptr<ByteStream> stream);  // one connection

  // Takes nothing new, lets answers under way finish until `by`, then ends them; endless ones at
  // once. Connections that were taken over are not its business: stop their takers after this.
  Task<> stop(Deadline by);

  std::size_t open_connections() const { return all_.size(); }  // those taken over not included
  const ServerCounters& counters() const { return counters_; }
  std::uint64_t accepts_failed() const { return accepting_.failures(); }

 private:
  friend class Connection;
  Task<> accept(std::shared_ptr<Listener> listener);
  ClientKey client_of(const Request& request) const;
  bool make_room(const std::string& network);
  Task<> turn_away(std::unique_ptr<ByteStream> stream);
  // The whole of an answer behind which the connection ends. `fields`: further lines.
  std::string last_answer(int status, std::string_view text, std::string_view fields = {});
  std::string busy_answer();
  std::string_view date();

  Runtime& runtime_;
  ServerOptions options_;
  Handler handler_;
  ServerCounters counters_;
  FairPlaces<std::uint64_t, std::string> places_;
  std::map<std::uint64_t, Connection*> all_;  // by number, in order of arrival
  std::uint64_t last_number_ = 0;
  std::size_t refusing_ = 0;  // connections that are told so
  std::size_t endless_ = 0;   // of them, how many send an endless body
  bool stopping_ = false;
  Signal fewer_;
  FailureLog accepting_;
  std::string date_;
  std::int64_t date_second_ = -1;
  std::vector<std::shared_ptr<Listener>> listeners_;
  TaskScope tasks_;
};

}  // namespace goop::net::http
