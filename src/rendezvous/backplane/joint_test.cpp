// Several servers, one board: in virtual time, on a bus that loses, delays and breaks.
#include "rendezvous/backplane/joint_test_kit.h"

namespace goop::rendezvous::backplane {
namespace {

using ::testing::Test;
using wire::PresenceType;

struct Joined : JointTest {
  Joined() {
    for (int i = 0; i < 3; ++i) add();
  }
};

// --- the ordinary day ---

TEST_F(Joined, every_server_shows_every_peer) {
  crowd(60);
  pass(heartbeat + 1s);
  EXPECT_TRUE(all_see_all());
  pass(2min);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(all_whole());
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Joined, heartbeats_do_not_cross_one_by_one) {
  crowd(30);
  pass(10s);
  std::size_t frames = 0, bytes = 0;
  tap = [&](const Bytes& frame) {
    ++frames;
    bytes += frame.size();
  };
  pass(60s);
  EXPECT_LT(frames, 3 * 60 / 3 + 60u);  // pulses, and the newest message of each once
  EXPECT_LT(bytes, 30 * 1'200u);        // 12 heartbeats of each would be ten times that
}

TEST_F(Joined, a_message_is_passed_on_as_it_was_signed) {
  auto& nora = settle(0);
  pass(heartbeat + 1s);
  const auto& there = *stations[0]->board.find(nora.who.id)->message;
  for (std::size_t i = 1; i < 3; ++i) {
    const auto* row = stations[i]->board.find(nora.who.id);
    ASSERT_TRUE(row);
    EXPECT_TRUE(row->is_signed);
    EXPECT_TRUE(wire::check_signature(*row->message));
    EXPECT_EQ(row->message->presence.label, there.presence.label);
    EXPECT_EQ(row->address, address);
  }
}

TEST_F(Joined, a_change_and_a_goodbye_cross_at_once) {
  auto& nora = settle(0);
  pass(heartbeat + 1s);
  nora.who.label = "Nora the second";
  nora.next = now;
  pass(150ms);
  EXPECT_EQ(stations[2]->board.find(nora.who.id)->message->presence.label, "Nora the second");
  say_goodbye(nora);
  pass(150ms);
  EXPECT_EQ(seen(nora), 0u);
  pass(1min);
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, a_goodbye_said_to_another_server_ends_the_peer_everywhere) {
  auto& nora = settle(0);
  pass(heartbeat + 1s);
  nora.at = 1;
  say_goodbye(nora);
  pass(150ms);
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, peers_that_do_not_sign_are_seen_everywhere_too) {
  auto& bob = settle(0);
  bob.is_signed = bob.socket = false;
  pass(heartbeat + 1s);
  EXPECT_EQ(seen(bob), 3u);
  pass(5min);
  EXPECT_EQ(seen(bob), 3u);
  EXPECT_TRUE(flaps.empty());
  say_goodbye(bob);
  pass(150ms);
  EXPECT_EQ(seen(bob), 0u);
}

TEST_F(Joined, a_silent_peer_ends_everywhere) {
  auto& nora = settle(0);
  nora.socket = false;
  pass(heartbeat + 1s);
  nora.speaks = false;
  pass(20s);
  EXPECT_GE(seen(nora), 1u);
  pass(20s);
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, a_peer_with_two_servers_is_kept_by_either) {
  auto& nora = settle(0);
  auto& twin = settle(1);
  twin.who = nora.who;  // the same key
  twin.who.clock_off = 1ms;
  pass(1min);
  lose_socket(nora);
  nora.speaks = false;
  pass(1min);
  EXPECT_EQ(seen(twin), 3u);
  stations[0]->alive = false;
  pass(1min);
  EXPECT_EQ(seen(twin), 2u);
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Joined, a_meeting_comes_after_the_news_of_who_shall_meet) {
  auto& nora = settle(0);
  nora.next = now;
  stations[0]->joint.meet({nora.who.id, {}});
  pass(100ms);
  for (std::size_t i = 1; i < 3; ++i) {
    EXPECT_TRUE(stations[i]->board.find(nora.who.id));
    EXPECT_EQ(stations[i]->joint.met(), (std::vector{Meet{nora.who.id, {}}}));
    EXPECT_TRUE(stations[i]->joint.met().empty());
  }
}

TEST_F(Joined, meetings_that_wait_are_bounded) {
  for (std::size_t i = 0; i < limits::meetings + 10; ++i) stations[0]->joint.meet({});
  EXPECT_EQ(stations[0]->joint.send(now).size(), limits::meetings + 1);  // and a pulse
  kill_bus();
  stations[0]->joint.meet({});
  revive_bus();
  EXPECT_EQ(stations[0]->joint.send(now).size(), 1u);  // of an hour ago, they are no use
}

// --- comings and goings ---

TEST_F(Joined, a_latecomer_learns_the_whole_board_at_once) {
  crowd(60);
  pass(1min);
  auto& late = add();
  pass(500ms);
  EXPECT_EQ(late.board.size(), 60u);
  EXPECT_TRUE(late.joint.whole());
}

TEST_F(Joined, who_loses_its_socket_here_and_is_elsewhere_by_now_does_not_flap) {
  auto& nora = settle(0);
  pass(1min);
  move(nora, 1, 4s);  // within the grace
  pass(2min);
  EXPECT_EQ(seen(nora), 3u);
  EXPECT_TRUE(flaps.empty());
  // The other way round: the new socket comes first, the old one breaks a minute later.
  stations[1]->board.release(nora.who.id, now);
  nora.at = 2;
  speak(nora);
  pass(50s);
  stations[2]->board.hold(nora.who.id);
  pass(1min);
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Joined, when_a_server_dies_its_peers_that_come_back_do_not_flap) {
  crowd(60);
  pass(1min);
  kill(0);
  pass(2min);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(all_whole());
  EXPECT_TRUE(flaps.empty()) << flaps.front();
  EXPECT_EQ(stations[1]->joint.servers(), 1u);
}

TEST_F(Joined, when_a_server_dies_its_peers_that_do_not_come_back_end_with_their_ttl) {
  auto& nora = settle(0);
  pass(1min);
  nora.speaks = false;
  stations[0]->alive = false;
  pass(15s);
  EXPECT_EQ(seen(nora), 2u);
  pass(6s);
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, a_longer_ttl_that_a_peer_has_signed_counts_everywhere) {
  auto& nora = settle(0);
  nora.socket = false;
  nora.who.ttl = 10min;
  pass(heartbeat + 1s);
  nora.speaks = false;
  stations[0]->alive = false;
  pass(5min);
  EXPECT_EQ(seen(nora), 2u);
  pass(6min);
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, a_server_that_stops_says_so) {
  crowd(30);
  pass(1min);
  send(stations[0].get(), stations[0]->joint.farewell());
  kill(0);
  pass(100ms);
  EXPECT_EQ(stations[1]->joint.servers(), 1u);
  pass(1min);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(flaps.empty());
}

// --- a bus that is not well ---

TEST_F(Joined, nats_may_be_away_for_a_while) {
  crowd(60);
  pass(1min);
  kill_bus();
  pass(30s);  // longer than the TTL
  EXPECT_TRUE(all_see_all());
  revive_bus();
  pass(2s);
  EXPECT_TRUE(all_whole());
  pass(1min);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(flaps.empty()) << flaps.front();
}

TEST_F(Joined, what_happened_while_nats_was_away_is_made_good_at_once) {
  crowd(30);
  pass(1min);
  kill_bus();
  say_goodbye(citizens[0]);
  citizens[1].who.label = "changed";
  auto& newcomer = settle(0);
  pass(10s);
  revive_bus();
  pass(1s);
  EXPECT_EQ(seen(citizens[0]), 0u);
  EXPECT_EQ(seen(newcomer), 3u);
  for (auto& station : stations) {
    EXPECT_EQ(station->board.find(citizens[1].who.id)->message->presence.label, "changed");
  }
}

TEST_F(Joined, when_nats_stays_away_the_others_peers_end_after_twice_the_ttl) {
  crowd(9);
  pass(1min);
  kill_bus();
  for (auto& citizen : citizens) citizen.speaks = citizen.at == 0;
  pass(35s);
  EXPECT_EQ(stations[0]->board.size(), 9u);
  pass(12s);
  EXPECT_EQ(stations[0]->board.size(), 3u);
  EXPECT_TRUE(flaps.size() == 6u);  // those of server 0, at the two others
}

TEST_F(Joined, a_peer_that_changes_its_server_while_nats_is_away_does_not_flap) {
  auto& nora = settle(0);
  pass(1min);
  kill_bus();
  move(nora, 1, 2s);
  pass(15s);
  revive_bus();
  pass(1min);
  EXPECT_EQ(seen(nora), 3u);
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Joined, a_bus_that_comes_and_goes_keeps_nobody_for_ever) {
  auto& nora = settle(0);
  pass(1min);
  nora.speaks = false;
  stations[0]->alive = false;
  for (int i = 0; i < 30; ++i) {
    kill_bus();
    pass(1s);
    revive_bus();
    pass(1s);
  }
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Joined, one_server_cut_off_alone_comes_back_whole) {
  crowd(30);
  pass(1min);
  leave_bus(*stations[2]);
  pass(15s);
  join_bus(*stations[2]);
  pass(1s);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Joined, loss_and_delay_cost_questions_and_nobody_flaps) {
  loss_percent = 20;
  delay = 300ms;
  crowd(40);
  pass(1min);
  flaps.clear();
  EXPECT_TRUE(all_see_all());
  for (int i = 0; i < 20; ++i) {
    auto& citizen = citizens[static_cast<std::size_t>(i)];
    citizen.who.label = fmt::format("Nora {}", i);
    pass(5s);
  }
  EXPECT_TRUE(flaps.empty()) << flaps.front();
  EXPECT_GT(stations[0]->joint.counters().asked, 0u);
  loss_percent = 0;
  pass(20s);
  EXPECT_TRUE(all_whole());
  for (auto& station : stations) {
    for (int i = 0; i < 20; ++i) {
      const auto* row = station->board.find(citizens[static_cast<std::size_t>(i)].who.id);
      EXPECT_EQ(row->message->presence.label, fmt::format("Nora {}", i));
    }
  }
}

// --- somebody on the bus who lies ---

struct Lied : Joined {
  static Entry entry_of(const wire::PresenceMessage& message, Entry::Kind kind) {
    return {kind, message.presence.peer, message.presence.ts, asio::ip::make_address("192.0.2.9"),
            wire::write_presence(message)};
  }
  void say(Entry entry, ServerId from = 666, std::uint64_t number = 1) {
    inject({from, News{number, false, false, {std::move(entry)}}});
    pass(100ms);
  }
};

TEST_F(Lied, a_forged_signature_is_not_taken) {
  auto nora = person(200);
  auto forged = signed_at(nora, wall);
  forged.envelope.back() ^= 1;
  say(entry_of(forged, Entry::Kind::here));
  EXPECT_EQ(stations[0]->board.size(), 0u);
  EXPECT_EQ(stations[0]->joint.counters().forged, 1u);
}

TEST_F(Lied, an_unsigned_word_changes_nobody_who_signs) {
  auto& nora = settle(0);
  pass(heartbeat + 1s);
  auto bare = unsigned_at(nora.who, wall + 1s);
  bare.presence.label = "somebody else";
  say(entry_of(bare, Entry::Kind::here));
  bare.presence.type = PresenceType::offline;
  say(entry_of(bare, Entry::Kind::left), 666, 2);
  pass(1min);
  for (auto& station : stations) {
    EXPECT_EQ(station->board.find(nora.who.id)->message->presence.label, "Nora");
  }
  EXPECT_TRUE(flaps.empty());
}

TEST_F(Lied, an_old_message_brings_nobody_back) {
  auto& nora = settle(0);
  pass(heartbeat + 1s);
  const auto old = *stations[0]->board.find(nora.who.id)->message;
  say_goodbye(nora);
  pass(1s);
  say(entry_of(old, Entry::Kind::here));
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Lied, an_entry_whose_head_says_something_else_is_not_taken) {
  auto nora = person(200);
  auto entry = entry_of(signed_at(nora, wall), Entry::Kind::here);
  entry.ts += 1;
  say(entry);
  EXPECT_EQ(stations[0]->board.size(), 0u);
  EXPECT_GE(stations[0]->joint.counters().malformed, 1u);
}

TEST_F(Lied, in_a_servers_name_is_put_right_before_anybody_flaps) {
  crowd(9);
  pass(1min);
  const auto& nora = citizens[0];
  const auto message = *stations[0]->board.find(nora.who.id)->message;
  say(entry_of(message, Entry::Kind::left), 100, 999);
  inject({101, Bye{}});
  inject({102, News{5, true, true, {}}});
  pass(1min);
  EXPECT_TRUE(all_see_all());
  EXPECT_TRUE(all_whole());
  EXPECT_TRUE(flaps.empty()) << flaps.front();
}

TEST_F(Lied, nobody_is_kept_for_longer_than_five_minutes_after_it_spoke) {
  auto& nora = settle(0);
  pass(heartbeat + 1s);
  const auto message = *stations[0]->board.find(nora.who.id)->message;
  nora.speaks = false;
  lose_socket(nora);
  say(entry_of(message, Entry::Kind::here));
  const Pulse pulse{1, 1, share_sum(nora.who.id)};
  for (int i = 0; i < 20; ++i) {
    inject({666, pulse});
    pass(12s);
  }
  EXPECT_EQ(seen(nora), 3u);  // a lie that costs little
  for (int i = 0; i < 6; ++i) {
    inject({666, pulse});
    pass(12s);
  }
  EXPECT_EQ(seen(nora), 0u);
}

TEST_F(Lied, a_socket_that_repeats_what_was_said_elsewhere_holds_nobody) {
  auto& nora = settle(0);
  pass(1min);
  const auto heard = *stations[0]->board.find(nora.who.id)->message;
  take(*stations[1], heard);  // by somebody who listens at server 0
  stations[1]->board.hold(nora.who.id);
  ASSERT_TRUE(stations[1]->board.find(nora.who.id)->held);
  nora.speaks = false;
  lose_socket(nora);
  pass(45s);
  EXPECT_EQ(seen(nora), 0u);

  auto& ben = settle(0);
  pass(1min);
  take(*stations[1], *stations[0]->board.find(ben.who.id)->message);
  stations[1]->board.hold(ben.who.id);
  ASSERT_TRUE(stations[1]->board.find(ben.who.id)->held);
  ben.speaks = false;
  stations[0]->alive = false;  // it cannot even say that he has left
  pass(1min);                  // its patience, then his TTL
  EXPECT_EQ(seen(ben), 0u);
}

TEST_F(Lied, garbage_is_counted_and_nothing_else) {
  send(nullptr, Bytes{1, 2, 3});
  inject({100, Pulse{}});  // a server that hears itself
  pass(1s);
  EXPECT_GE(stations[0]->joint.counters().malformed, 2u);
}

// --- caps ---

TEST_F(Joined, listens_to_a_bounded_number_of_servers) {
  for (ServerId id = 1'000; id < 1'000 + limits::servers + 5; ++id) inject({id, Pulse{}});
  pass(100ms);
  EXPECT_EQ(stations[0]->joint.servers(), limits::servers);
  EXPECT_GE(stations[0]->joint.counters().strangers, 5u);
  pass(30s);  // they were silent since
  EXPECT_EQ(stations[0]->joint.servers(), 2u);
  EXPECT_TRUE(all_whole());
}

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
