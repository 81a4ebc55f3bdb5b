#include "p2p/multi/peer_id.h"

#include <gtest/gtest.h>

#include <unordered_set>

#include "p2p/multi/multibase.h"
#include "p2p/multi/test_vectors.h"

namespace goop::p2p {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

Errc parse_error(std::string_view text) {
  const auto id = PeerId::parse(text);
  return id ? Errc::internal : id.error().code;
}
Errc bytes_error(std::string_view text) {
  const auto id = PeerId::from_bytes(hex(text));
  return id ? Errc::internal : id.error().code;
}

TEST(PeerId, of_a_key_is_what_other_implementations_say) {
  const auto id_of = [](std::string_view key) {
    return PeerId::from_key(PublicKey::from_protobuf(hex(key)).value()).to_string();
  };
  EXPECT_EQ(id_of(vectors::public_key), vectors::id_text);
  EXPECT_EQ(id_of(vectors::secp256k1_public_key), vectors::secp256k1_id);
  EXPECT_EQ(id_of(vectors::ecdsa_public_key), vectors::ecdsa_id);
}

TEST(PeerId, reads_base58_and_cids_and_prints_base58) {
  for (const auto text : {vectors::id_text, vectors::id_cid}) {
    const auto id = PeerId::parse(text).value();
    EXPECT_EQ(to_hex(id.bytes()), vectors::id_bytes);
    EXPECT_EQ(fmt::format("{}", id), vectors::id_text);
  }
  const auto hashed = PeerId::parse(vectors::ecdsa_id).value();
  EXPECT_EQ(PeerId::parse(hashed.to_cid_base36()).value(), hashed);
}

TEST(PeerId, gives_back_the_key_that_is_inside) {
  const auto key = vectors::id().public_key().value();
  EXPECT_EQ(to_hex(key.protobuf()), vectors::public_key);
  EXPECT_TRUE(vectors::id().matches(key));
  EXPECT_EQ(PeerId::parse(vectors::ecdsa_id)->public_key().error().code, Errc::not_found);
  EXPECT_EQ(PeerId().public_key().error().code, Errc::not_found);
  EXPECT_EQ(PeerId::from_bytes(hex("0003aabbcc"))->public_key().error().code, Errc::invalid);
}

TEST(PeerId, a_key_inside_in_another_form_is_not_that_peers_key) {
  Bytes bytes = hex("0026");
  append(bytes, hex(vectors::public_key));
  append(bytes, hex("1a00"));  // an unknown field behind the key
  const auto id = PeerId::from_bytes(bytes).value();
  EXPECT_EQ(id.public_key().error().code, Errc::invalid);
}

TEST(PeerId, labels_have_the_length_of_a_dns_label_and_come_back) {
  const auto label = vectors::id().to_cid_base36();
  EXPECT_EQ(label.size(), 62u);
  EXPECT_EQ(PeerId::from_label(label).value(), vectors::id());
  const auto secp256k1 = PeerId::parse(vectors::secp256k1_id).value();
  EXPECT_EQ(secp256k1.to_cid_base36().size(), 63u);
  const auto hashed = PeerId::parse(vectors::ecdsa_id).value();
  EXPECT_EQ(hashed.to_cid_base36().size(), 56u);
  EXPECT_EQ(PeerId::from_label(hashed.to_cid_base36()).value(), hashed);
}

TEST(PeerId, a_label_has_one_form_only) {
  std::string label = vectors::id().to_cid_base36();
  EXPECT_FALSE(PeerId::from_label(vectors::id_cid).has_value()) << "another base";
  EXPECT_FALSE(PeerId::from_label(vectors::id_text).has_value());
  EXPECT_FALSE(PeerId::from_label("").has_value());
  EXPECT_FALSE(PeerId::from_label("k0" + label.substr(1)).has_value()) << "a leading zero";
  EXPECT_FALSE(PeerId::from_label(label + ".").has_value());
  label[5] = 'A';
  EXPECT_FALSE(PeerId::from_label(label).has_value()) << "upper case";
}

TEST(PeerId, refuses_other_hashes_and_lengths) {
  EXPECT_EQ(bytes_error(""), Errc::invalid);
  EXPECT_EQ(bytes_error("0000"), Errc::invalid);
  EXPECT_EQ(bytes_error("1220aa"), Errc::invalid);
  EXPECT_EQ(bytes_error("1114" + std::string(40, 'a')), Errc::unsupported) << "sha1";
  EXPECT_EQ(bytes_error(std::string(vectors::id_bytes) + "00"), Errc::invalid) << "trailing";
}

TEST(PeerId, holds_keys_up_to_42_bytes) {
  EXPECT_TRUE(PeerId::from_bytes(hex("002a" + std::string(84, 'a'))).has_value());
  EXPECT_EQ(bytes_error("002b" + std::string(86, 'a')), Errc::too_large);
}

TEST(PeerId, text_is_capped_before_it_is_decoded) {
  EXPECT_EQ(parse_error(std::string(limits::base_text_chars + 1, '1')), Errc::too_large);
  EXPECT_EQ(parse_error(std::string(limits::base_text_chars, '1')), Errc::too_large);
  EXPECT_EQ(parse_error(std::string(100'000, 'k')), Errc::too_large);
}

TEST(PeerId, refuses_cids_of_other_things) {
  const auto cid = [](std::string_view bytes) {
    return multibase_encode(Base::base32, hex(bytes));
  };
  EXPECT_EQ(parse_error(cid("0155" + std::string(vectors::id_bytes))), Errc::invalid) << "raw";
  EXPECT_EQ(parse_error(cid("0072" + std::string(vectors::id_bytes))), Errc::invalid) << "v0";
  EXPECT_EQ(parse_error(cid("01")), Errc::invalid);
  EXPECT_EQ(parse_error(""), Errc::invalid);
  EXPECT_EQ(parse_error("hello"), Errc::unsupported);
}

TEST(PeerId, nobody_is_equal_to_nobody_only) {
  EXPECT_TRUE(PeerId().empty());
  EXPECT_EQ(PeerId().to_string(), "");
  EXPECT_NE(PeerId(), vectors::id());
  const std::unordered_set<PeerId> set{PeerId(), vectors::id(), vectors::id()};
  EXPECT_EQ(set.size(), 2u);
}

}  // namespace
}  // namespace goop::p2p
