// One line on the terminal that says how far a long transfer is; nothing where stderr is no
// terminal, and nothing for what is done at once.
//
// Thread: loop only.   Borrows: Runtime.   Limits: limits::progress_*
#pragma once

#include <cstdint>
#include <optional>

#include "base/runtime.h"

namespace goop::apps {

class Progress {
 public:
  Progress(Runtime& runtime, std::optional<std::uint64_t> total);
  ~Progress();  // leaves the line empty
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void at(std::uint64_t bytes);  // cheap
  static bool wanted();          // stderr is a terminal

 private:
  Runtime& runtime_;
  std::optional<std::uint64_t> total_;
  Instant start_, next_;
  bool shown_ = false;
};

}  // namespace goop::apps
