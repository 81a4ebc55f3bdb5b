// Token bucket: `rate` events per second in the long run, `burst` at once.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace goop {

class TokenBucket {
 public:
  TokenBucket(double rate_per_second, double burst)
      : rate_(rate_per_second), burst_(burst), tokens_(burst) {}

  // Takes `cost` tokens if they are there.
  bool take(Instant now, double cost = 1) {
    refill(now);
    if (tokens_ < cost) return false;
    tokens_ -= cost;
    return true;
  }

  // Takes `cost` tokens, on credit where they are not there yet; gives how long to wait until the
  // debt is paid: for what has happened already and must be paid for in time.
  Duration spend(Instant now, double cost = 1) {
    refill(now);
    tokens_ -= cost;
    return wait(now, 0);
  }

  // How long until `cost` tokens are there (0 if they are).
  Duration wait(Instant now, double cost = 1) {
    refill(now);
    if (tokens_ >= cost) return Duration::zero();
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>((cost - tokens_) / rate_));
  }

  // Nothing was taken for so long that forgetting the bucket changes nothing.
  bool full(Instant now) {
    refill(now);
    return tokens_ >= burst_;
  }

 private:
  void refill(Instant now) {
    if (started_ && now > last_) {
      tokens_ =
          std::min(burst_, tokens_ + rate_ * std::chrono::duration<double>(now - last_).count());
    }
    last_ = std::max(last_, now);
    started_ = true;
  }

  double rate_, burst_, tokens_;
  Instant last_{};
  bool started_ = false;
};

}  // namespace goop
