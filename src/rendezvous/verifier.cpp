#include "rendezvous/verifier.h"

namespace goop::rendezvous {

Task<Result<wire::PresenceMessage>> Verifier::check(wire::PresenceMessage message) {
  const auto hash = std::hash<p2p::PeerId>{}(message.presence.peer);
  auto& lane = lanes_[hash % lanes_.size()];
  if (lane.waiting.size() >= limits::verify_queue) {
    co_return fail(Errc::busy, "too many signatures wait to be checked");
  }
  const auto job = std::make_shared<Job>(runtime_, std::move(message));
  lane.waiting.push_back(job);
  if (!lane.running) {
    lane.running = true;
    tasks_.spawn(run(lane));
  }
  while (!job->verdict) {
    co_await job->ready.wait_until(Deadline::never());
  }
  if (!*job->verdict) co_return std::unexpected(job->verdict->error());
  co_return std::move(job->message);
}

Task<> Verifier::run(Lane& lane) {
  while (!lane.waiting.empty()) {
    std::vector<std::shared_ptr<Job>> batch;
    while (!lane.waiting.empty() && batch.size() < limits::verify_batch) {
      batch.push_back(std::move(lane.waiting.front()));
      lane.waiting.pop_front();
    }
    auto check_all = [batch] {
      for (const auto& job : batch) job->verdict = wire::check_signature(job->message);
    };
    auto checking = runtime_.offload(std::move(check_all));
    const auto done = co_await attempt(std::move(checking));
    for (const auto& job : batch) {
      if (!done && !job->verdict) job->verdict = std::unexpected(done.error());
    }
    checked_ += batch.size();
    for (const auto& job : batch) job->ready.notify_all();
  }
  lane.running = false;
}

}  // namespace goop::rendezvous
