// HTTP/1.1 server: connections in, requests to one handler, answers out.
//
//   http::Server server(runtime, {.name = "viewer", .own_fields = security_headers}, handler);
//   server.serve(std::move(listener));          // any number of listeners
//   co_await server.stop(Deadline::after(runtime.now(), 2s));
//
// Requests of one connection are answered in order (pipelining is safe because the next one is not
// parsed before). The usual small exchange costs one read and one gathered write. A client that is
// slow, silent or half-closed costs one connection for a bounded time: head, body, pause between
// requests and each chunk that it takes have their limits; at the cap the longest idle connection
// makes room.
//
// Owns: its listeners and connections.   Borrows: Runtime.   Thread: loop only.
// Limits: net/http/limits.h.
// Errors: a Failure or Error of the handler, also of a body before its first byte, is answered by
// `ServerOptions::failed`; a body that fails later ends the connection, so that the client knows.
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "base/task_scope.h"
#include "net/http/message.h"
#include "net/network.h"

namespace goop::net::http {

class Connection;

struct ServerOptions {
  std::string name = "http";
  std::string own_fields;  // lines ("Name: value\r\n") of the answers that the server makes itself
  std::size_t connections = 0;  // cap; 0: limits::connections
  bool users = false;           // asks whose each connection is: Request::user
  // The answer to what went wrong in the handler; without it a plain text one.
  std::function<Response(const Request& request, const Error& error)> failed;
};

struct ServerCounters {
  std::uint64_t connections = 0, refused = 0, requests = 0, bytes_out = 0;
  std::uint64_t taken_over = 0;             // connections that left HTTP
  std::array<std::uint64_t, 6> by_class{};  // answers by status / 100
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

  std::size_t open_connections() const { return open_; }  // those taken over not included
  const ServerCounters& counters() const { return counters_; }

 private:
  friend class Connection;
  Task<> accept(std::shared_ptr<Listener> listener);
  bool make_room();
  std::string_view date();

  Runtime& runtime_;
  ServerOptions options_;
  Handler handler_;
  ServerCounters counters_;
  std::list<Connection*> all_;   // in order of arrival
  std::list<Connection*> idle_;  // waiting for a request, the longest first
  std::size_t open_ = 0;
  std::size_t endless_ = 0;  // of them, how many send an endless body
  bool stopping_ = false;
  Signal fewer_;
  std::string date_;
  std::int64_t date_second_ = -1;
  std::vector<std::shared_ptr<Listener>> listeners_;
  TaskScope tasks_;
};

}  // namespace goop::net::http
