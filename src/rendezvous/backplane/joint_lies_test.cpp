// Several servers, and somebody on their bus who lies.
#include "rendezvous/backplane/joint_test_kit.h"

namespace goop::rendezvous::backplane {
namespace {

using wire::PresenceType;

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

}  // namespace
}  // namespace goop::rendezvous::backplane
