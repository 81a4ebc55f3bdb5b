// Tells a program of the operator's about each address that was verified.
//
//   POST <webhook>   {"email":"ann@example.org","verified_at":1760000000123}
//
// Once and without waiting for what becomes of it: failures, and answers from 400 on, are logged.
//
// Owns: the queue, the TLS context.   Borrows: Runtime, Network.   Thread: loop only.
// Limits: limits::webhooks, limits::webhook_time
#pragma once

#include <deque>

#include "base/signal.h"
#include "base/task_scope.h"
#include "net/http/fetch.h"

namespace goop::rendezvous::registration {

struct WebhookCounters {
  std::uint64_t told = 0, refused = 0, failed = 0, dropped = 0;
};

class Webhook {
 public:
  Webhook(Runtime& runtime, net::Network& network, net::http::HttpUrl url);

  void start();
  Task<> stop() { return tasks_.close(); }
  void tell(std::string_view email, std::int64_t verified_ms);

  const WebhookCounters& counters() const { return counters_; }

 private:
  Task<> tell_on();
  Task<net::http::Answer> post(std::string body);

  Runtime& runtime_;
  net::tls::Context tls_;
  net::http::Dialer dialer_;
  net::http::HttpUrl url_;
  std::deque<std::string> waiting_;
  WebhookCounters counters_;
  Signal news_;
  TaskScope tasks_;
};

}  // namespace goop::rendezvous::registration
