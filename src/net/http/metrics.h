// Counters and gauges as Prometheus reads them.   Spec: its text format 0.0.4
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace goop::net::http {

struct Metric {
  std::string_view name;  // letters, digits and '_'; a counter's ends with _total
  std::string_view kind;  // "counter" or "gauge"
  std::string_view help;  // one line
  std::uint64_t value;
};

inline constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

// Each behind `prefix`: "goop_" and "known_peers" give goop_known_peers.
std::string metrics_text(std::string_view prefix, std::span<const Metric> metrics);

}  // namespace goop::net::http
