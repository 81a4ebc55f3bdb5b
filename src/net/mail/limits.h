// Caps and times of net/mail/. Where no origin is given they are ours.
#pragma once

#include <chrono>
#include <cstddef>

namespace goop::net::mail::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t address_bytes = 254;  // RFC 5321, section 4.5.3.1.3, without <>
inline constexpr std::size_t local_bytes = 64;     // RFC 5321, section 4.5.3.1.1
inline constexpr std::size_t domain_bytes = 253;   // RFC 1035
inline constexpr std::size_t label_bytes = 63;     // RFC 1035
inline constexpr std::size_t line_bytes = 76;      // RFC 2045, section 6.7; of a body's lines
inline constexpr std::size_t word_bytes = 45;      // of text in one encoded word: 75 in all

inline constexpr std::size_t waiting = 200;      // mails that are to be sent; beyond: refused
inline constexpr auto delivery_time = 30s;       // one attempt, from the name to the server's 250
inline constexpr auto give_up_time = 2s;     // for an attempt to end after that
inline constexpr int tries = 4;                  // of one mail
inline constexpr auto first_pause = 30s;         // after the first of them; each pause is longer
inline constexpr int pause_grows = 4;            // by this factor: 30 s, 2 min, 8 min
inline constexpr std::size_t reply_bytes = 200;  // of a server's answer, for the log

}  // namespace goop::net::mail::limits
