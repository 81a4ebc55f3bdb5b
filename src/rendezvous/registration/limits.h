// Caps, times and rates of the built-in registration. Where no origin is given they are ours.
#pragma once

#include <chrono>
#include <cstddef>

namespace goop::rendezvous::registration::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t rows = 50'000;       // e-mail addresses, verified or not
inline constexpr std::size_t unverified = 5'000;  // of them; the one asked for longest ago goes
inline constexpr auto link_life = 24h;            // of what the mail holds; as the mail says
inline constexpr auto resend_pause = 60s;         // between two mails to one address
inline constexpr double asks_per_hour = 5;  // of one client; a verified address gives one back
inline constexpr std::size_t limited_clients = 50'000;  // watched at a time
inline constexpr auto prune_every = 10min;              // for what was never verified to go
inline constexpr std::size_t token_bytes = 32;  // random; in base64url, as the reference program

inline constexpr std::size_t webhooks = 200;         // that wait; beyond: not told
inline constexpr auto webhook_time = 10s;            // for one, from the name to the answer
inline constexpr std::size_t webhook_answer = 4096;  // bytes of it that are read

}  // namespace goop::rendezvous::registration::limits
