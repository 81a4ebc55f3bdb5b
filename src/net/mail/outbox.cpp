#include "net/mail/outbox.h"

#include "base/log.h"
#include "base/supervised.h"
#include "net/mail/limits.h"

namespace goop::net::mail {
namespace {

// Tells the job to end when whoever waits for it does not any more.
struct StopOnExit {
  std::shared_ptr<std::atomic<bool>> stop = std::make_shared<std::atomic<bool>>(false);
  ~StopOnExit() { *stop = true; }
};

Duration pause_after(int tries) {
  Duration pause = limits::first_pause;
  for (int i = 1; i < tries; ++i) pause *= limits::pause_grows;
  return pause;
}

Task<> deliver_on_pool(Runtime& runtime, std::shared_ptr<const SmtpServer> server, Mail mail,
                       Deadline by) {
  std::array<std::uint8_t, 16> unique;
  runtime.random(unique);
  const Stamp stamp{server->from, runtime.wall(), to_hex(unique)};
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(by.at - runtime.now());
  Delivery delivery{*server, mail.to, compose(stamp, mail), time};
  const StopOnExit guard;
  auto job = [delivery = std::move(delivery), stop = guard.stop] {
    return deliver(delivery, *stop);
  };
  const auto slack = Deadline::after(by.at, limits::give_up_time);  // the job ends by itself
  auto running = runtime.offload_until(slack, "mail server", std::move(job));
  auto done = co_await std::move(running);
  or_raise(std::move(done));
}

}  // namespace

Outbox::Deliver smtp_delivery(Runtime& runtime, SmtpServer server) {
  auto shared = std::make_shared<const SmtpServer>(std::move(server));
  return [&runtime, shared](Mail mail, Deadline by) {
    return deliver_on_pool(runtime, shared, std::move(mail), by);
  };
}

Outbox::Outbox(Runtime& runtime, Deliver deliver)
    : runtime_(runtime), deliver_(std::move(deliver)), news_(runtime), tasks_(runtime, "mail") {}

void Outbox::start() {
  tasks_.spawn(supervised(runtime_, "mail", [this] { return send_on(); }));
}

bool Outbox::has_room() const { return waiting_.size() + (sending_ ? 1 : 0) < limits::waiting; }

bool Outbox::put(Mail mail) {
  if (!has_room()) {
    ++counters_.refused;
    return false;
  }
  waiting_.emplace(runtime_.now(), Waiting{std::move(mail)});
  news_.notify_all();
  return true;
}

Task<> Outbox::send_on() {
  for (;;) {
    while (waiting_.empty() || waiting_.begin()->first > runtime_.now()) {
      const auto due = waiting_.empty() ? Deadline::never() : Deadline{waiting_.begin()->first};
      co_await news_.wait_until(due);
    }
    auto next = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    sending_ = true;
    auto sending = deliver_(next.mail, Deadline::after(runtime_.now(), limits::delivery_time));
    const auto sent = co_await attempt(std::move(sending));
    sending_ = false;
    if (sent) {
      ++counters_.sent;
      log::info("mail.sent", {{"to", next.mail.to}});
    } else {
      failed(std::move(next), sent.error());
    }
  }
}

void Outbox::failed(Waiting waiting, const Error& error) {
  ++counters_.failed_tries;
  ++waiting.tries;
  if (waiting.tries >= limits::tries || !is_temporary(error)) {
    ++counters_.given_up;
    log::error("mail.given_up",
               {{"to", waiting.mail.to}, {"tries", waiting.tries}, {"error", error}});
    return;
  }
  const auto pause = pause_after(waiting.tries);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(pause).count();
  log::warn("mail.failed",
            {{"to", waiting.mail.to}, {"error", error}, {"again_in_seconds", seconds}});
  waiting_.emplace(runtime_.now() + pause, std::move(waiting));
}

Task<> Outbox::stop() {
  co_await tasks_.close();
  const auto lost = waiting_.size() + (sending_ ? 1 : 0);
  if (lost > 0) log::warn("mail.lost", {{"mails", lost}});
  waiting_.clear();
  sending_ = false;
}

}  // namespace goop::net::mail
