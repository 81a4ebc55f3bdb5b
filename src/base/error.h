// How things go wrong: an answer is a value, lost ground is an exception, a bug is an assertion.
//
// * `Result<T>` for what a caller can be told: bad input, not found, forbidden, too large, busy.
//   Decoders and policies return it and never throw.
// * `Failure` when a task cannot go on: the connection is gone, the deadline has passed, the task
//   was cancelled. It unwinds to where the task was spawned.
// * `GOOP_ASSERT` for what only our own mistake can cause; on in release, never on input.
//
// `Errc` is the one closed list for the program: each edge (HTTP, wire text, exit code) switches
// on it without `default`. The detail is text for logs and developers; nobody decides by it.
#pragma once

#include <exception>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace goop {

enum class Errc {
  invalid,      // what came in cannot be understood, or breaks a rule of its format
  not_found,    // there is no such thing
  forbidden,    // there may be such a thing, but not for this caller
  too_large,    // over a size or count limit
  busy,         // a budget or rate is used up; later may work
  conflict,     // the thing is not in the state the caller assumed
  unsupported,  // the other side does not speak the protocol or feature
  unreachable,  // no connection could be made
  closed,       // the stream or connection ended under us (reset, lost)
  timeout,      // the deadline passed
  cancelled,    // our own side gave up on purpose; never an error to report
  violation,    // the other side broke the rules of a protocol
  unverified,   // a signature, key or identity did not hold
  storage,      // disk or database failed
  internal,     // an exception of a kind nobody planned for
};
std::string_view name(Errc code);

struct Error {
  Errc code;
  std::string detail;

  bool operator==(const Error&) const = default;
};
std::string to_string(const Error& error);  // "not_found: no file index.html"

template <class T>
using Result = std::expected<T, Error>;

template <class... Args>
std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> detail, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(detail, std::forward<Args>(args)...)});
}

class Failure : public std::exception {
 public:
  explicit Failure(Error error) : error_(std::move(error)), text_(to_string(error_)) {}
  const Error& error() const { return error_; }
  Errc code() const { return error_.code; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  Error error_;
  std::string text_;
};

template <class... Args>
[[noreturn]] void raise(Errc code, fmt::format_string<Args...> detail, Args&&... args) {
  throw Failure(Error{code, fmt::format(detail, std::forward<Args>(args)...)});
}

// The value of a Result, or its error thrown as Failure: the step from "answer" to "lost ground".
template <class T>
T or_raise(Result<T> result) {
  if (!result) throw Failure(std::move(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// What an in-flight exception says in our terms (asio's operation_aborted is `cancelled`, …).
Error error_of(const std::exception_ptr& exception);

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace goop

template <>
struct fmt::formatter<goop::Error> : fmt::formatter<std::string> {
  auto format(const goop::Error& error, format_context& context) const {
    return formatter<std::string>::format(to_string(error), context);
  }
};

#define GOOP_ASSERT(expression) \
  ((expression) ? void() : ::goop::assertion_failed(#expression, __FILE__, __LINE__))

// GOOP_TRY(auto x, parse(y)); in a function that returns Result: x is the value, or we return the
// error. GOOP_CHECK(validate(x)); the same for Result<void>. Not for coroutines: use or_raise.
#define GOOP_CONCAT_(a, b) a##b
#define GOOP_CONCAT(a, b) GOOP_CONCAT_(a, b)
#define GOOP_TRY_(temporary, variable, ...)                             \
  auto temporary = (__VA_ARGS__);                                       \
  if (!temporary) return std::unexpected(std::move(temporary).error()); \
  variable = *std::move(temporary)
#define GOOP_TRY(variable, ...) GOOP_TRY_(GOOP_CONCAT(goop_try_, __LINE__), variable, __VA_ARGS__)
#define GOOP_CHECK(...)                                      \
  do {                                                       \
    if (auto goop_check = (__VA_ARGS__); !goop_check)        \
      return std::unexpected(std::move(goop_check).error()); \
  } while (false)
