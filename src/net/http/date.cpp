#include "net/http/date.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace goop::net::http {
namespace {

using namespace std::chrono;
constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
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
  if (text.size() != 29) return std::nullopt;
  const auto day = number(text.substr(5, 2)), year_number = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  const auto name = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (!day || !year_number || !hour || !minute || !second || name == months.end()) {
    return std::nullopt;
  }
  const auto month_number = static_cast<unsigned>(name - months.begin()) + 1;
  const year_month_day date{year(*year_number), month(month_number),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto at = sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second);
  const auto whole = duration_cast<seconds>(at.time_since_epoch()).count();
  if (http_date(whole) != text) return std::nullopt;  // punctuation and weekday
  return whole;
}

}  // namespace goop::net::http
