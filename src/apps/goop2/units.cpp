#include "apps/goop2/units.h"

#include <charconv>
#include <limits>

namespace goop::apps {
namespace {

constexpr std::string_view powers = "KMGT";

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit(end, text.data() + text.size());
  const auto power = unit.empty() ? powers.npos : powers.find(unit.front() & ~0x20);
  const bool known =
      unit.empty() || (power != powers.npos && (unit.size() == 1 || unit.substr(1) == "iB"));
  if (wrong == std::errc::invalid_argument || !known) {
    return fail(Errc::invalid, "{} is no size; write 1500, 64K, 64M or 1G", printable(text));
  }
  const unsigned shift = unit.empty() ? 0 : 10 * static_cast<unsigned>(power + 1);
  if (wrong != std::errc() || value > std::numeric_limits<std::uint64_t>::max() >> shift) {
    return fail(Errc::too_large, "{} is too large a size", printable(text));
  }
  return value << shift;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (value /= 1024; value >= 1024 && unit + 1 < powers.size(); value /= 1024) ++unit;
  return fmt::format("{:.1f} {}iB", value, powers[unit]);
}

std::string rate_text(std::uint64_t bytes, Duration in) {
  return fmt::format("{:.1f} MB/s", per_second(bytes, in) / 1e6);
}

std::string time_text(Duration span) {
  if (span >= 1s) return fmt::format("{:.2f} s", seconds(span));
  return fmt::format("{:.2f} ms", seconds(span) * 1e3);
}

std::string age_text(Duration span) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(span).count();
  if (minutes < 2)
    return fmt::format("{} s", std::chrono::floor<std::chrono::seconds>(span).count());
  if (minutes < 120) return fmt::format("{} min", minutes);
  if (minutes < 48 * 60) return fmt::format("{} hours", minutes / 60);
  return fmt::format("{} days", minutes / (24 * 60));
}

double seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

double per_second(std::uint64_t bytes, Duration in) {
  return in <= Duration::zero() ? 0 : static_cast<double>(bytes) / seconds(in);
}

std::int64_t micros(Duration span) {
  return std::chrono::duration_cast<std::chrono::microseconds>(span).count();
}

}  // namespace goop::apps
