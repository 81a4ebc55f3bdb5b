// The table of multiaddr protocols: what each is called, its code, and what its value looks like.
//
// Spec: multiformats/multiaddr protocols.csv, as far as libp2p peers advertise it. Left out on
// purpose: unix, whose path takes the rest of the text, so that nothing could follow it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace goop::p2p {

// The codes of the wire.
enum class Proto : std::uint32_t {
  ip4 = 4,
  tcp = 6,
  ip6 = 41,
  ip6zone = 42,
  ipcidr = 43,
  dns = 53,
  dns4 = 54,
  dns6 = 55,
  dnsaddr = 56,
  udp = 273,
  webrtc_direct = 280,
  webrtc = 281,
  p2p_circuit = 290,
  p2p = 421,
  onion3 = 445,
  tls = 448,
  sni = 449,
  noise = 454,
  quic = 460,
  quic_v1 = 461,
  webtransport = 465,
  certhash = 466,
  ws = 477,
  wss = 478,
  http = 480,
  http_path = 481,
  memory = 777,
};

struct ProtoInfo {
  static constexpr int variable = -1;  // the value carries its length in front

  Proto proto;
  std::string_view name;
  int value_bytes;  // 0: no value
  // The bytes of a value written as text, and back. `valid` has the last word on bytes of the right
  // size, wherever they come from; `to_text` is only given what it accepted.
  Result<Bytes> (*from_text)(std::string_view text);
  std::string (*to_text)(BytesView value);
  bool (*valid)(BytesView value);
};

const ProtoInfo* find_proto(std::uint64_t code);     // null: unknown
const ProtoInfo* find_proto(std::string_view name);  // "ipfs" is an old name of "p2p"

}  // namespace goop::p2p
