#include "codec/compress.h"

#include <gtest/gtest.h>

#include "codec/limits.h"

namespace goop::codec {
namespace {

struct Compress : testing::TestWithParam<Coding> {
  Coding coding = GetParam();
};
INSTANTIATE_TEST_SUITE_P(Codings, Compress, testing::Values(Coding::gzip, Coding::br));

Bytes text(std::size_t size) {
  Bytes bytes;
  for (std::size_t i = 0; bytes.size() < size; ++i)
    append(bytes, fmt::format("line {}\n", i * 7919));
  bytes.resize(size);
  return bytes;
}

TEST_P(Compress, What_was_packed_comes_back) {
  for (const std::size_t size : {0, 1, 1000, 65'536, 65'537, 1'000'000}) {
    const Bytes packed = pack(coding, text(size));
    EXPECT_EQ(unpack(coding, packed, size), text(size)) << size;
    if (size >= 1000) EXPECT_LT(packed.size(), size / 2);
  }
}

TEST_P(Compress, More_than_the_caller_allows_is_refused) {
  const Bytes packed = pack(coding, text(100'000));
  EXPECT_EQ(unpack(coding, packed, 100'000)->size(), 100'000u);
  EXPECT_EQ(unpack(coding, packed, 99'999).error().code, Errc::too_large);
}

TEST_P(Compress, A_bomb_is_refused_by_its_ratio) {
  const Bytes packed = pack(coding, Bytes(5'000'000));
  ASSERT_GT(5'000'000u, packed.size() * limits::unpacked_ratio + limits::unpacked_slack);
  EXPECT_EQ(unpack(coding, packed, 9'000'000).error().code, Errc::too_large);
}

TEST_P(Compress, Cut_damaged_and_continued_streams_are_refused) {
  const Bytes packed = pack(coding, text(10'000));
  for (std::size_t size = 0; size < packed.size(); size += 97) {
    EXPECT_EQ(unpack(coding, BytesView(packed).first(size), 10'000).error().code, Errc::invalid);
  }
  Bytes longer = packed;
  longer.push_back(0);
  EXPECT_EQ(unpack(coding, longer, 10'000).error().code, Errc::invalid);
  EXPECT_EQ(unpack(coding, text(100), 10'000).error().code, Errc::invalid);
}

}  // namespace
}  // namespace goop::codec
