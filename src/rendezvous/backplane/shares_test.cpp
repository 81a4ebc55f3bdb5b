// What a server keeps to say of its own share, and of those of others: caps.
#include <gtest/gtest.h>

#include "rendezvous/backplane/limits.h"
#include "rendezvous/backplane/others.h"
#include "rendezvous/backplane/own_share.h"
#include "rendezvous/board_test_kit.h"

namespace goop::rendezvous::backplane {
namespace {

TEST(OwnShareTest, what_waits_is_bounded_and_dropping_it_leaves_a_gap_in_the_numbers) {
  Board board({200'000, 20s});
  OwnShare own(board);
  Instant now{};
  const auto come = [&](int number) {
    wire::PresenceMessage message = invented(number);
    const Source source{Proof::none, asio::ip::make_address("127.0.0.1")};
    const auto outcome = board.apply(std::move(message), source, 1, now, WallTime{});
    own.changed(outcome.changes, now);
  };
  for (int i = 0; i < static_cast<int>(limits::waiting); ++i) come(i);
  EXPECT_EQ(own.waiting(), limits::waiting);
  come(1'000'000);
  EXPECT_EQ(own.waiting(), 1u);
  EXPECT_EQ(own.overflows(), 1u);
  EXPECT_EQ(own.next(now)->number, 2u);
  own.look(now);
  EXPECT_EQ(own.waiting(), board.size() - 1);  // found again
}

TEST(OwnShareTest, one_frame_holds_a_bounded_number_of_bytes) {
  Board board;
  OwnShare own(board);
  for (int i = 0; i < 2'000; ++i) {
    const Source source{Proof::none, asio::ip::make_address("127.0.0.1")};
    own.changed(board.apply(invented(i), source, 1, Instant{}, WallTime{}).changes, Instant{});
  }
  std::size_t frames = 0;
  while (const auto news = own.next(Instant{})) {
    ++frames;
    EXPECT_LT(encode({1, *news}).size(), limits::frame_bytes + 40'000);
  }
  EXPECT_GT(frames, 1u);
}

TEST(OthersTest, of_a_share_no_more_is_kept_than_the_board_has_room_for) {
  Others others(20s, 3);
  others.hear(1, Instant{});
  News news{1};
  others.begin(1, news);
  for (int i = 0; i < 5; ++i) {
    others.note(1, {Entry::Kind::here, invented(i).presence.peer, 1, {}, "{}"});
  }
  others.end(1, news);
  EXPECT_TRUE(others.have(invented(2).presence.peer));
  EXPECT_FALSE(others.have(invented(3).presence.peer));
  others.pulse(1, {1, 5, 0});
  EXPECT_EQ(others.in_step(), 1u);  // it is as much as we can have
}

}  // namespace
}  // namespace goop::rendezvous::backplane
