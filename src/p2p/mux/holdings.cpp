#include "p2p/mux/holdings.h"

#include <algorithm>

#include "base/error.h"
#include "p2p/mux/limits.h"

namespace goop::p2p::mux {

// In whole steps.
std::size_t Holdings::needed() const {
  const std::size_t bytes = std::max(promised_, held_);
  return (bytes + limits::charge_step - 1) / limits::charge_step * limits::charge_step;
}

bool Holdings::cover(Use use) {
  const std::size_t total = needed();
  if (total <= charged_) return true;
  if (charge_ && !charge_(total, use)) return false;
  charged_ = total;
  return true;
}

bool Holdings::promise(std::size_t growth) {
  promised_ += growth;
  if (cover(Use::growth)) return true;
  promised_ -= growth;
  return false;
}

bool Holdings::hold(std::size_t bytes) {
  held_ += bytes;
  if (cover(Use::data)) return true;
  held_ -= bytes;
  return false;
}

void Holdings::take_back(std::size_t growth) {
  GOOP_ASSERT(growth <= promised_);
  promised_ -= growth;
  shrink();
}

void Holdings::release(std::size_t bytes) {
  GOOP_ASSERT(bytes <= held_);
  held_ -= bytes;
  shrink();
}

void Holdings::shrink() {
  if (charged_ - needed() >= limits::charge_slack) settle();
}

void Holdings::settle() {
  const std::size_t total = needed();
  if (total == charged_) return;
  charged_ = total;
  if (charge_) GOOP_ASSERT(charge_(total, Use::data));
}

}  // namespace goop::p2p::mux
