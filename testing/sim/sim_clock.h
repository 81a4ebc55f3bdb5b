// The Runtime of one simulated machine whose calendar may be wrong: its time passes as that of the
// world that it belongs to, but wall() is off by as much as it is told.
//
//   SimClock clock(world);
//   auto& machine = internet.add_host(std::vector<std::string>{}, {}, &clock);
//   Peer peer(clock, machine, …);
//   clock.set_ahead(2h);
//
// What runs on it runs within the world's run_for() and wait_on(), and only there: a coroutine
// never goes from one machine to another. It dies before the world, and after everything that uses
// it.
#pragma once

#include "testing/sim/sim_runtime.h"

namespace goop::sim {

class SimClock final : public Runtime {
 public:
  explicit SimClock(SimRuntime& world) : world_(world) { world_.machines_.push_back(this); }
  ~SimClock() override { std::erase(world_.machines_, this); }

  void set_ahead(std::chrono::milliseconds by) { ahead_ = by; }  // negative: behind

  Instant now() const override { return world_.now(); }
  WallTime wall() const override { return world_.wall() + ahead_; }
  void random(MutBytes out) override { world_.random(out); }

 private:
  friend class SimRuntime;
  void run_job(std::move_only_function<void()> job) override { job(); }

  SimRuntime& world_;
  std::chrono::milliseconds ahead_{};
};

}  // namespace goop::sim
