#include "p2p/multi/multibase.h"

#include <gtest/gtest.h>

#include "p2p/multi/base58.h"
#include "p2p/multi/limits.h"
#include "p2p/multi/multihash.h"

namespace goop::p2p {
namespace {

constexpr Base bases[] = {Base::base16, Base::base32,    Base::base36,       Base::base58,
                          Base::base64, Base::base64url, Base::base64url_pad};

TEST(Base58, has_the_texts_of_the_internet_draft) {
  EXPECT_EQ(base58_encode(as_bytes("Hello World!")), "2NEpo7TZRRrLZSi2U");
  EXPECT_EQ(base58_encode(from_hex("0000287fb4cd").value()), "11233QC4");
  EXPECT_EQ(base58_decode("11233QC4").value(), from_hex("0000287fb4cd").value());
}

TEST(Base58, refuses_foreign_characters_and_long_text) {
  for (const auto* text : {"0", "O", "I", "l", "a b", "a\n"}) {
    EXPECT_EQ(base58_decode(text).error().code, Errc::invalid) << text;
  }
  EXPECT_TRUE(base58_decode(std::string(limits::base_text_chars, 'z')).has_value());
  EXPECT_EQ(base58_decode(std::string(limits::base_text_chars + 1, 'z')).error().code,
            Errc::too_large);
}

TEST(Multibase, has_the_texts_of_the_specification) {
  const BytesView bytes = as_bytes("yes mani !");
  EXPECT_EQ(multibase_encode(Base::base16, bytes), "f796573206d616e692021");
  EXPECT_EQ(multibase_encode(Base::base32, bytes), "bpfsxgidnmfxgsibb");
  EXPECT_EQ(multibase_encode(Base::base36, bytes), "k2lcpzo5yikidynfl");
  EXPECT_EQ(multibase_encode(Base::base58, bytes), "z7paNL19xttacUY");
  EXPECT_EQ(multibase_encode(Base::base64, bytes), "meWVzIG1hbmkgIQ");
  EXPECT_EQ(multibase_encode(Base::base64url, bytes), "ueWVzIG1hbmkgIQ");
  EXPECT_EQ(multibase_encode(Base::base64url_pad, bytes), "UeWVzIG1hbmkgIQ==");
}

TEST(Multibase, every_length_comes_back_in_every_base) {
  Bytes bytes;
  for (int i = 0; i < 50; ++i) {
    for (const Base base : bases) {
      EXPECT_EQ(multibase_decode(multibase_encode(base, bytes)).value(), bytes);
    }
    bytes.push_back(static_cast<std::uint8_t>(i * 37));
  }
}

TEST(Multibase, a_value_has_one_text_per_base) {
  for (const auto* text :
       {"f0", "fAB", "bAA", "ba", "baaa", "bab", "mA", "mAB", "UQQ", "UQQ=", "U====", "KA", ""}) {
    EXPECT_FALSE(multibase_decode(text).has_value()) << text;
  }
  EXPECT_EQ(multibase_decode("?abc").error().code, Errc::unsupported);
}

TEST(Multibase, long_text_is_refused_before_it_is_decoded) {
  EXPECT_TRUE(base_decode(Base::base16, std::string(limits::multiaddr_text_chars, '0')));
  EXPECT_EQ(
      base_decode(Base::base16, std::string(limits::multiaddr_text_chars + 2, '0')).error().code,
      Errc::too_large);
  EXPECT_EQ(base_decode(Base::base36, std::string(limits::base_text_chars + 1, '0')).error().code,
            Errc::too_large);
}

TEST(Multihash, is_code_length_and_digest) {
  Bytes bytes;
  append_multihash(bytes, hash_code::identity, as_bytes("ab"));
  EXPECT_EQ(bytes, (Bytes{0, 2, 'a', 'b'}));
  const auto hash = read_multihash(bytes).value();
  EXPECT_EQ(hash.code, hash_code::identity);
  EXPECT_EQ(as_text(hash.digest), "ab");
}

TEST(Multihash, refuses_wrong_lengths) {
  for (const auto* text : {"", "00", "0002aa", "0001aabb", "1201aa", "8000", "00820000"}) {
    EXPECT_FALSE(read_multihash(from_hex(text).value()).has_value()) << text;
  }
}

}  // namespace
}  // namespace goop::p2p
