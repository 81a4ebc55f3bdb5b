#include "net/http/metrics.h"

#include <fmt/format.h>

namespace goop::net::http {

std::string metrics_text(std::string_view prefix, std::span<const Metric> metrics) {
  std::string text;
  for (const auto& metric : metrics) {
    text += fmt::format("# HELP {0}{1} {2}\n# TYPE {0}{1} {3}\n{0}{1} {4}\n", prefix, metric.name,
                        metric.help, metric.kind, metric.value);
  }
  return text;
}

}  // namespace goop::net::http
