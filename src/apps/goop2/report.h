// How a command ends, and what it says when it ends badly: what is wrong, and what to do.
#pragma once

#include <stdexcept>
#include <string>

#include "base/error.h"

namespace goop::apps {

inline constexpr int exit_fine = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_misused = 2;  // the command line makes no sense

// The command was given something that no command could work with.
class Misuse : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The value, or the error as Misuse: for what stands on the command line.
template <class T>
T or_misused(Result<T> result) {
  if (!result) throw Misuse(result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The error's text, and what helps against errors of its kind.
std::string advice(const Error& error);

void complain(std::string_view text);  // to stderr, as "goop2: …"
void say(std::string_view text);       // a line to stdout, at once

}  // namespace goop::apps
