#include "base/failure_log.h"

#include "base/failure_limits.h"
#include "base/log.h"

namespace goop {

void FailureLog::failed(const Error& error, Instant now) {
  ++failures_;
  ++untold_;
  ++in_a_row_;
  if (told_at_ && now - *told_at_ < limits::failure_log_pace) return;
  if (of_.empty()) {
    log::warn(event_ + ".failed", {{"error", error}, {"times", untold_}});
  } else {
    log::warn(event_ + ".failed", {{"of", of_}, {"error", error}, {"times", untold_}});
  }
  told_at_ = now;
  told_ = true;
  untold_ = 0;
}

void FailureLog::succeeded() {
  if (told_) {
    if (of_.empty()) {
      log::info(event_ + ".recovered", {{"failures", in_a_row_}});
    } else {
      log::info(event_ + ".recovered", {{"of", of_}, {"failures", in_a_row_}});
    }
  }
  told_ = false;
  in_a_row_ = 0;
}

}  // namespace goop
