#include "base/os_runtime.h"

#include <sys/random.h>
#include <sys/resource.h>

#include <thread>

namespace goop {

OsRuntime::OsRuntime(unsigned pool_threads)
    : pool_threads_(pool_threads ? pool_threads
                                 : std::max(2u, std::thread::hardware_concurrency())),
      alarm_(loop_) {}

OsRuntime::~OsRuntime() {
  if (pool_) pool_->join();
}

void OsRuntime::run() {
  while (!loop_.stopped()) {
    loop_.poll();
    if (!look_out()) loop_.run_one();
  }
}

bool OsRuntime::look_out() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  if (!look_out_.begin(now(), usage.ru_nivcsw)) return false;
  std::size_t done = 0;
  Instant time;
  do {
    done = loop_.poll();
    time = now();
  } while (done == 0 && !loop_.stopped() && look_out_.lasts(time));
  look_out_.end(time, done > 0);
  return done > 0;
}

Instant OsRuntime::now() const {
  return Instant(std::chrono::steady_clock::now().time_since_epoch());
}

WallTime OsRuntime::wall() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void OsRuntime::random(MutBytes out) {
  while (!out.empty()) {
    const auto got = ::getrandom(out.data(), out.size(), 0);
    GOOP_ASSERT(got > 0 || errno == EINTR);
    if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
  }
}

void OsRuntime::run_job(std::move_only_function<void()> job) {
  if (!pool_) pool_ = std::make_unique<asio::thread_pool>(pool_threads_);
  asio::post(*pool_, std::move(job));
}

// Only an earlier head needs a new alarm: one that rings too early finds nothing due and is set
// again, which is cheaper than a system call for each deadline that is pushed back.
void OsRuntime::head_changed() {
  if (!timers_.next()) {
    alarm_.cancel();  // an alarm for nobody would keep the loop from ending
    alarm_at_ = Instant::max();
  } else if (*timers_.next() < alarm_at_) {
    wait_for_head();
  }
}

void OsRuntime::wait_for_head() {
  alarm_at_ = *timers_.next();
  alarm_.expires_at(std::chrono::steady_clock::time_point(alarm_at_.time_since_epoch()));
  alarm_.async_wait([this](boost::system::error_code error) {
    if (error) return;  // replaced by an earlier alarm
    alarm_at_ = Instant::max();
    timers_.fire_due(now());
    if (timers_.next() && alarm_at_ == Instant::max()) wait_for_head();
  });
}

}  // namespace goop
