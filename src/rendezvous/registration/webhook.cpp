#include "rendezvous/registration/webhook.h"

#include "base/json.h"
#include "base/log.h"
#include "base/supervised.h"
#include "rendezvous/registration/limits.h"

namespace goop::rendezvous::registration {

namespace http = net::http;

Webhook::Webhook(Runtime& runtime, net::Network& network, http::HttpUrl url)
    : runtime_(runtime),
      tls_(runtime),
      dialer_(runtime, network, tls_),
      url_(std::move(url)),
      news_(runtime),
      tasks_(runtime, "webhook") {}

void Webhook::start() {
  tasks_.spawn(supervised(runtime_, "webhook", [this] { return tell_on(); }));
}

void Webhook::tell(std::string_view email, std::int64_t verified_ms) {
  if (waiting_.size() >= limits::webhooks) {
    ++counters_.dropped;
    log::warn("webhook.dropped", {{"email", email}, {"waiting", waiting_.size()}});
    return;
  }
  waiting_.push_back(json::write(json::Object{{"email", email}, {"verified_at", verified_ms}}));
  news_.notify_all();
}

Task<> Webhook::tell_on() {
  for (;;) {
    while (waiting_.empty()) co_await news_.wait_until(Deadline::never());
    auto body = std::move(waiting_.front());
    waiting_.pop_front();
    auto posting = post(std::move(body));
    const auto answer = co_await attempt(std::move(posting));
    if (!answer) {
      ++counters_.failed;
      log::warn("webhook.failed", {{"url", url_.text()}, {"error", answer.error()}});
    } else if (answer->status >= 400) {
      ++counters_.refused;
      log::warn("webhook.refused", {{"url", url_.text()}, {"status", answer->status}});
    } else {
      ++counters_.told;
    }
  }
}

Task<http::Answer> Webhook::post(std::string body) {
  http::ClientRequest request;
  request.method = "POST";
  request.fields.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  const auto by = Deadline::after(runtime_.now(), limits::webhook_time);
  auto fetching = http::fetch(dialer_, url_, std::move(request), limits::webhook_answer, by);
  co_return co_await std::move(fetching);
}

}  // namespace goop::rendezvous::registration
