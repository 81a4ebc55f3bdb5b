#include "testing/sim/sim_runtime.h"

namespace goop::sim {

SimRuntime::SimRuntime(std::uint64_t seed) : chance_(seed) {}
SimRuntime::~SimRuntime() = default;

void SimRuntime::run_for(Duration span) {
  const Instant end = saturating_add(now_, span);
  while (step(end)) {
  }
  now_ = end;
}

void SimRuntime::run(Duration limit) {
  const Instant end = saturating_add(now_, limit);
  while (step(end)) {
  }
}

WallTime SimRuntime::wall() const {
  const WallTime birth{1'760'000'000s};
  return birth + std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch());
}

void SimRuntime::random(MutBytes out) {
  for (auto& byte : out) byte = static_cast<std::uint8_t>(chance_());
}

bool SimRuntime::step(Instant limit) {
  if (run_ready()) return true;
  const auto next = next_timer();
  if (!next || *next > limit) return false;
  now_ = std::max(now_, *next);
  timers_.fire_due(now_);
  for (auto* machine : machines_) machine->timers().fire_due(now_);
  return true;
}

bool SimRuntime::run_ready() {
  loop_.restart();
  if (loop_.poll_one() > 0) return true;
  for (auto* machine : machines_) {
    machine->loop().restart();
    if (machine->loop().poll_one() > 0) return true;
  }
  return false;
}

std::optional<Instant> SimRuntime::next_timer() {
  auto next = timers_.next();
  for (auto* machine : machines_) {
    const auto other = machine->timers().next();
    if (other && (!next || *other < *next)) next = other;
  }
  return next;
}

}  // namespace goop::sim
