// Coming and going, channels, connections, reachability, favourites.
#include "peer/presence/peer_table_test_kit.h"

namespace goop::peer::presence {
namespace {

// --- coming and going ---

TEST_F(PeerTableTest, A_message_makes_a_row_and_a_heartbeat_is_no_news) {
  EXPECT_EQ(apply(signed_of(bob, PresenceType::online)), Verdict::fresh);
  EXPECT_THAT(events, ElementsAre(PeerEvent{Kind::appeared, bob}));
  EXPECT_TRUE(row(bob).online);
  EXPECT_EQ(row(bob).proof, Proof::signature);
  EXPECT_FALSE(row(bob).reachable);
  pass(5s);
  EXPECT_EQ(apply(signed_of(bob)), Verdict::fresh);
  EXPECT_THAT(events, IsEmpty());
  EXPECT_EQ(row(bob).last_seen, now.wall);
  auto renamed = signed_of(bob);
  renamed.presence.label = "Bobby";
  EXPECT_EQ(apply(renamed), Verdict::fresh);
  EXPECT_THAT(events, ElementsAre(PeerEvent{Kind::changed, bob}));
  EXPECT_EQ(row(bob).label, "Bobby");
}

TEST_F(PeerTableTest, Silence_ends_a_peer_after_its_time_to_live_and_removes_it_after_the_grace) {
  apply(signed_of(bob));
  pass(20s - 1ns);
  EXPECT_THAT(table.expire(now), IsEmpty());
  pass(1ns);
  EXPECT_THAT(table.expire(now), ElementsAre(PeerEvent{Kind::left, bob}));
  EXPECT_FALSE(online(bob));
  EXPECT_EQ(row(bob).label, "signed");
  pass(15min - 1ns);
  EXPECT_THAT(table.expire(now), IsEmpty());
  pass(1ns);
  EXPECT_THAT(table.expire(now), ElementsAre(PeerEvent{Kind::removed, bob}));
  EXPECT_EQ(table.find(bob), nullptr);
}

TEST_F(PeerTableTest, A_longer_time_to_live_is_kept_when_it_is_signed) {
  auto seen = signed_of(bob);
  seen.presence.ttl = 60s;
  apply(seen);
  auto invented = unsigned_of(eve);
  invented.presence.ttl = 60s;
  apply(invented);
  pass(59s);
  table.expire(now);
  EXPECT_TRUE(online(bob));
  EXPECT_FALSE(online(eve));
  pass(1s);
  table.expire(now);
  EXPECT_FALSE(online(bob));
}

TEST_F(PeerTableTest, A_shorter_time_to_live_changes_nothing) {
  auto seen = signed_of(bob);
  seen.presence.ttl = 1s;
  apply(seen);
  pass(19s);
  table.expire(now);
  EXPECT_TRUE(online(bob));
}

TEST_F(PeerTableTest, A_goodbye_ends_a_peer_at_once_and_says_nothing_else) {
  apply(signed_of(bob));
  auto bye = signed_of(bob, PresenceType::offline);
  bye.presence.label = "";
  apply(bye);
  EXPECT_THAT(events, ElementsAre(PeerEvent{Kind::left, bob}));
  EXPECT_FALSE(online(bob));
  EXPECT_EQ(row(bob).label, "signed");
  pass(1s);
  apply(signed_of(bob, PresenceType::online));
  EXPECT_THAT(events, ElementsAre(PeerEvent{Kind::appeared, bob}));
}

TEST_F(PeerTableTest, A_goodbye_of_nobody_known_makes_no_row) {
  apply(signed_of(bob, PresenceType::offline));
  apply(unsigned_of(eve, PresenceType::offline));
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.signed_ts(bob), last_ts);
}

TEST_F(PeerTableTest, We_are_not_in_our_own_table) {
  EXPECT_EQ(apply(signed_of(self)), Verdict::own);
  EXPECT_THAT(table.connected(self, now), IsEmpty());
  EXPECT_THAT(table.seed({.id = self}, 0, now), IsEmpty());
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(PeerTableTest, Addresses_and_keys_are_not_lost_to_a_message_that_has_none) {
  auto seen = signed_of(bob);
  seen.presence.addresses = {p2p::Multiaddr::parse("/ip4/192.0.2.1/tcp/4001").value()};
  apply(seen);
  auto bare = signed_of(bob);
  bare.presence.public_key = "";
  apply(bare);
  EXPECT_EQ(row(bob).addresses.size(), 1u);
  EXPECT_EQ(row(bob).public_key, first_key);
}

// --- channels ---

TEST_F(PeerTableTest, One_message_by_two_channels_is_one_peer_known_by_both) {
  auto seen = signed_of(bob);
  apply(seen);
  EXPECT_TRUE(row(bob).is_known_by(Channel::gossip));
  EXPECT_FALSE(row(bob).is_known_by(Channel::rendezvous));
  seen.channel = Channel::rendezvous;
  seen.server = "https://example.org";
  seen.verified = true;
  EXPECT_EQ(apply(seen), Verdict::duplicate);
  EXPECT_THAT(events, ElementsAre(PeerEvent{Kind::changed, bob}));
  EXPECT_EQ(row(bob).known_by, 3);
  EXPECT_TRUE(row(bob).verified);
  EXPECT_EQ(table.size(), 1u);
}

TEST_F(PeerTableTest, A_channel_that_falls_silent_is_no_longer_named) {
  auto seen = signed_of(bob);
  seen.channel = Channel::rendezvous;
  apply(seen);
  pass(15s);
  apply(signed_of(bob));
  EXPECT_EQ(row(bob).known_by, 3);
  pass(5s);
  EXPECT_THAT(table.expire(now), ElementsAre(PeerEvent{Kind::changed, bob}));
  EXPECT_EQ(row(bob).known_by, 1);
}

TEST_F(PeerTableTest, One_server_vouching_is_enough_and_gossip_changes_nothing) {
  const auto says = [&](std::string server, bool verified) {
    auto seen = signed_of(bob);
    seen.channel = Channel::rendezvous;
    seen.server = std::move(server);
    seen.verified = verified;
    apply(seen);
  };
  says("a", true);
  says("b", false);
  EXPECT_TRUE(row(bob).verified);
  apply(signed_of(bob));
  EXPECT_TRUE(row(bob).verified);
  says("a", false);
  EXPECT_FALSE(row(bob).verified);
}

TEST_F(PeerTableTest, Vouching_servers_are_counted_up_to_a_cap) {
  auto seen = signed_of(bob);
  for (std::size_t i = 0; i < limits::vouching_servers + 1; ++i) {
    seen.server = std::to_string(i);
    seen.verified = true;
    apply(seen);
  }
  for (std::size_t i = 0; i < limits::vouching_servers; ++i) {
    seen.server = std::to_string(i);
    seen.verified = false;
    apply(seen);
  }
  EXPECT_FALSE(row(bob).verified);
}

// --- connections ---

TEST_F(PeerTableTest, A_connection_shows_and_proves_a_peer_as_long_as_it_lasts) {
  EXPECT_THAT(table.connected(bob, now), ElementsAre(PeerEvent{Kind::appeared, bob}));
  EXPECT_EQ(row(bob).proof, Proof::connection);
  EXPECT_TRUE(row(bob).reachable);
  EXPECT_THAT(table.labelled(bob, "Bob", now), ElementsAre(PeerEvent{Kind::changed, bob}));
  pass(1h);
  EXPECT_THAT(table.expire(now), IsEmpty());
  EXPECT_THAT(table.disconnected(bob, now), ElementsAre(PeerEvent{Kind::left, bob}));
  EXPECT_EQ(row(bob).label, "Bob");
  EXPECT_THAT(table.disconnected(bob, now), IsEmpty());
}

TEST_F(PeerTableTest, Who_came_and_went_without_a_word_or_a_name_is_not_shown_as_away) {
  table.connected(bob, now);
  EXPECT_THAT(table.disconnected(bob, now), ElementsAre(PeerEvent{Kind::removed, bob}));
  EXPECT_EQ(table.find(bob), nullptr);
  table.connected(bob, now);
  table.set_favourite(bob, PeerTable::Favourite::yes, now);
  EXPECT_THAT(table.disconnected(bob, now), ElementsAre(PeerEvent{Kind::left, bob}));
}

TEST_F(PeerTableTest, A_lost_connection_leaves_what_messages_still_say) {
  table.connected(bob, now);
  apply(unsigned_of(bob));
  EXPECT_EQ(row(bob).proof, Proof::connection);
  EXPECT_THAT(table.disconnected(bob, now), ElementsAre(PeerEvent{Kind::changed, bob}));
  EXPECT_TRUE(online(bob));
  EXPECT_EQ(row(bob).proof, Proof::hearsay);
  pass(20s);
  table.expire(now);
  EXPECT_FALSE(online(bob));
}

TEST_F(PeerTableTest, Who_is_connected_is_ended_only_by_its_own_word) {
  apply(unsigned_of(bob));
  table.connected(bob, now);
  EXPECT_EQ(apply(unsigned_of(bob, PresenceType::offline)), Verdict::outranked);
  EXPECT_TRUE(online(bob));
  apply(signed_of(bob, PresenceType::offline));  // it wishes to appear offline
  EXPECT_FALSE(online(bob));
  EXPECT_THAT(table.connected(bob, now), IsEmpty());
  EXPECT_FALSE(online(bob));
  apply(signed_of(bob, PresenceType::online));
  EXPECT_TRUE(online(bob));
}

TEST_F(PeerTableTest, A_message_names_a_peer_better_than_its_label_line) {
  apply(signed_of(bob));
  table.connected(bob, now);
  EXPECT_THAT(table.labelled(bob, "line", now), IsEmpty());
  EXPECT_EQ(row(bob).label, "signed");
  EXPECT_THAT(table.labelled(eve, "nobody", now), IsEmpty());
}

// --- reachability ---

TEST_F(PeerTableTest, Two_failures_apart_make_a_peer_unreachable) {
  apply(signed_of(bob));
  EXPECT_THAT(table.probed(bob, PeerTable::Probe::answered, now),
              ElementsAre(PeerEvent{Kind::changed, bob}));
  EXPECT_TRUE(row(bob).reachable);
  EXPECT_THAT(table.probed(bob, PeerTable::Probe::failed, now), IsEmpty());
  pass(2s);  // still the same trouble
  EXPECT_THAT(table.probed(bob, PeerTable::Probe::failed, now), IsEmpty());
  EXPECT_TRUE(row(bob).reachable);
  pass(1ns);
  EXPECT_THAT(table.probed(bob, PeerTable::Probe::failed, now),
              ElementsAre(PeerEvent{Kind::changed, bob}));
  EXPECT_FALSE(row(bob).reachable);
}

TEST_F(PeerTableTest, An_answer_forgives_a_failure) {
  apply(signed_of(bob));
  table.probed(bob, PeerTable::Probe::answered, now);
  table.probed(bob, PeerTable::Probe::failed, now);
  pass(3s);
  table.probed(bob, PeerTable::Probe::answered, now);
  table.probed(bob, PeerTable::Probe::failed, now);
  EXPECT_TRUE(row(bob).reachable);
}

TEST_F(PeerTableTest, Who_is_offline_is_not_reachable) {
  apply(signed_of(bob));
  table.probed(bob, PeerTable::Probe::answered, now);
  pass(20s);
  table.expire(now);
  EXPECT_FALSE(row(bob).reachable);
  EXPECT_THAT(table.probed(bob, PeerTable::Probe::answered, now), IsEmpty());
  EXPECT_THAT(table.probed(eve, PeerTable::Probe::answered, now), IsEmpty());
}

// --- favourites and earlier runs ---

TEST_F(PeerTableTest, Favourites_stay_however_long_they_are_away) {
  apply(signed_of(bob));
  EXPECT_THAT(table.set_favourite(bob, PeerTable::Favourite::yes, now),
              ElementsAre(PeerEvent{Kind::changed, bob}));
  pass(24h);
  table.expire(now);
  pass(24h);
  EXPECT_THAT(table.expire(now), IsEmpty());
  EXPECT_FALSE(online(bob));
  table.set_favourite(bob, PeerTable::Favourite::no, now);
  EXPECT_THAT(table.expire(now), IsEmpty());  // its grace begins
  pass(15min);
  EXPECT_THAT(table.expire(now), ElementsAre(PeerEvent{Kind::removed, bob}));
}

TEST_F(PeerTableTest, A_favourite_without_a_row_is_one_when_it_comes) {
  EXPECT_THAT(table.set_favourite(bob, PeerTable::Favourite::yes, now), IsEmpty());
  apply(signed_of(bob));
  EXPECT_TRUE(row(bob).favourite);
}

TEST_F(PeerTableTest, Who_was_known_before_is_offline_until_heard) {
  KnownPeer before{.id = bob, .label = "old", .public_key = std::string(first_key)};
  before.favourite = true;
  EXPECT_THAT(table.seed(before, 7, now), ElementsAre(PeerEvent{Kind::changed, bob}));
  EXPECT_FALSE(online(bob));
  EXPECT_EQ(row(bob).label, "old");
  EXPECT_TRUE(row(bob).favourite);
  EXPECT_THAT(table.seed(before, 7, now), IsEmpty());
  // Its key is pinned: hearsay shows it without.
  apply(unsigned_of(bob));
  EXPECT_EQ(row(bob).public_key, "");
  EXPECT_TRUE(row(bob).favourite);
  apply(signed_of(bob));
  EXPECT_EQ(row(bob).public_key, first_key);
}

TEST_F(PeerTableTest, A_seed_does_not_touch_a_row) {
  apply(signed_of(bob));
  table.seed({.id = bob, .label = "old"}, 0, now);
  EXPECT_EQ(row(bob).label, "signed");
  EXPECT_TRUE(online(bob));
}

}  // namespace
}  // namespace goop::peer::presence
