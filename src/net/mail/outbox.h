// Mails on their way out: a bounded queue, sent one after the other, tried again where that helps.
//
//   Outbox outbox(runtime, smtp_delivery(runtime, server));
//   outbox.start();
//   if (!outbox.put(mail)) …busy…
//   co_await outbox.stop();
//
// Why a mail was not sent is in the log, at each try. What waits at the stop is lost, and said so.
//
// Owns: the queue.   Borrows: Runtime.   Thread: loop only.
// Limits: limits::waiting, limits::tries, limits::delivery_time
#pragma once

#include <functional>
#include <map>

#include "base/signal.h"
#include "base/task_scope.h"
#include "net/mail/message.h"
#include "net/mail/smtp.h"

namespace goop::net::mail {

struct OutboxCounters {
  std::uint64_t sent = 0, failed_tries = 0, given_up = 0, refused = 0;
};

class Outbox {
 public:
  // One try; throws Failure with the errors of smtp.h.
  using Deliver = std::function<Task<>(Mail, Deadline)>;

  Outbox(Runtime& runtime, Deliver deliver);

  void start();
  bool has_room() const;
  bool put(Mail mail);  // false: there is no room
  Task<> stop();

  std::size_t waiting() const { return waiting_.size(); }
  const OutboxCounters& counters() const { return counters_; }

 private:
  struct Waiting {
    Mail mail;
    int tries = 0;
  };
  Task<> send_on();
  void failed(Waiting waiting, const Error& error);

  Runtime& runtime_;
  Deliver deliver_;
  std::multimap<Instant, Waiting> waiting_;  // by when they are due
  bool sending_ = false;
  OutboxCounters counters_;
  Signal news_;
  TaskScope tasks_;
};

// Composes and sends on the pool. What it has begun it gives up within a second when cancelled.
Outbox::Deliver smtp_delivery(Runtime& runtime, SmtpServer server);

}  // namespace goop::net::mail
