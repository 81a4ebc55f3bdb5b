#include "rendezvous/backplane/frame.h"

#include "rendezvous/backplane/limits.h"
#include "rendezvous/board_test_kit.h"
#include "wire/presence_limits.h"

#include <gtest/gtest.h>

namespace goop::rendezvous::backplane {
namespace {

net::IpAddress address(std::string_view text) { return asio::ip::make_address(text); }

std::vector<Frame> one_of_each() {
  Entry here{Entry::Kind::here, person(1).id, 1'760'000'000'000, address("192.0.2.7"), "{}"};
  Entry left{Entry::Kind::left, person(2).id, 0, address("2001:db8::1"), ""};
  return {{1, Pulse{3, 2, 0xfedcba9876543210, true}},
          {0xffffffffffffffff, News{7, true, false, {here, left}}},
          {2, News{8, false, true, {}}},
          {3, Ask{0x8000000000000001}},
          {4, Meet{person(1).id, {person(2).id, person(3).id}}},
          {5, Meet{person(1).id, {}}},
          {6, Bye{}}};
}

TEST(BackplaneFrame, reads_what_was_written) {
  for (const auto& frame : one_of_each()) EXPECT_EQ(decode(encode(frame)), frame);
}

TEST(BackplaneFrame, takes_nothing_that_is_cut_or_too_long) {
  for (const auto& frame : one_of_each()) {
    auto bytes = encode(frame);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(decode(BytesView(bytes).first(size))) << size;
    }
    bytes.push_back(0);
    EXPECT_FALSE(decode(bytes));
  }
}

TEST(BackplaneFrame, another_version_is_not_understood) {
  auto bytes = encode({1, Bye{}});
  bytes[0] = 2;
  EXPECT_EQ(decode(bytes).error().code, Errc::unsupported);
}

TEST(BackplaneFrame, has_its_caps) {
  EXPECT_EQ(decode(Bytes(limits::frame_most + 1)).error().code, Errc::too_large);

  Entry entry{Entry::Kind::here, person(1).id, 1, address("192.0.2.7"),
              std::string(wire::limits::presence_bytes, ' ')};
  EXPECT_TRUE(decode(encode({1, News{1, false, false, {entry}}})));
  entry.text += ' ';
  EXPECT_EQ(decode(encode({1, News{1, false, false, {entry}}})).error().code, Errc::too_large);

  const Entry small{Entry::Kind::left, person(1).id, 1, address("192.0.2.7"), ""};
  News many{1, false, false, std::vector(limits::entries_most, small)};
  EXPECT_TRUE(decode(encode({1, many})));
  many.entries.push_back(small);
  EXPECT_EQ(decode(encode({1, many})).error().code, Errc::too_large);

  Meet meeting{person(1).id, std::vector(limits::introductions, person(2).id)};
  EXPECT_TRUE(decode(encode({1, meeting})));
  meeting.others.push_back(person(3).id);
  EXPECT_EQ(decode(encode({1, meeting})).error().code, Errc::too_large);
}

}  // namespace
}  // namespace goop::rendezvous::backplane
