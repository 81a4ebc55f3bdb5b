#include "base/json.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>

#include "base/bytes.h"

namespace goop::json {
namespace {

constexpr std::size_t scratch_bytes = 2048;  // of the stack, for most texts all that reading takes

void write_indented(const Value& value, std::size_t depth, std::string& out);

void new_line(std::size_t depth, std::string& out) {
  out += '\n';
  out.append(2 * depth, ' ');
}

template <class Container, class Item>
void write_items(const Container& items, char open, char close, std::size_t depth, std::string& out,
                 const Item& item) {
  out += open;
  bool first = true;
  for (const auto& each : items) {
    if (!std::exchange(first, false)) out += ',';
    new_line(depth + 1, out);
    item(each);
  }
  if (!first) new_line(depth, out);
  out += close;
}

void write_indented(const Value& value, std::size_t depth, std::string& out) {
  if (const Object* object = value.if_object()) {
    write_items(*object, '{', '}', depth, out, [&](const auto& member) {
      out += boost::json::serialize(Value(member.key()));
      out += ": ";
      write_indented(member.value(), depth + 1, out);
    });
  } else if (const Array* array = value.if_array()) {
    write_items(*array, '[', ']', depth, out,
                [&](const Value& item) { write_indented(item, depth + 1, out); });
  } else {
    out += boost::json::serialize(value);
  }
}

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// What stopped the parser, in words of ours: its own speak of its insides.
std::string what_is_wrong(boost::json::error code) {
  switch (code) {
    case boost::json::error::incomplete:
      return "the text ends too early";
    case boost::json::error::expected_hex_digit:
    case boost::json::error::illegal_leading_surrogate:
    case boost::json::error::illegal_trailing_surrogate:
      return "a broken \\u escape in a string";
    case boost::json::error::exponent_overflow:
      return "a number that is too large";
    case boost::json::error::extra_data:
      return "something after the end of the value";
    default:
      return "not JSON (a missing comma or quote, or a comma too many?)";
  }
}

// Some numbers beyond the range of double pass the parser, as infinity.
bool finite(const Value& value) {
  if (const double* number = value.if_double()) return std::isfinite(*number);
  if (const Array* array = value.if_array()) return std::ranges::all_of(*array, finite);
  if (const Object* object = value.if_object()) {
    const auto fine = [](const auto& member) { return finite(member.value()); };
    return std::ranges::all_of(*object, fine);
  }
  return true;
}

Result<Value> parse_into(boost::json::storage_ptr storage, std::string_view text, Caps caps) {
  if (text.size() > caps.bytes) return fail(Errc::too_large, "JSON of {} bytes", text.size());
  boost::json::parse_options options;
  options.max_depth = caps.depth;
  std::array<unsigned char, scratch_bytes> scratch;
  boost::json::stream_parser parser({}, options, scratch.data(), scratch.size());
  parser.reset(std::move(storage));
  boost::json::error_code error;
  std::size_t end = parser.write_some(text.data(), text.size(), error);
  if (!error && !parser.done()) parser.finish(error);  // a number ends with the text only
  if (!error) {
    while (end < text.size() && blank(text[end])) ++end;
    if (end == text.size()) {
      Value value = parser.release();
      if (!finite(value)) return fail(Errc::invalid, "a number that is too large");
      return value;
    }
    error = boost::json::error::extra_data;
  }
  const auto code = static_cast<boost::json::error>(error.value());
  const Position at = position(text, end);
  if (code == boost::json::error::too_deep) {
    return fail(Errc::too_large, "line {}, column {}: nested deeper than {}", at.line, at.column,
                caps.depth);
  }
  return fail(Errc::invalid, "line {}, column {}: {}", at.line, at.column, what_is_wrong(code));
}

}  // namespace

Result<Value> parse(std::string_view text, Caps caps) { return parse_into({}, text, caps); }
Result<Value> parse(std::string_view text, Caps caps, Arena& arena) {
  return parse_into(arena.storage(), text, caps);
}

std::string write(const Value& value) { return boost::json::serialize(value); }

std::string write_pretty(const Value& value) {
  std::string out;
  write_indented(value, 0, out);
  return out;
}

Position position(std::string_view text, std::size_t offset) {
  Position at;
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {  // not inside a character
      ++at.column;
    }
  }
  return at;
}

std::string_view kind_name(const Value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return "true or false";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return "a whole number";
    case boost::json::kind::double_:
      return "a number";
    case boost::json::kind::string:
      return "a text";
    case boost::json::kind::array:
      return "a list";
    case boost::json::kind::object:
      return "an object";
  }
  return "null";
}

namespace detail {

Trouble mismatch(std::string_view expected, const Value& found) {
  return {{}, fmt::format("{} is expected, {} is there", expected, kind_name(found))};
}

Trouble within(std::string_view step, Trouble inner) {
  const bool joined = inner.place.empty() || inner.place.starts_with('[');
  // A step may be a key that a remote chose: cut, and fit for a line of text.
  inner.place = fmt::format("{}{}{}", printable(step, 40), joined ? "" : ".", inner.place);
  return inner;
}

Error to_error(const Trouble& trouble) {
  return {Errc::invalid, trouble.place.empty()
                             ? trouble.what
                             : fmt::format("{}: {}", printable(trouble.place), trouble.what)};
}

Outcome read_into(const Value& value, bool& out) {
  if (const bool* found = value.if_bool()) {
    out = *found;
    return {};
  }
  return mismatch("true or false", value);
}

Outcome read_into(const Value& value, double& out) {
  boost::json::error_code error;
  out = value.to_number<double>(error);
  return error ? Outcome(mismatch("a number", value)) : std::nullopt;
}

Outcome read_into(const Value& value, std::string& out) {
  if (const auto* found = value.if_string()) {
    out.assign(found->data(), found->size());
    return {};
  }
  return mismatch("a text", value);
}

Outcome read_into(const Value& value, Value& out) {
  out = value;
  return {};
}

Outcome read_integer(const Value& value, std::int64_t low, std::uint64_t high, std::int64_t& out) {
  if (const std::int64_t* found = value.if_int64()) {
    if (*found >= low && (*found < 0 || static_cast<std::uint64_t>(*found) <= high)) {
      out = *found;
      return {};
    }
  } else if (const std::uint64_t* large = value.if_uint64()) {
    if (*large <= high) {
      out = static_cast<std::int64_t>(*large);
      return {};
    }
  } else {
    return mismatch("a whole number", value);
  }
  return Trouble{{}, fmt::format("a number from {} to {} is expected", low, high)};
}

}  // namespace detail
}  // namespace goop::json
