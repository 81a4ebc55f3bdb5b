// What a server's list does to the table: it holds peers up, and lets them go.
#include "peer/presence/peer_table_test_kit.h"

namespace goop::peer::presence {
namespace {

class PeerTableServersTest : public PeerTableTest {
 protected:
  Sighting by_server(Sighting seen) {
    seen.channel = Channel::rendezvous;
    seen.server = "http://rv.example";
    return seen;
  }
  Sighting by_gossip(Sighting seen) {
    seen.channel = Channel::gossip;
    return seen;
  }
  PeerEvents listed() { return table.still_listed(std::array{bob}, now); }
  PeerEvents unlisted() { return table.unlisted(std::array{bob}, now); }
};

TEST_F(PeerTableServersTest, A_listed_peer_stays_online_without_a_message_of_its_own) {
  apply(by_server(signed_of(bob)));
  for (int i = 0; i < 10; ++i) {
    pass(15s);
    EXPECT_THAT(listed(), IsEmpty());
    EXPECT_THAT(table.expire(now), IsEmpty());
  }
  EXPECT_TRUE(online(bob));
  EXPECT_EQ(row(bob).proof, Proof::signature);
  EXPECT_EQ(row(bob).last_seen, now.wall);
  EXPECT_EQ(apply(unsigned_of(bob)), Verdict::outranked);  // the signed one holds on
}

TEST_F(PeerTableServersTest, A_list_brings_nobody_back_and_invents_nobody) {
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_EQ(table.size(), 0u);
  apply(by_server(signed_of(bob)));
  apply(by_server(signed_of(bob, PresenceType::offline)));
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_FALSE(online(bob));
}

TEST_F(PeerTableServersTest, A_goodbye_by_two_ways_leaves_no_way_by_which_the_peer_is_known) {
  apply(by_server(signed_of(bob)));
  const auto goodbye = signed_of(bob, PresenceType::offline);
  apply(by_server(goodbye));
  EXPECT_EQ(apply(by_gossip(goodbye)), Verdict::duplicate);
  EXPECT_EQ(row(bob).known_by, 0);
}

TEST_F(PeerTableServersTest, Who_was_never_heard_by_a_server_is_not_held_up_by_its_list) {
  apply(by_gossip(signed_of(bob)));
  pass(15s);
  listed();
  pass(6s);
  table.expire(now);
  EXPECT_FALSE(online(bob));
}

TEST_F(PeerTableServersTest, Who_is_listed_no_more_is_gone_at_once) {
  apply(by_server(signed_of(bob)));
  EXPECT_THAT(unlisted(), ElementsAre(PeerEvent{Kind::left, bob}));
  EXPECT_FALSE(online(bob));
}

TEST_F(PeerTableServersTest, Who_was_killed_is_gone_when_server_and_connection_say_so) {
  table.connected(bob, now);
  apply(by_server(signed_of(bob)));
  apply(by_gossip(signed_of(bob)));
  table.disconnected(bob, now);
  EXPECT_TRUE(online(bob));
  pass(5s);  // the grace that the server gave
  EXPECT_THAT(unlisted(), ElementsAre(PeerEvent{Kind::left, bob}));
}

TEST_F(PeerTableServersTest, Gossip_alone_keeps_who_is_listed_no_more_for_half_its_time) {
  apply(by_server(signed_of(bob)));
  pass(1s);
  apply(by_gossip(signed_of(bob)));
  unlisted();
  pass(9s);
  table.expire(now);
  EXPECT_TRUE(online(bob));
  pass(1s);
  table.expire(now);
  EXPECT_FALSE(online(bob));
  // Whoever is heard again has its whole time.
  apply(by_gossip(signed_of(bob)));
  pass(19s);
  table.expire(now);
  EXPECT_TRUE(online(bob));
}

TEST_F(PeerTableServersTest, Who_is_listed_no_more_stays_while_gossip_or_a_connection_has_it) {
  apply(by_server(signed_of(bob)));
  apply(by_gossip(signed_of(bob)));
  unlisted();
  EXPECT_TRUE(online(bob));
  table.connected(bob, now);
  apply(by_server(signed_of(bob)));
  pass(25s);
  unlisted();
  EXPECT_TRUE(online(bob));
}

}  // namespace
}  // namespace goop::peer::presence
