// Caps and times of net/http/. Where no origin is given they are ours.
#pragma once

#include <chrono>
#include <cstddef>

namespace goop::net::http::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t head_bytes = 16 * 1024;  // request line and fields; as nginx, Node
inline constexpr std::size_t head_fields = 100;
inline constexpr std::size_t connections = 1024;
inline constexpr std::size_t drained_body_bytes =
    64 * 1024;  // unread body read to keep the connection
inline constexpr std::size_t lingered_bytes = 256 * 1024;  // read and dropped after our last word
inline constexpr std::size_t response_head_bytes = 32 * 1024;  // what our client accepts
inline constexpr std::size_t client_buffer_bytes = 64 * 1024;
inline constexpr std::size_t sse_event_bytes = 256 * 1024;  // one event of a stream we read

inline constexpr auto head_time = 10s;   // from the first byte of a request to the end of its head
inline constexpr auto idle_time = 75s;   // between requests; as nginx
inline constexpr auto write_time = 30s;  // for the client to take one chunk
inline constexpr auto part_time = 60s;   // for a source to give the next part of a body
inline constexpr auto linger_time = 2s;
inline constexpr auto farewell_time =
    1s;                                 // to send the 408 of a request that did not arrive in time
inline constexpr auto heartbeat = 15s;  // of an event stream; below every proxy's idle time
inline constexpr auto accept_pause = 100ms;  // after a failed accept (no descriptors left)

}  // namespace goop::net::http::limits
