// Caps of p2p/discovery. Nobody on a local network is known: all of it is a stranger's word.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.h"

namespace goop::p2p::limits {

// DNS messages
inline constexpr std::size_t dns_name_wire_bytes = 255;  // RFC 1035 3.1
inline constexpr std::size_t dns_label_bytes = 63;       // RFC 1035 3.1
inline constexpr std::size_t dns_pointer_hops = 128;     // ours; a name has 127 labels at most
inline constexpr std::size_t dns_records = 256;    // ours, questions included; more: too_large
inline constexpr std::size_t dns_txt_bytes = 255;  // RFC 1035 3.3: one character string

// Packets
inline constexpr std::size_t mdns_packet_bytes_in = 9000;   // RFC 6762 17
inline constexpr std::size_t mdns_packet_bytes_out = 1440;  // ours: an Ethernet frame with IPv6
inline constexpr double mdns_packet_rate = 100;   // per second, interface and family; ours
inline constexpr double mdns_packet_burst = 256;  // ours: a class that starts at one moment

// What one packet and one network may make us hold
inline constexpr std::size_t mdns_txt_strings = 32;     // read of one packet
inline constexpr std::size_t mdns_peer_addresses = 16;  // of one peer, read and sent
inline constexpr std::size_t mdns_peers = 256;          // remembered; the longest unheard goes
inline constexpr std::size_t mdns_interfaces =
    16;  // that we speak on; Linux lets a socket join 20 groups
inline constexpr std::size_t mdns_interface_addresses = 16;  // of one of them
inline constexpr Duration mdns_report_gap = 10s;  // between two reports of one peer, unchanged
inline constexpr double mdns_report_rate = 20;    // peers reported per second; ours
inline constexpr double mdns_report_burst = 256;  // ours

// Times
inline constexpr Duration mdns_pointer_life = 3200s;  // TTL of our PTR, as go-libp2p
inline constexpr Duration mdns_record_life = 120s;    // TTL of the records with host data
inline constexpr Duration mdns_life_most = 4500s;     // belief in others' records; RFC 6762 10
inline constexpr Duration mdns_query_first = 1s;      // second query after the first; RFC 6762 5.2
inline constexpr Duration mdns_query_most = 60s;      // as go-libp2p
inline constexpr Duration mdns_missed_most = 6s;      // ours; while a neighbour is missed
inline constexpr Duration mdns_missed_life = 1h;      // ours; so long it is asked for so often
inline constexpr Duration mdns_missed_spread =
    500ms;                                          // ours; a class misses somebody at one moment
inline constexpr Duration mdns_announce_gap = 1s;   // RFC 6762 8.3
inline constexpr Duration mdns_answer_gap = 200ms;  // multicast answers on one interface; ours
inline constexpr Duration mdns_overslept = 5s;      // a tick so late means that we were asleep
inline constexpr Duration mdns_look = 15s;          // look at the interfaces, told of or not
inline constexpr Duration mdns_settle = 100ms;      // changes come in crowds
inline constexpr Duration mdns_retry_first = 5s;    // after a failure to open a socket
inline constexpr Duration mdns_retry_most = 60s;

}  // namespace goop::p2p::limits
