// Bytes that other libp2p implementations produce for the keys of the peer-ids specification.
#pragma once

#include <string_view>

#include "p2p/multi/keys.h"
#include "p2p/multi/peer_id.h"

namespace goop::p2p::vectors {

inline constexpr std::string_view private_key =
    "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"
    "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
inline constexpr std::string_view public_key =
    "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
inline constexpr std::string_view id_bytes =
    "0024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
inline constexpr std::string_view id_text = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
inline constexpr std::string_view id_cid =
    "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6";

inline constexpr std::string_view secp256k1_public_key =
    "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99";
inline constexpr std::string_view secp256k1_id =
    "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY";
inline constexpr std::string_view ecdsa_public_key =
    "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0e8f5d530899d83abab"
    "44abf3161f162a4bc901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e"
    "62";
inline constexpr std::string_view ecdsa_id = "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk";

inline KeyPair key_pair() { return KeyPair::from_protobuf(from_hex(private_key).value()).value(); }
inline PeerId id() { return PeerId::parse(id_text).value(); }

}  // namespace goop::p2p::vectors
