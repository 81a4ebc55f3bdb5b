#include "net/http/date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace goop::net::http {
namespace {

using namespace std::chrono;
constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr std::array<std::string_view, 7> long_days{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};

// Digits, and in front of them spaces where `pad` is one; -1 for anything else.
int number(std::string_view text, char pad = '0') {
  int value = 0;
  bool begun = false;
  for (const char c : text) {
    if (!begun && c == pad && pad == ' ') continue;
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
    begun = true;
  }
  return begun ? value : -1;
}

struct Parts {
  std::string_view weekday, month, time;  // time: "08:49:37"
  int day = -1, year = -1;
};

template <std::size_t N>
std::size_t index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::optional<std::int64_t> seconds_of(const Parts& parts) {
  const int hour = number(parts.time.substr(0, 2)), minute = number(parts.time.substr(3, 2));
  const int second = number(parts.time.substr(6, 2));
  const auto month_at = index_of(months, parts.month);
  if (parts.day < 0 || parts.year < 0 || hour < 0 || minute < 0 || second < 0) return std::nullopt;
  if (month_at == months.size() || parts.time[2] != ':' || parts.time[5] != ':') {
    return std::nullopt;
  }
  const year_month_day date{year(parts.year), month(static_cast<unsigned>(month_at) + 1),
                            day(static_cast<unsigned>(parts.day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto weekday_at = weekday(sys_days(date)).c_encoding();
  if (parts.weekday != days[weekday_at] && parts.weekday != long_days[weekday_at]) {
    return std::nullopt;
  }
  const auto at = sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
  return duration_cast<seconds>(at.time_since_epoch()).count();
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<std::int64_t> parse_fixed(std::string_view text) {
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || !text.ends_with(" GMT")) {
    return std::nullopt;
  }
  return seconds_of({.weekday = text.substr(0, 3),
                     .month = text.substr(8, 3),
                     .time = text.substr(17, 8),
                     .day = number(text.substr(5, 2)),
                     .year = number(text.substr(12, 4))});
}

// "Sunday, 06-Nov-94 08:49:37 GMT"
std::optional<std::int64_t> parse_rfc850(std::string_view text) {
  const auto comma = std::min(text.find(", "), text.size());
  const auto rest = text.substr(comma);
  if (rest.size() != 24 || rest[4] != '-' || rest[8] != '-' || rest[11] != ' ' ||
      !rest.ends_with(" GMT")) {
    return std::nullopt;
  }
  const int two_digits = number(rest.substr(9, 2));
  return seconds_of({.weekday = text.substr(0, comma),
                     .month = rest.substr(5, 3),
                     .time = rest.substr(12, 8),
                     .day = number(rest.substr(2, 2)),
                     .year = two_digits < 0 ? -1 : two_digits + (two_digits < 70 ? 2000 : 1900)});
}

// "Sun Nov  6 08:49:37 1994"
std::optional<std::int64_t> parse_asctime(std::string_view text) {
  if (text.size() != 24 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ' || text[19] != ' ') {
    return std::nullopt;
  }
  return seconds_of({.weekday = text.substr(0, 3),
                     .month = text.substr(4, 3),
                     .time = text.substr(11, 8),
                     .day = number(text.substr(8, 2), ' '),
                     .year = number(text.substr(20, 4))});
}

}  // namespace

std::string http_date(std::int64_t seconds_since_1970) {
  const sys_seconds at{seconds(seconds_since_1970)};
  const auto day = floor<std::chrono::days>(at);
  const year_month_day date(day);
  const hh_mm_ss time(at - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[weekday(day).c_encoding()],
                     unsigned(date.day()), months[unsigned(date.month()) - 1], int(date.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  for (const auto parse : {parse_fixed, parse_rfc850, parse_asctime}) {
    if (const auto seconds = parse(text)) return seconds;
  }
  return std::nullopt;
}

}  // namespace goop::net::http
