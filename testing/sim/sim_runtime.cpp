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
  loop_.restart();
  if (loop_.poll_one() > 0) return true;
  const auto next = timers_.next();
  if (!next || *next > limit) return false;
  now_ = std::max(now_, *next);
  timers_.fire_due(now_);
  return true;
}

}  // namespace goop::sim
