// The one door to JSON: text in, values and plain structs out, and back.
//
//   struct Presence { std::string type, peerID; std::optional<std::string> email; };
//   BOOST_DESCRIBE_STRUCT(Presence, (), (type, peerID, email))
//   Result<Presence> presence = json::parse_as<Presence>(text);
//   std::string text = json::write(json::to_value(*presence));
//
// Members are spelled exactly like the keys on the wire. Reading: unknown keys pass; a member that
// is an optional, a vector or a map may be missing or null; every other one must be there, with
// the right type and in range. Of a key given twice, the last counts. Writing: members in their
// order, empty optionals left out.
//
// Limits: limits::json_bytes, limits::json_depth; both can be narrowed or widened per call.
// Errors: invalid ("line 3, column 7: …", or the place in the structure: "addrs[2]: …"),
// too_large.
#pragma once

#include <array>
#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>
#include <cmath>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"

namespace goop::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

struct Caps {
  std::size_t bytes = limits::json_bytes;
  std::size_t depth = limits::json_depth;
};

// Memory that values of a function are built in, for the most part on its stack, so that reading a
// message on a hot path hardly allocates. It outlives them; what is copied from one lies elsewhere.
class Arena {
 public:
  boost::json::storage_ptr storage() { return &memory_; }

 private:
  std::array<unsigned char, 4096> first_;
  boost::json::monotonic_resource memory_{first_.data(), first_.size()};
};

Result<Value> parse(std::string_view text, Caps caps = {});
Result<Value> parse(std::string_view text, Caps caps, Arena& arena);

std::string write(const Value& value);         // on one line
std::string write_pretty(const Value& value);  // indented by 2 spaces, no newline at the end

// A place in a text as an editor shows it; counts from 1, columns in characters.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
  bool operator==(const Position&) const = default;
};
Position position(std::string_view text, std::size_t offset);

std::string_view kind_name(const Value& value);  // "a number", "an object", …

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;

template <class T>
Result<T> read(const Value& value);

template <class T>
Result<T> parse_as(std::string_view text, Caps caps = {}) {
  GOOP_TRY(const Value value, parse(text, caps));
  return read<T>(value);
}

template <class T>
Value to_value(const T& thing);

}  // namespace goop::json

#include "base/json_inl.h"
