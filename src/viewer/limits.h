// Caps and times of the viewer; all ours.
#pragma once

#include <chrono>
#include <cstddef>

namespace goop::viewer::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t sessions = 64;  // the oldest goes
inline constexpr auto session_life = std::chrono::hours(24 * 30);
inline constexpr std::size_t login_secrets = 16;  // links handed out and not used; the oldest goes
inline constexpr auto start_link_life = 24h;      // of the link that the start shows
inline constexpr auto login_life = 10min;         // of one that is made when somebody asks for it
inline constexpr double login_attempts_per_second = 2;
inline constexpr double login_attempts_burst = 10;

inline constexpr std::size_t json_body_bytes = 16 * 1024;
inline constexpr std::size_t address_bytes = 4096;  // what "visit an address" takes
inline constexpr int port_tries = 20;               // for one that is free in both families
inline constexpr std::size_t known_sites = 256;     // parsed labels kept at hand
inline constexpr std::size_t event_streams = 32;    // open at once; browsers use one per tab

inline constexpr std::size_t label_bytes = 256;  // of the own profile; others show no more
inline constexpr std::size_t email_bytes = 254;  // RFC 5321

inline constexpr auto body_time = 10s;   // for a JSON body to come in
inline constexpr auto site_time = 30s;   // for a site to begin its answer
inline constexpr auto probe_time = 20s;  // to ask every peer whether it is there
inline constexpr auto profile_time = 10s;
inline constexpr auto visit_time = 20s;
inline constexpr auto perf_time = 10min;  // for a whole measurement
inline constexpr unsigned perf_streams = 1000;

}  // namespace goop::viewer::limits
