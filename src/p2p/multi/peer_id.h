// Who a peer is: the multihash of its public key. Small keys are inside the id itself.
//
// A value of fixed size, cheap to copy and to compare. Printed as base58btc everywhere; read in
// every form libp2p knows.
//
// Spec:   libp2p/specs peer-ids.   Limits: limits::peer_id_bytes, limits::base_text_chars
// Errors: invalid, too_large, unsupported.
#pragma once

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "p2p/multi/limits.h"

namespace goop::p2p {

class PublicKey;

class PeerId {
 public:
  PeerId() = default;  // nobody: empty, equal to no peer's id, printed as ""

  static PeerId from_key(const PublicKey& key);
  static Result<PeerId> from_bytes(BytesView bytes);
  static Result<PeerId> parse(std::string_view text);  // base58btc, or CIDv1 in any base

  // The host label of the peer's own origin: CIDv1 (libp2p-key) in base36, fit for a DNS label.
  std::string to_cid_base36() const;
  // Accepts exactly what to_cid_base36 gives.
  static Result<PeerId> from_label(std::string_view label);

  bool empty() const { return size_ == 0; }
  BytesView bytes() const { return {bytes_.data(), size_}; }
  std::string to_string() const;  // base58btc

  // not_found: only the key's hash is in the id. invalid: what is in it is no key.
  Result<PublicKey> public_key() const;
  bool matches(const PublicKey& key) const { return from_key(key) == *this; }

  bool operator==(const PeerId&) const = default;
  std::strong_ordering operator<=>(const PeerId&) const = default;

 private:
  std::array<std::uint8_t, limits::peer_id_bytes> bytes_{};  // unused ones stay zero
  std::uint8_t size_ = 0;
};

}  // namespace goop::p2p

template <>
struct std::hash<goop::p2p::PeerId> {
  std::size_t operator()(const goop::p2p::PeerId& id) const noexcept {
    return std::hash<std::string_view>{}(goop::as_text(id.bytes()));
  }
};

template <>
struct fmt::formatter<goop::p2p::PeerId> : fmt::formatter<std::string> {
  auto format(const goop::p2p::PeerId& id, format_context& context) const {
    return formatter<std::string>::format(id.to_string(), context);
  }
};
