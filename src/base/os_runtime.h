// The Runtime of a real process: the system's clocks, its random generator and a worker pool.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "base/look_out.h"
#include "base/runtime.h"

namespace goop {

class OsRuntime final : public Runtime {
 public:
  // Pool threads start with the first job; `pool_threads` = 0 takes one per processor, at least 2.
  explicit OsRuntime(unsigned pool_threads = 0);
  ~OsRuntime() override;

  // Runs the loop until nothing is left to do.
  void run();

  Instant now() const override;
  WallTime wall() const override;
  void random(MutBytes out) override;

 private:
  void run_job(std::move_only_function<void()> job) override;
  void head_changed() override;
  void wait_for_head();
  bool look_out();  // true: there was work

  unsigned pool_threads_;
  std::unique_ptr<asio::thread_pool> pool_;
  asio::steady_timer alarm_;
  Instant alarm_at_ = Instant::max();
  LookOut look_out_;
};

}  // namespace goop
