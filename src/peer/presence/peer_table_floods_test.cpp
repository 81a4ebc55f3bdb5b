// Who talks too much, and too many who talk.
#include "peer/presence/peer_table_test_kit.h"

namespace goop::peer::presence {
namespace {

TEST_F(PeerTableTest, More_messages_than_the_rate_of_a_peer_are_dropped) {
  int fresh = 0;
  for (int i = 0; i < 30; ++i) fresh += apply(signed_of(bob)) == Verdict::fresh ? 1 : 0;
  EXPECT_EQ(fresh, static_cast<int>(limits::updates_burst));
  pass(1s);
  EXPECT_EQ(apply(signed_of(bob)), Verdict::fresh);
}

TEST_F(PeerTableTest, A_goodbye_is_heard_even_of_who_talks_too_much) {
  for (int i = 0; i < 30; ++i) apply(signed_of(bob));
  EXPECT_EQ(apply(signed_of(bob, PresenceType::offline)), Verdict::fresh);
  EXPECT_FALSE(online(bob));
}

TEST_F(PeerTableTest, Hearsay_does_not_use_up_the_rate_of_signed_messages) {
  for (int i = 0; i < 30; ++i) apply(unsigned_of(bob));
  EXPECT_EQ(apply(unsigned_of(bob)), Verdict::limited);
  EXPECT_EQ(apply(signed_of(bob)), Verdict::fresh);
}

TEST_F(PeerTableTest, A_flood_of_invented_peers_displaces_nobody) {
  apply(unsigned_of(bob));
  pass(1s);
  for (unsigned i = 10; i < 1000; ++i) apply(unsigned_of(peer_number(i)));
  EXPECT_EQ(table.size(), 4u);
  EXPECT_EQ(apply(unsigned_of(eve)), Verdict::full);
  EXPECT_TRUE(online(bob));
  // Who signs takes the place of the latest invention, and never that of the others.
  EXPECT_EQ(apply(signed_of(eve)), Verdict::fresh);
  EXPECT_THAT(events, ElementsAre(PeerEvent{Kind::removed, peer_number(12)},
                                  PeerEvent{Kind::appeared, eve}));
  EXPECT_TRUE(online(bob));
}

TEST_F(PeerTableTest, A_flood_of_signed_peers_displaces_no_one_connected_and_no_favourite) {
  table.connected(bob, now);
  apply(signed_of(eve));
  table.set_favourite(eve, PeerTable::Favourite::yes, now);
  for (unsigned i = 10; i < 1000; ++i) apply(signed_of(peer_number(i)));
  EXPECT_EQ(table.size(), 4u);
  EXPECT_TRUE(online(bob));
  EXPECT_TRUE(online(eve));
  EXPECT_THAT(table.connected(peer_number(5), now),
              ElementsAre(PeerEvent{Kind::removed, peer_number(11)},
                          PeerEvent{Kind::appeared, peer_number(5)}));
}

TEST_F(PeerTableTest, Who_is_offline_makes_room_first) {
  for (unsigned i = 10; i < 14; ++i) apply(signed_of(peer_number(i)));
  apply(signed_of(peer_number(11), PresenceType::offline));
  EXPECT_EQ(apply(unsigned_of(bob)), Verdict::fresh);
  EXPECT_EQ(table.find(peer_number(11)), nullptr);
  EXPECT_EQ(table.size(), 4u);
}

TEST_F(PeerTableTest, A_favourite_always_finds_room) {
  for (unsigned i = 10; i < 14; ++i) apply(signed_of(peer_number(i)));
  table.set_favourite(bob, PeerTable::Favourite::yes, now);
  EXPECT_EQ(apply(unsigned_of(bob)), Verdict::fresh);
  EXPECT_EQ(table.size(), 5u);
}

TEST_F(PeerTableTest, What_is_kept_of_ended_peers_has_a_cap) {
  for (unsigned i = 0; i < limits::ended_peers + 2; ++i) {
    apply(signed_of(peer_number(10 + i), PresenceType::offline));
    pass(1ms);
  }
  EXPECT_EQ(table.ended(), limits::ended_peers);
  EXPECT_EQ(table.signed_ts(peer_number(11)), 0);  // the oldest went
  EXPECT_NE(table.signed_ts(peer_number(12)), 0);
}

}  // namespace
}  // namespace goop::peer::presence
