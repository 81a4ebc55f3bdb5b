#include "p2p/work_budget.h"

namespace goop::p2p {

WorkBudget::WorkBudget(limits::WorkRate rate, std::shared_ptr<WorkBudget> within)
    : rate_(rate), within_(std::move(within)), own_(rate.per_second, rate.burst) {}

Duration WorkBudget::charge(WorkUnits units, Instant now) {
  const Duration pause = std::min<Duration>(pay(units, now), limits::work_pause);
  if (pause > Duration::zero()) {
    if (now > saturating_add(slow_until_, limits::flood_rest)) note_slowed();
    slow_until_ = saturating_add(now, pause);
  }
  return pause;
}

Duration WorkBudget::pay(WorkUnits units, Instant now) {
  charged_ += units;
  const Duration owed = own_.spend(now, static_cast<double>(units));
  if (owed > Duration::zero()) {
    if (now > saturating_add(owing_until_, limits::flood_rest)) flooding_since_ = now;
    owing_until_ = saturating_add(now, owed);
  }
  if (!within_) return owed;
  const Duration over_share = pay_share(units, now);
  return std::max(owed, std::min(over_share, within_->pay(units, now)));
}

// What is owed of the share is bounded, so that a flood is forgotten soon after its end.
Duration WorkBudget::pay_share(WorkUnits units, Instant now) {
  const auto busy = static_cast<double>(within_->busy_with(*this, now));
  const Duration owed = share_.wait(now, 0);
  if (owed >= limits::work_pause) return owed;
  return share_.spend(now, static_cast<double>(units) * busy / within_->rate_.per_second);
}

std::size_t WorkBudget::busy_with(WorkBudget& child, Instant now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  if (second > second_) {
    busy_before_ = second == second_ + 1 ? busy_ : 0;
    busy_ = 0;
    second_ = second;
  }
  if (std::exchange(child.counted_in_, second_) != second_) ++busy_;
  return std::max(busy_, busy_before_);
}

bool WorkBudget::floods(Instant now) const {
  return now <= saturating_add(owing_until_, limits::flood_rest) &&
         now - flooding_since_ >= limits::flood_time;
}

void WorkBudget::note_slowed() {
  ++slowed_;
  if (within_) within_->note_slowed();
}

}  // namespace goop::p2p
