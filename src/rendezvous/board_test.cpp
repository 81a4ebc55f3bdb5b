// The rules of the board, in made-up time: who may say what about whom, and when it ends.
#include "rendezvous/board.h"

#include <gtest/gtest.h>

#include "rendezvous/board_test_kit.h"

namespace goop::rendezvous {
namespace {

using Kind = Change::Kind;

class BoardTest : public ::testing::Test, public BoardKit {};

TEST_F(BoardTest, a_signed_peer_arrives_beats_and_changes) {
  auto nora = person(1);
  auto outcome = say(nora);
  ASSERT_EQ(kinds(outcome), (std::vector{Kind::changed}));
  EXPECT_TRUE(outcome.arrived);
  pass(5s);
  EXPECT_EQ(kinds(say(nora)), (std::vector{Kind::beat}));
  nora.label = "Nora at school";
  EXPECT_EQ(kinds(say(nora)), (std::vector{Kind::changed}));
  EXPECT_EQ(board.last_number(), 2u);
}

TEST_F(BoardTest, an_equal_ts_is_a_duplicate_and_an_older_one_is_refused) {
  auto nora = person(1);
  const auto first = signed_message(nora);
  EXPECT_FALSE(apply(first).refused);
  const auto again = apply(first);
  EXPECT_TRUE(again.duplicate);
  EXPECT_FALSE(again.refused);
  pass(1s);
  EXPECT_FALSE(say(nora).refused);
  EXPECT_EQ(apply(first).refused->code, Errc::conflict);
}

TEST_F(BoardTest, a_clock_that_is_off_is_told_the_difference) {
  auto nora = person(1);
  nora.clock_off = -1h;
  auto outcome = say(nora);
  ASSERT_TRUE(outcome.refused);
  EXPECT_EQ(outcome.refused->code, Errc::invalid);
  EXPECT_EQ(outcome.clock_difference_ms, -3'600'000);
  auto ben = person(2), mira = person(3);
  ben.clock_off = limits::clock_window + 1s;
  EXPECT_EQ(say(ben).clock_difference_ms, 301'000);
  mira.clock_off = limits::clock_window;
  EXPECT_FALSE(say(mira).refused);
}

TEST_F(BoardTest, a_number_of_a_clock_that_was_wrong_locks_nobody_out) {
  auto nora = person(1);
  pass(2h);  // the clock of this machine, with its server and its peer, is ahead
  say(nora);
  pass(5s);
  wall -= 2h + 5s;
  nora.last_ts = 0;
  EXPECT_EQ(kinds(say(nora)), (std::vector{Kind::beat}));
  const auto now_known = signed_message(nora);
  EXPECT_FALSE(apply(now_known).refused);
  EXPECT_TRUE(apply(now_known).duplicate);  // the order holds again
}

TEST_F(BoardTest, the_end_of_one_whose_clock_was_wrong_locks_nobody_out_either) {
  auto nora = person(1);
  pass(2h);
  say(nora);
  wall -= 2h;
  board.remove(nora.id, now, wall);
  nora.last_ts = 0;
  const auto back = signed_message(nora);
  EXPECT_FALSE(apply(back).refused);
  // Its goodbye ends it for good, whatever stood on the board before it.
  pass(1s);
  nora.type = wire::PresenceType::offline;
  EXPECT_FALSE(say(nora).refused);
  EXPECT_TRUE(apply(back).refused);
}

TEST_F(BoardTest, an_unsigned_message_neither_changes_nor_ends_what_was_signed) {
  auto nora = person(1);
  say(nora);
  auto forged = unsigned_message(nora);
  forged.presence.label = "forged";
  forged.presence.public_key = "zPFtQt4CzPFtQt4CzPFtQt4CzPFtQt4CzPFtQt4CzPE=";
  EXPECT_EQ(apply(forged).refused->code, Errc::conflict);
  forged.presence.type = wire::PresenceType::offline;
  EXPECT_EQ(apply(forged).refused->code, Errc::conflict);
  EXPECT_EQ(board.find(nora.id)->message->presence.label, nora.label);
}

TEST_F(BoardTest, after_its_time_an_unsigned_message_shows_a_signed_peer_without_its_key) {
  auto nora = person(1);
  say(nora);
  pass(limits::ttl + limits::prune);
  EXPECT_EQ(kinds(board.expire(now, wall)), (std::vector{Kind::gone}));
  auto bare = unsigned_message(nora);
  bare.presence.public_key = "zPFtQt4CzPFtQt4CzPFtQt4CzPFtQt4CzPFtQt4CzPE=";
  EXPECT_EQ(kinds(apply(bare)), (std::vector{Kind::changed}));
  EXPECT_FALSE(board.find(nora.id)->is_signed);
  EXPECT_EQ(board.find(nora.id)->message->presence.public_key, "");
}

TEST_F(BoardTest, a_signed_offline_acts_at_once_and_nothing_old_or_unsigned_undoes_it) {
  auto nora = person(1);
  const auto online = signed_message(nora);
  apply(online);
  pass(1s);
  nora.type = wire::PresenceType::offline;
  const auto outcome = say(nora);
  ASSERT_EQ(kinds(outcome), (std::vector{Kind::gone}));
  EXPECT_TRUE(outcome.changes[0].message->is_signed());  // as the peer said it
  EXPECT_EQ(board.size(), 0u);
  EXPECT_EQ(apply(online).refused->code, Errc::conflict);
  EXPECT_EQ(apply(unsigned_message(nora)).refused->code, Errc::conflict);
  pass(limits::ttl);
  EXPECT_FALSE(apply(unsigned_message(nora)).refused);
}

TEST_F(BoardTest, the_last_ts_is_kept_for_twice_the_clock_window) {
  auto nora = person(1);
  nora.clock_off = limits::clock_window - 1s;  // good until two windows from now
  const auto online = signed_message(nora);
  apply(online);
  nora.type = wire::PresenceType::offline;
  apply(signed_message(nora));
  pass(2 * limits::clock_window - 2s);
  board.expire(now, wall);
  EXPECT_TRUE(apply(online).refused);
  pass(limits::prune + 2s);
  board.expire(now, wall);
  EXPECT_EQ(board.ended_size(), 0u);
  EXPECT_TRUE(apply(online).clock_difference_ms);  // by now its time is over anyway
}

TEST_F(BoardTest, silence_ends_a_row_after_its_ttl_and_a_longer_one_is_kept) {
  auto nora = person(1), ben = person(2);
  ben.ttl = 60s;
  say(nora), say(ben);
  pass(limits::ttl);
  EXPECT_EQ(gone(board.expire(now, wall)), (std::vector{nora.id}));
  pass(60s - limits::ttl - 1s);
  EXPECT_TRUE(gone(board.expire(now, wall)).empty());
  pass(limits::prune);
  EXPECT_EQ(gone(board.expire(now, wall)), (std::vector{ben.id}));
}

TEST_F(BoardTest, who_beats_every_29_seconds_does_not_flap) {
  for (int i = 0; i < 100; ++i) {
    say(person(1));
    for (int second = 0; second < 29; ++second) {
      EXPECT_TRUE(gone(board.expire(now, wall)).empty());
      pass(1s);
    }
  }
}

TEST_F(BoardTest, an_announced_ttl_counts_for_a_minute_and_longer_while_its_peer_listens) {
  auto nora = person(1), ben = person(2);
  nora.ttl = ben.ttl = 1h;
  const auto away = asio::ip::make_address("198.51.100.7");
  board.apply(signed_message(nora), {Proof::checked, away}, 100, now, wall);
  say(ben);
  board.listens(address);
  pass(limits::announced_ttl);
  EXPECT_EQ(gone(board.expire(now, wall)), (std::vector{nora.id}));
  pass(30min);
  EXPECT_TRUE(gone(board.expire(now, wall)).empty());
  board.stops_listening(address, now);
  pass(limits::ttl - 1s);
  EXPECT_TRUE(gone(board.expire(now, wall)).empty());  // the stream may only have broken off
  pass(limits::prune);
  EXPECT_EQ(gone(board.expire(now, wall)), (std::vector{ben.id}));
}

TEST_F(BoardTest, a_listener_does_not_keep_whom_its_broken_socket_has_ended) {
  auto nora = person(1);
  nora.ttl = 1h;
  board.listens(address);
  say(nora);
  board.hold(nora.id);
  board.release(nora.id, now);
  pass(limits::grace);
  EXPECT_EQ(gone(board.expire(now, wall)), (std::vector{nora.id}));
}

TEST_F(BoardTest, a_proven_socket_holds_a_row_and_its_end_starts_a_grace) {
  auto nora = person(1);
  say(nora);
  board.hold(nora.id);
  pass(10min);
  EXPECT_TRUE(gone(board.expire(now, wall)).empty());
  board.release(nora.id, now);
  EXPECT_EQ(board.next_due(), now + limits::grace);
  pass(limits::grace - 1ms);
  EXPECT_TRUE(gone(board.expire(now, wall)).empty());
  pass(1ms);
  EXPECT_EQ(gone(board.expire(now, wall)), (std::vector{nora.id}));
}

TEST_F(BoardTest, who_speaks_again_within_the_grace_stays) {
  auto nora = person(1);
  say(nora);
  board.hold(nora.id);
  board.release(nora.id, now);
  pass(3s);
  say(nora);
  pass(limits::grace);
  EXPECT_TRUE(gone(board.expire(now, wall)).empty());
}

TEST_F(BoardTest, the_end_of_an_unproven_socket_ends_only_an_unsigned_row) {
  auto nora = person(1), ben = person(2);
  say(nora);
  apply(unsigned_message(ben));
  EXPECT_TRUE(board.abandon(nora.id, now, wall).empty());
  EXPECT_EQ(gone(board.abandon(ben.id, now, wall)), (std::vector{ben.id}));
}

TEST_F(BoardTest, a_silent_row_is_repeated_for_readers_with_a_ttl) {
  auto nora = person(1);
  say(nora);
  board.hold(nora.id);
  board.expire(now, wall);
  int beats = 0;
  for (int i = 0; i < 24; ++i) {  // two minutes
    pass(limits::prune);
    beats += static_cast<int>(board.expire(now, wall).size());
  }
  EXPECT_EQ(beats, 12);
}

TEST_F(BoardTest, a_wild_unsigned_ts_becomes_that_of_the_server) {
  auto message = unsigned_message(person(1));
  message.presence.ts = wire::limits::presence_ts_most;
  const auto outcome = apply(message);
  ASSERT_EQ(kinds(outcome), (std::vector{Kind::changed}));
  EXPECT_EQ(outcome.changes[0].message->presence.ts, to_ms(wall));
}

TEST_F(BoardTest, a_million_invented_ids_stay_bounded_and_push_no_signed_peer_out) {
  auto nora = person(1);
  say(nora);
  std::size_t refused = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    auto message = invented(i);
    address = net::IpAddress(asio::ip::address_v4(0x0a000000u + static_cast<unsigned>(i % 9'973)));
    refused += apply(std::move(message)).refused.has_value();
  }
  EXPECT_LE(board.size(), limits::peers);
  EXPECT_LE(board.unsigned_size(), limits::peers / limits::unsigned_share);
  EXPECT_GE(refused, 900'000u);
  EXPECT_NE(board.find(nora.id), nullptr);
}

TEST_F(BoardTest, one_address_shows_only_so_many_unsigned_peers) {
  address = asio::ip::make_address("198.51.100.1");
  for (std::size_t i = 0; i < limits::unsigned_per_address; ++i) {
    ASSERT_FALSE(apply(invented(static_cast<int>(i))).refused);
  }
  EXPECT_EQ(apply(invented(-1)).refused->code, Errc::busy);
  EXPECT_FALSE(say(person(1)).refused);
  address = asio::ip::make_address("198.51.100.2");
  EXPECT_FALSE(apply(invented(-1)).refused);
}

TEST_F(BoardTest, one_address_shows_only_so_many_peers) {
  address = asio::ip::make_address("198.51.100.1");
  for (std::size_t i = 0; i < limits::peers_per_address; ++i) {
    crypto::Secret<32> seed;
    std::memcpy(seed.mut().data(), &i, sizeof i);
    ASSERT_FALSE(say(Person{p2p::KeyPair::from_seed(seed)}).refused);
  }
  EXPECT_EQ(apply(invented(1)).refused->code, Errc::busy);
}

TEST_F(BoardTest, a_full_board_gives_up_the_unsigned_row_that_was_silent_for_longest) {
  board = Board({.peers = 4});
  apply(invented(1)), apply(invented(2));
  say(person(1)), say(person(2));
  pass(1s);
  apply(invented(1));  // the other is now the one silent for longest
  const auto outcome = say(person(3));
  ASSERT_EQ(kinds(outcome), (std::vector{Kind::gone, Kind::changed}));
  EXPECT_EQ(outcome.changes[0].message->presence.peer, invented(2).presence.peer);
  EXPECT_FALSE(say(person(4)).refused);
  EXPECT_EQ(say(person(5)).refused->code, Errc::busy);
}

TEST_F(BoardTest, ends_that_are_remembered_are_bounded) {
  for (std::size_t i = 0; i <= limits::ended; ++i) {
    board.restore_ended(invented(static_cast<int>(i)).presence.peer, 1, now);
  }
  EXPECT_EQ(board.ended_size(), limits::ended);
}

TEST_F(BoardTest, what_a_database_gives_back_keeps_its_age_and_its_ts) {
  auto nora = person(1), ben = person(2);
  const auto message = signed_message(nora), old = signed_message(ben);
  EXPECT_TRUE(board.restore(message, true, wall - 15s, now, wall));
  EXPECT_FALSE(board.restore(old, true, wall - limits::ttl, now, wall));
  EXPECT_TRUE(apply(message).duplicate);
  EXPECT_TRUE(apply(old).duplicate);
  pass(limits::ttl - 15s);
  EXPECT_EQ(gone(board.expire(now, wall)), (std::vector{nora.id}));
}

TEST_F(BoardTest, new_addresses_are_noticed_whatever_their_order) {
  auto nora = person(1);
  nora.addresses = {"/ip4/203.0.113.9/tcp/1", "/ip4/203.0.113.9/tcp/2"};
  EXPECT_TRUE(say(nora).addresses_new);
  std::ranges::reverse(nora.addresses);
  EXPECT_FALSE(say(nora).addresses_new);
  nora.addresses.pop_back();
  EXPECT_TRUE(say(nora).addresses_new);
}

// --- other servers of the board ---

struct SharedBoardTest : BoardTest {
  Outcome hear(wire::PresenceMessage message, std::string_view from = "192.0.2.7") {
    const auto proof = message.is_signed() ? Proof::checked : Proof::none;
    const Source source{proof, asio::ip::make_address(from), Via::backplane};
    return board.apply(std::move(message), source, 100, now, wall);
  }
};

TEST_F(SharedBoardTest, a_row_stays_for_as_long_as_another_server_has_its_peer) {
  auto nora = person(1);
  hear(signed_message(nora));
  pass(4min);
  EXPECT_TRUE(gone(board.expire(now, wall)).empty());
  board.withdraw(nora.id, std::nullopt, now + 2s, now);
  pass(1s);
  EXPECT_TRUE(gone(board.expire(now, wall)).empty());
  pass(1s);
  EXPECT_LE(board.next_due(), now);
  EXPECT_EQ(gone(board.expire(now, wall)), (std::vector{nora.id}));
}

TEST_F(SharedBoardTest, what_a_gone_peer_said_last_is_kept_unless_it_said_goodbye) {
  auto nora = person(1), ben = person(2);
  say(nora);
  say(ben);
  EXPECT_EQ(board.remove(nora.id, now, wall).front().last->presence.label, "Nora");
  ben.type = wire::PresenceType::offline;
  EXPECT_EQ(say(ben).changes.front().last, nullptr);
}

TEST_F(SharedBoardTest, who_lives_here_is_known_by_the_address_that_it_has_here) {
  auto nora = person(1);
  say(nora);
  const auto outcome = hear(signed_message(nora));
  EXPECT_FALSE(outcome.moved_from);
  EXPECT_EQ(board.rows_at(address), 1u);
  pass(limits::ttl);  // it is silent here by now
  EXPECT_EQ(hear(signed_message(nora)).moved_from, address);
}

TEST_F(SharedBoardTest, a_message_may_be_older_there_by_the_ttl_that_its_peer_has_signed) {
  auto nora = person(1);
  nora.ttl = 10min;
  const auto message = signed_message(nora);
  pass(14min);
  EXPECT_TRUE(apply(message).refused);
  EXPECT_FALSE(hear(message).refused);
  pass(2min);
  auto ben = person(2);
  ben.ttl = 10min;
  ben.clock_off = -16min;
  EXPECT_TRUE(hear(signed_message(ben)).refused);
}

TEST_F(SharedBoardTest, who_is_alone_waits_longer_for_those_whose_sockets_broke) {
  auto nora = person(1);
  board.left_alone();
  say(nora);
  board.hold(nora.id);
  board.release(nora.id, now);
  pass(limits::ttl - 1s);
  EXPECT_TRUE(gone(board.expire(now, wall)).empty());
  pass(1s);
  EXPECT_EQ(gone(board.expire(now, wall)), (std::vector{nora.id}));
}

TEST_F(SharedBoardTest, who_is_alone_no_more_waits_only_to_hear_where_they_are) {
  auto nora = person(1), ben = person(2), posts = person(3);
  board.left_alone();
  say(nora), say(ben), say(posts);
  for (const auto* who : {&nora, &ben}) {
    board.hold(who->id);
    board.release(who->id, now);
  }
  pass(10s);
  board.joined(now);
  board.vouch(ben.id);
  pass(limits::reunion);
  EXPECT_EQ(gone(board.expire(now, wall)), (std::vector{nora.id}));
  EXPECT_NE(board.find(posts.id), nullptr);  // no socket of it broke
}

}  // namespace
}  // namespace goop::rendezvous
