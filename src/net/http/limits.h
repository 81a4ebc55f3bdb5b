// Caps and times of net/http/. Where no origin is given they are ours.
#pragma once

#include <chrono>
#include <cstddef>

namespace goop::net::http::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t head_bytes = 16 * 1024;  // request line and fields; as nginx, Node
inline constexpr std::size_t head_fields = 100;
inline constexpr std::size_t blank_lines = 8;           // before a request
inline constexpr std::size_t cookie_bytes = 1 << 20;    // read of other programs' cookies; browsers
                                                        // keep 180 of 4 KiB for one host
inline constexpr std::size_t own_cookie_bytes = 256;    // one of ours, with its name
inline constexpr std::size_t own_cookies_bytes = 4096;  // all that go by the names of ours
inline constexpr std::size_t connections = 1024;
inline constexpr std::size_t refusals = 16;  // of connections, said at one time
inline constexpr std::size_t drained_body_bytes =
    64 * 1024;  // unread body read to keep the connection
inline constexpr std::size_t lingered_bytes = 256 * 1024;  // read and dropped after our last word
inline constexpr std::size_t response_head_bytes = 32 * 1024;  // what our client accepts
inline constexpr std::size_t client_buffer_bytes = 64 * 1024;
inline constexpr std::size_t sse_event_bytes = 256 * 1024;  // one event of a stream we read
inline constexpr std::size_t refusal_bytes = 4 * 1024;  // kept of an answer that we did not want
inline constexpr std::size_t dialled_addresses = 8;     // of one name, in the resolver's order
inline constexpr std::size_t form_bytes = 16 * 1024;    // of a posted form
inline constexpr std::size_t form_fields = 32;
inline constexpr std::size_t url_bytes = 2048;
inline constexpr std::size_t host_bytes = 253;       // RFC 1035
inline constexpr std::size_t host_label_bytes = 63;  // RFC 1035

inline constexpr std::size_t ws_message_bytes = 64 * 1024;  // unless told otherwise
inline constexpr std::size_t ws_control_bytes = 125;        // RFC 6455 section 5.5
inline constexpr std::size_t ws_head_bytes = 14;            // RFC 6455 section 5.2, the longest
inline constexpr std::size_t ws_fragments = 1024;           // of one message
inline constexpr double ws_control_rate = 10;               // control frames per second,
inline constexpr double ws_control_burst = 40;              // and at once
inline constexpr std::size_t ws_read_bytes = 1024;  // held by a silent connection; a large frame
inline constexpr std::size_t ws_read_bytes_most = 16 * 1024;  // is read with up to this
inline constexpr std::size_t ws_protocols_bytes = 1024;       // list of subprotocols that is read

inline constexpr auto head_time = 10s;   // from the first byte of a request to the end of its head
inline constexpr auto idle_time = 75s;   // between requests; as nginx
inline constexpr auto write_time = 30s;  // for the client to take one chunk
inline constexpr auto part_time = 60s;   // for a source to give the next part of a body
inline constexpr auto linger_time = 2s;
inline constexpr auto newcomer_time = 2s;  // for a head, before a connection is nothing but idle
inline constexpr auto busy_time = 5s;      // behind a request, or a piece of body either way
inline constexpr auto refusal_time = 1s;   // to say that there is no place
inline constexpr auto retry_after = 2s;    // as it is told then
inline constexpr auto farewell_time =
    1s;                                 // to send the 408 of a request that did not arrive in time
inline constexpr auto heartbeat = 15s;  // of an event stream; below every proxy's idle time
inline constexpr auto sse_silence = 60s;   // of a stream we read; servers speak every 15 to 25 s
inline constexpr auto dial_time = 10s;     // for one address, where the caller has no deadline
inline constexpr auto ws_ping_every = 5s;  // as the reference; proxies end what is silent for 60 s
inline constexpr auto ws_silence = 15s;    // as the reference: three pings without an answer
inline constexpr auto ws_write_time = 10s;
inline constexpr auto accept_pause = 100ms;  // after a failed accept (no descriptors left)

}  // namespace goop::net::http::limits
