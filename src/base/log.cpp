#include "base/log.h"

#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <deque>
#include <mutex>

#include "base/bytes.h"
#include "base/limits.h"

namespace goop::log {
namespace {

constexpr std::array<std::string_view, 6> level_names = {"trace", "debug", "info",
                                                         "warn",  "error", "off"};

Level from_spdlog(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
      return Level::trace;
    case spdlog::level::debug:
      return Level::debug;
    case spdlog::level::info:
      return Level::info;
    case spdlog::level::warn:
      return Level::warn;
    default:
      return Level::error;
  }
}

class RingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<Line> after(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    std::vector<Line> lines;
    for (const auto& line : lines_) {
      if (line.number > number) lines.push_back(line);
    }
    return lines;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch());
    lines_.push_back({++count_, ms.count(), from_spdlog(message.level),
                      std::string(message.payload.begin(), message.payload.end())});
    if (lines_.size() > limits::log_ring_lines) lines_.pop_front();
  }
  void flush_() override {}

  std::deque<Line> lines_;
  std::uint64_t count_ = 0;
};

struct Log {
  std::shared_ptr<RingSink> ring = std::make_shared<RingSink>();
  spdlog::logger logger{"goop2", {std::make_shared<spdlog::sinks::stderr_color_sink_mt>(), ring}};
  Log() {
    logger.set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-5l%$ %v");
    logger.set_level(spdlog::level::info);
  }
};

Log& instance() {
  static Log log;
  return log;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::trace:
      return spdlog::level::trace;
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

}  // namespace

std::optional<Level> parse_level(std::string_view text) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == text) return static_cast<Level>(i);
  }
  return std::nullopt;
}

void set_level(Level level) { instance().logger.set_level(to_spdlog(level)); }

bool enabled(Level level) { return instance().logger.should_log(to_spdlog(level)); }

void write(Level level, std::string_view event, Fields fields) {
  if (!enabled(level)) return;
  std::string text(event);
  for (const auto& field : fields) {
    const auto value = printable(field.value, limits::log_value_bytes);
    const bool quoted = value.empty() || value.find_first_of(" \"=") != std::string::npos;
    text += quoted ? fmt::format(" {}=\"{}\"", field.key, value)
                   : fmt::format(" {}={}", field.key, value);
  }
  instance().logger.log(to_spdlog(level), "{}", text);
}

std::vector<Line> recent(std::uint64_t after) { return instance().ring->after(after); }

}  // namespace goop::log
