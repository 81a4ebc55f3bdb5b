#include "p2p/multi/envelope.h"

#include <gtest/gtest.h>

#include "p2p/multi/limits.h"
#include "p2p/multi/test_vectors.h"
#include "p2p/multi/varint.h"

namespace goop::p2p {
namespace {

const std::string record_hex =
    "0a26" + std::string(vectors::id_bytes) + "10011a0a0a0804c0000207060fa1";
const std::string envelope_hex =
    "0a24" + std::string(vectors::public_key) + "120203011a36" + record_hex +
    "2a403e8e6d0f9832536265f4a36c0e9b7631ca6cff74f9b89580278dcb343ea0478096a0afcdbbfcba823b6e7a40"
    "fbfb00831e3840ccce6e87144eb6bb5e7b76bb00";

Bytes hex(std::string_view text) { return from_hex(text).value(); }
Multiaddr address(std::string_view text) { return Multiaddr::parse(text).value(); }
KeyPair other_key() {
  return KeyPair::from_seed(crypto::Secret<32>(std::array<std::uint8_t, 32>{9}));
}

template <class T>
std::optional<Errc> code(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().code);
}

Bytes field(std::uint32_t number, BytesView value) {
  Bytes bytes;
  append_uvarint(bytes, number << 3 | 2);
  append_prefixed(bytes, value);
  return bytes;
}

TEST(PeerRecord, seals_to_the_bytes_of_other_implementations) {
  const Multiaddr addresses[] = {address("/ip4/192.0.2.7/tcp/4001")};
  EXPECT_EQ(to_hex(seal_peer_record(vectors::key_pair(), 1, addresses)), envelope_hex);
}

TEST(PeerRecord, opens_what_other_implementations_sealed) {
  const auto record = open_peer_record(hex(envelope_hex)).value();
  EXPECT_EQ(record.peer, vectors::id());
  EXPECT_EQ(record.seq, 1u);
  EXPECT_EQ(record.addresses, std::vector{address("/ip4/192.0.2.7/tcp/4001")});
  EXPECT_TRUE(open_peer_record_of(vectors::key_pair().public_key(), hex(envelope_hex)));
}

TEST(Envelope, seals_a_relay_voucher_to_the_bytes_of_other_implementations) {
  const std::string id(vectors::id_bytes);
  const Bytes sealed = seal_envelope(vectors::key_pair(), purpose::relay_voucher,
                                     hex("0a26" + id + "1226" + id + "1880e2cfaa06"));
  EXPECT_EQ(to_hex(BytesView(sealed).last(64)),
            "4839ec34b63898e50d3c3d3a4a643a8835837b5fd561139f06fbcbd98eb51341"
            "ad31e54f2fa4731917ff5a803fabdfcc4e47e13284aa5b3d345cb244eca7df00");
}

TEST(Envelope, any_changed_byte_is_noticed) {
  const Bytes good = hex(envelope_hex);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes changed = good;
    changed[i] ^= 1;
    EXPECT_FALSE(open_peer_record(changed).has_value()) << i;
    EXPECT_FALSE(open_peer_record(BytesView(good).first(i)).has_value()) << i;
  }
}

TEST(Envelope, of_another_purpose_does_not_open) {
  const EnvelopePurpose same_type{"another-domain", purpose::peer_record_type};
  const Bytes foreign_domain = seal_envelope(vectors::key_pair(), same_type, hex(record_hex));
  EXPECT_EQ(code(open_envelope(foreign_domain, purpose::peer_record)), Errc::unverified);
  EXPECT_EQ(code(open_envelope(hex(envelope_hex), purpose::relay_voucher)), Errc::unsupported);
}

TEST(Envelope, is_bounded_in_all_its_parts) {
  const auto sealed = [](std::size_t payload) {
    return seal_envelope(vectors::key_pair(), purpose::peer_record, Bytes(payload));
  };
  const std::size_t room = limits::envelope_bytes - sealed(1000).size() + 1000;
  EXPECT_EQ(code(open_envelope(sealed(room), purpose::peer_record)), std::nullopt);
  EXPECT_EQ(code(open_envelope(sealed(room + 1), purpose::peer_record)), Errc::too_large);

  const auto with = [](std::uint32_t number, std::size_t size) {
    return code(open_envelope(field(number, Bytes(size)), purpose::peer_record));
  };
  EXPECT_EQ(with(1, limits::key_bytes + 1), Errc::too_large);
  EXPECT_EQ(with(2, limits::payload_type_bytes + 1), Errc::too_large);
  EXPECT_EQ(with(5, limits::signature_bytes + 1), Errc::too_large);
  EXPECT_EQ(with(2, limits::payload_type_bytes), Errc::unsupported);
  Bytes repeated;
  for (std::size_t i = 0; i <= limits::protobuf_repeats; ++i) append(repeated, field(3, {}));
  EXPECT_EQ(code(open_envelope(repeated, purpose::peer_record)), Errc::too_large);
}

TEST(PeerRecord, RUSTSEC_2022_0009_a_record_about_another_peer_than_its_signer_is_refused) {
  const PeerRecord about_other{vectors::id(), 1, {}};
  const Bytes forged =
      seal_envelope(other_key(), purpose::peer_record, encode_peer_record(about_other));
  EXPECT_EQ(code(open_peer_record(forged)), Errc::unverified);
  EXPECT_EQ(code(open_peer_record_of(other_key().public_key(), forged)), Errc::unverified);
}

TEST(PeerRecord, CVE_2023_40583_a_record_of_a_third_peer_is_refused_from_this_sender) {
  EXPECT_EQ(code(open_peer_record_of(other_key().public_key(), hex(envelope_hex))),
            Errc::unverified);
}

// A key that would be refused by the parser is refused as "another key": nobody parsed it.
TEST(PeerRecord, GHSA_rvfr_cqwq_rc4j_a_known_senders_key_is_compared_and_not_parsed) {
  Bytes envelope = field(1, hex("08031203308400"));
  append(envelope, field(2, purpose::peer_record_type));
  EXPECT_EQ(code(open_peer_record_of(other_key().public_key(), envelope)), Errc::unverified);
  EXPECT_EQ(code(open_peer_record(envelope)), Errc::unsupported);
}

TEST(PeerRecord, leaves_out_addresses_that_it_cannot_use) {
  Bytes payload = field(1, vectors::id().bytes());
  const auto add = [&](BytesView bytes) { append(payload, field(3, field(1, bytes))); };
  const Multiaddr good = address("/ip4/192.0.2.7/tcp/4001");
  add(hex("047f000001ffff03"));                                             // unknown protocol
  add(good.with_peer(PeerId::from_key(other_key().public_key())).bytes());  // to somebody else
  add(good.with_peer(vectors::id()).bytes());
  add({});
  EXPECT_EQ(decode_peer_record(payload)->addresses, std::vector{good});
}

TEST(PeerRecord, has_at_most_500_addresses) {
  Bytes payload = field(1, vectors::id().bytes());
  const Bytes entry = field(3, field(1, hex("dd03")));
  for (std::size_t i = 0; i < limits::record_addresses; ++i) append(payload, entry);
  EXPECT_EQ(decode_peer_record(payload)->addresses.size(), limits::record_addresses);
  append(payload, entry);
  EXPECT_EQ(code(decode_peer_record(payload)), Errc::too_large);
}

TEST(PeerRecord, comes_back_as_it_went) {
  const PeerRecord record{vectors::id(),
                          ~std::uint64_t{0},
                          {address("/ip6/::1/tcp/1"), address("/dns4/a.example/tcp/443/wss")}};
  const auto decoded = decode_peer_record(encode_peer_record(record)).value();
  EXPECT_EQ(decoded.peer, record.peer);
  EXPECT_EQ(decoded.seq, record.seq);
  EXPECT_EQ(decoded.addresses, record.addresses);
}

}  // namespace
}  // namespace goop::p2p
