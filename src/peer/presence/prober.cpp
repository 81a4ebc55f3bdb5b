#include "peer/presence/prober.h"

namespace goop::peer::presence {

void Prober::probe(const p2p::PeerId& peer) {
  std::erase_if(failed_, [now = runtime_.now()](const auto& each) {
    return now - each.second >= limits::probe_pause;
  });
  if (tasks_.closing() || failed_.contains(peer)) return;
  if (waiting_.size() >= limits::probes_waiting || !wanted_.insert(peer).second) return;
  waiting_.push_back(peer);
  fill();
}

void Prober::fill() {
  while (!waiting_.empty() && running_.size() < limits::probes_at_once) {
    const auto peer = waiting_.front();
    waiting_.pop_front();
    running_.insert(peer);
    tasks_.spawn(run_one(peer));
  }
}

Task<> Prober::run_one(p2p::PeerId peer) {
  auto asking = ask_(peer, Deadline::after(runtime_.now(), limits::probe_time));
  auto label = co_await attempt(std::move(asking));
  done(peer, label ? std::optional(*std::move(label)) : std::nullopt);
}

void Prober::done(const p2p::PeerId& peer, std::optional<std::string> label) {
  running_.erase(peer);
  wanted_.erase(peer);
  if (!label) failed_[peer] = runtime_.now();
  tell_(peer, std::move(label));
  fill();
  if (wanted_.empty()) idle_.notify_all();
}

Task<> Prober::settled(Deadline by) {
  while (!wanted_.empty()) {
    const Wake why = co_await idle_.wait_until(by);
    if (why == Wake::deadline) co_return;
  }
}

}  // namespace goop::peer::presence
