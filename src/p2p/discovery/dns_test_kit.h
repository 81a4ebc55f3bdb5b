// Packets of others, byte by byte, for the tests of this folder.
#pragma once

#include "p2p/discovery/mdns_packets.h"

namespace goop::p2p::discovery::kit {

inline constexpr std::string_view alice = "12D3KooWLiunArsBAWk85gKw3HG5yfwrNL27XSJs2Ys5D2dwBR8N";
inline constexpr std::string_view bob = "12D3KooWD1YtGvP8r7YuAgRdy6hCKEV2dV2iunCtmCoSZU53GedW";

inline PeerId peer(std::string_view text) { return PeerId::parse(text).value(); }

// One of many peers; the key in its id is made up.
inline PeerId somebody(std::size_t number) {
  Bytes id{0x00, 0x24, 0x08, 0x01, 0x12, 0x20};
  id.resize(38, 0);
  id[6] = static_cast<std::uint8_t>(number);
  id[7] = static_cast<std::uint8_t>(number >> 8);
  return PeerId::from_bytes(id).value();
}

inline Multiaddr addr(std::string_view text) { return Multiaddr::parse(text).value(); }

inline Names names(std::string_view instance = "anna") {
  return Names::make("goop-mdns", instance).value();
}

inline Lan lan(unsigned index, std::initializer_list<std::pair<std::string_view, unsigned>> own) {
  Lan lan{.index = index, .name = fmt::format("eth{}", index), .subnets = {}};
  for (const auto& [address, bits] : own)
    lan.subnets.push_back({asio::ip::make_address(address), bits});
  return lan;
}

// The Goop2 program in Go, on go-libp2p: what it answered to a query with the id 0x5758.
inline Bytes reference_answer() {
  return from_hex(
             "57588400000000010000000309676f6f702d6d646e73056c6f63616c00000c000100000c80002a276e6f7"
             "76a"
             "6931737961717a6c697478366239626c663472733968323532626432756d7a73713336c00cc0270021000"
             "100"
             "000c800035000000000fa1276e6f776a6931737961717a6c697478366239626c663472733968323532626"
             "432"
             "756d7a73713336056c6f63616c00c0270010000100000c8000b158646e73616464723d2f6970342f31323"
             "72e"
             "302e302e312f7463702f353430312f7032702f313244334b6f6f574c69756e4172734241576b3835674b7"
             "733"
             "484735796677724e4c323758534a7332597335443264774252384e57646e73616464723d2f6970342f313"
             "02e"
             "392e302e312f7463702f353430312f7032702f313244334b6f6f574c69756e4172734241576b3835674b7"
             "733"
             "484735796677724e4c323758534a7332597335443264774252384ec063000100010000007800047f00000"
             "1")
      .value();
}

// A record that we do not speak, behind the last one; the root is its name.
inline void add_record(Bytes& message, std::uint16_t type, std::uint16_t wire_class,
                       std::uint8_t size) {
  ++message[11];  // additional records
  message.push_back(0);
  for (const std::uint16_t value : {type, wire_class}) {
    message.push_back(static_cast<std::uint8_t>(value >> 8));
    message.push_back(static_cast<std::uint8_t>(value));
  }
  append(message, std::string("\0\0\0\x78\0", 5));
  message.push_back(size);
  message.insert(message.end(), size, 0xaa);
}

}  // namespace goop::p2p::discovery::kit
