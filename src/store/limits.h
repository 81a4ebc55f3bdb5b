// Caps of store/.
#pragma once

#include <cstddef>

namespace goop::store::limits {

inline constexpr std::size_t path_bytes = 4095;      // Linux PATH_MAX without its zero
inline constexpr std::size_t path_depth = 64;        // ours; segments of one path
inline constexpr std::size_t list_entries = 10'000;  // ours; of one directory
inline constexpr std::size_t temporary_tries = 100;  // ours; names taken by a crashed process
inline constexpr int stale_tries = 2;  // ours; of a name that a network disk gave to another file
inline constexpr std::size_t cached_statements = 128;  // ours; per connection
inline constexpr int busy_timeout_ms = 5000;           // as the reference; another process writes

}  // namespace goop::store::limits
