// Caps, times and rates of the built-in registration. Where no origin is given they are ours.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace goop::rendezvous::registration::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t rows = 50'000;       // e-mail addresses, verified or not
inline constexpr std::size_t unverified = 5'000;  // of them; the one asked for longest ago goes
inline constexpr auto link_life = 24h;            // of what the mail holds; as the mail says
inline constexpr double asks_per_hour = 5;      // of one client; a verified address gives one back
inline constexpr double asks_per_network = 30;  // an hour; of one IPv4 /24 or IPv6 /48
inline constexpr std::size_t limited_clients = 50'000;  // watched at a time
// After the first, second, … mail to one address; the last pause stays.
inline constexpr std::array<std::chrono::milliseconds, 5> mail_pauses = {1min, 5min, 30min, 2h,
                                                                         24h};
inline constexpr std::size_t mails_a_day = mail_pauses.size();  // follows from the pauses
inline constexpr auto recipient_life = std::chrono::days(7);    // after the last mail
inline constexpr std::size_t recipients = 50'000;  // remembered; the longest silent goes
inline constexpr auto prune_every = 10min;         // for what was never verified to go
inline constexpr std::size_t token_bytes = 32;     // random; in base64url, as the reference program

inline constexpr std::size_t webhooks = 200;         // that wait; beyond: not told
inline constexpr auto webhook_time = 10s;            // for one, from the name to the answer
inline constexpr std::size_t webhook_answer = 4096;  // bytes of it that are read

}  // namespace goop::rendezvous::registration::limits
