// Tells the log that something fails again and again, without filling the log.
//
//   FailureLog accepting("accept");
//   accepting.failed(error, now);   // accept.failed error=… : at once, then one line a minute with
//                                   // the number of failures since the last one
//   accepting.succeeded();          // accept.recovered failures=… : when a failure had been told
//
// Thread: one at a time.   Limits: limits::failure_log_pace
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace goop {

class FailureLog {
 public:
  // `of` names the one that fails, where there are several of its kind.
  explicit FailureLog(std::string event, std::string of = {})
      : event_(std::move(event)), of_(std::move(of)) {}

  void failed(const Error& error, Instant now);
  void succeeded();

  std::uint64_t failures() const { return failures_; }  // all of them

 private:
  std::string event_, of_;
  std::uint64_t failures_ = 0, untold_ = 0, in_a_row_ = 0;
  std::optional<Instant> told_at_;
  bool told_ = false;  // of the failures in a row
};

}  // namespace goop
