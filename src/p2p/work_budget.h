// How much work the other side of a connection may make us do: a token bucket in units of
// p2p/work_prices.h, within the bucket of its network, within that of the host.
//
//   const Duration pause = budget.charge(price::request, now);   // for what was done, or is due
//   if (pause > Duration::zero()) co_await runtime.sleep_for(pause);
//
// Work is charged when it is known and waited for afterwards, so a bucket may owe something. Who
// is over its own rate waits until that is paid. When a network owes, those of its connections wait
// that take more than their share of it (its rate divided by how many are busy): the others go on,
// however much the flooders want. The same holds for the networks of a host.
//
// Pure state.   Thread: loop only.   Limits: p2p/limits.h
#pragma once

#include <cstddef>
#include <memory>

#include "base/rate_limit.h"
#include "p2p/limits.h"
#include "p2p/work_units.h"

namespace goop::p2p {

// What a host is built with.
struct WorkLimits {
  limits::WorkRate connection = limits::connection_work;
  limits::WorkRate network = limits::network_work;
  limits::WorkRate host = limits::host_work;
};

class WorkBudget {
 public:
  explicit WorkBudget(limits::WorkRate rate, std::shared_ptr<WorkBudget> within = nullptr);
  WorkBudget(const WorkBudget&) = delete;
  WorkBudget& operator=(const WorkBudget&) = delete;

  // Gives how long to leave the other side waiting; 0 while it is within its budget.
  Duration charge(WorkUnits units, Instant now);

  // It has been over its own rate for limits::flood_time, with no rest in between.
  bool floods(Instant now) const;

  WorkUnits charged() const { return charged_; }       // in all, of those within it too
  std::uint64_t slowed() const { return slowed_; }     // times that one had to begin waiting
  bool rested(Instant now) { return own_.full(now); }  // forgetting it changes nothing

 private:
  Duration pay(WorkUnits units, Instant now);
  Duration pay_share(WorkUnits units, Instant now);
  std::size_t busy_with(WorkBudget& child, Instant now);
  void note_slowed();

  limits::WorkRate rate_;
  std::shared_ptr<WorkBudget> within_;
  TokenBucket own_;
  TokenBucket share_{1, limits::share_burst};  // of `within_`, in seconds of it
  WorkUnits charged_ = 0;
  std::uint64_t slowed_ = 0;

  Instant flooding_since_{}, owing_until_ = Instant::min();  // over its own rate
  Instant slow_until_ = Instant::min();                      // for whatever reason

  // How many of those within it were charged in this second and the one before.
  std::int64_t second_ = -1, counted_in_ = -1;
  std::size_t busy_ = 0, busy_before_ = 0;
};

}  // namespace goop::p2p
