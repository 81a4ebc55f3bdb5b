// Sizes and times as people write and read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace goop::apps {

// "1500", "64M", "1G", "2KiB": K, M, G, T are powers of 1024. Errors: invalid, too_large.
Result<std::uint64_t> parse_size(std::string_view text);

std::string size_text(std::uint64_t bytes);               // "1.5 MiB"
std::string rate_text(std::uint64_t bytes, Duration in);  // "512.3 MB/s"; M is a million here
std::string time_text(Duration span);                     // "0.42 ms", "3.10 s"
std::string age_text(Duration span);                      // "3 days", "5 min"

double seconds(Duration span);
double per_second(std::uint64_t bytes, Duration in);
std::int64_t micros(Duration span);

}  // namespace goop::apps
