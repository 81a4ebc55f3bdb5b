#include "net/http/conditional.h"

#include <algorithm>
#include <limits>

#include "net/http/date.h"
#include "net/http/message.h"

namespace goop::net::http {
namespace {

constexpr std::uint64_t largest_file = std::numeric_limits<std::int64_t>::max();

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// What is larger than the largest file is that file's end.
std::optional<std::uint64_t> number(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    value = value > (largest_file - digit) / 10 ? largest_file : value * 10 + digit;
  }
  return value;
}

}  // namespace

std::optional<EntityTag> take_etag(std::string_view& list) {
  list = list.substr(std::min(list.find_first_not_of(" \t,"), list.size()));
  EntityTag tag;
  if (list.starts_with("W/")) {
    tag.weak = true;
    list.remove_prefix(2);
  }
  if (!list.starts_with('"')) return std::nullopt;
  const auto end = list.find('"', 1);
  if (end == list.npos) return std::nullopt;
  tag.text = list.substr(1, end - 1);
  list.remove_prefix(end + 1);
  return tag;
}

std::optional<RangeSpec> parse_range(std::string_view field) {
  const auto equals = field.find('=');
  if (equals == field.npos || !iequals(trim(field.substr(0, equals)), "bytes")) return std::nullopt;
  const auto spec = trim(field.substr(equals + 1));
  const auto dash = spec.find('-');
  if (dash == spec.npos || spec.find(',') != spec.npos) return std::nullopt;
  const auto left = spec.substr(0, dash), right = spec.substr(dash + 1);
  RangeSpec range;
  if (left.empty()) {
    range.suffix = number(right);
    if (!range.suffix) return std::nullopt;
    return range;
  }
  range.first = number(left);
  if (!range.first) return std::nullopt;
  if (!right.empty()) {
    range.last = number(right);
    if (!range.last || *range.last < *range.first) return std::nullopt;
  }
  return range;
}

std::optional<ByteSpan> select(const RangeSpec& range, std::uint64_t total) {
  if (range.suffix) {
    const auto size = std::min(*range.suffix, total);
    if (size == 0) return std::nullopt;
    return ByteSpan{total - size, size};
  }
  const auto first = range.first.value_or(0);
  if (first >= total) return std::nullopt;
  const auto last = std::min(range.last.value_or(total - 1), total - 1);
  return ByteSpan{first, last - first + 1};
}

std::string_view single_etag(std::string_view field) {
  const auto tag = take_etag(field);
  if (!tag || take_etag(field)) return {};
  return tag->text;
}

bool if_range_holds(std::string_view field, std::string_view etag,
                    std::optional<std::int64_t> modified) {
  if (const auto wanted = if_range_etag(field); !wanted.empty()) return wanted == etag;
  const auto date = parse_http_date(trim(field));
  return date && modified && *date == *modified;
}

std::string_view if_range_etag(std::string_view field) {
  const auto tag = take_etag(field);
  return tag && !tag->weak ? tag->text : std::string_view{};
}

bool accepts_encoding(std::string_view field, std::string_view coding) {
  bool any = false;
  while (!field.empty()) {
    const auto comma = field.find(',');
    const auto item = trim(field.substr(0, comma));
    field = comma == field.npos ? std::string_view{} : field.substr(comma + 1);
    const auto semicolon = item.find(';');
    const auto token = trim(item.substr(0, semicolon));
    bool wanted = true;
    if (semicolon != item.npos) {
      const auto weight = trim(item.substr(semicolon + 1));
      wanted = !((weight.starts_with("q=0") || weight.starts_with("Q=0")) &&
                 weight.find_first_not_of("0.", 3) == weight.npos);
    }
    if (iequals(token, coding)) return wanted;
    if (token == "*") any = wanted;
  }
  return any;
}

}  // namespace goop::net::http
