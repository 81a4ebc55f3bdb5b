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

// --- signatures ---

TEST_F(PeerTableTest, Only_a_newer_message_counts) {
  const auto first = signed_of(bob);
  const auto second = signed_of(bob);
  EXPECT_EQ(table.judge(second, now), Verdict::fresh);
  apply(second);
  EXPECT_EQ(apply(first), Verdict::stale);
  EXPECT_EQ(apply(second), Verdict::duplicate);
  auto other = second;  // the same ts, but not the same message
  other.envelope = crypto::sha256(as_bytes("other"));
  EXPECT_EQ(apply(other), Verdict::stale);
}

TEST_F(PeerTableTest, A_replayed_message_does_not_bring_back_who_said_goodbye) {
  const auto recorded = signed_of(bob);
  apply(recorded);
  apply(signed_of(bob, PresenceType::offline));
  EXPECT_EQ(apply(recorded), Verdict::stale);
  EXPECT_FALSE(online(bob));
}

TEST_F(PeerTableTest, The_last_ts_outlives_the_row_for_twice_the_skew_window) {
  table.set_times(20s, 0s);
  const auto recorded = signed_of(bob);
  apply(recorded);
  apply(signed_of(bob, PresenceType::offline));
  table.expire(now);
  ASSERT_EQ(table.find(bob), nullptr);
  EXPECT_EQ(apply(recorded), Verdict::stale);
  EXPECT_EQ(apply(unsigned_of(bob)), Verdict::outranked);
  pass(10min - 1ns);
  table.expire(now);
  EXPECT_EQ(table.signed_ts(bob), last_ts);
  pass(1ns);
  table.expire(now);
  EXPECT_EQ(table.signed_ts(bob), 0);
  EXPECT_EQ(table.ended(), 0u);
  // By then the skew window keeps it out: what is that old counts no more than an unsigned one.
  EXPECT_EQ(apply(recorded), Verdict::fresh);
  EXPECT_EQ(row(bob).proof, Proof::hearsay);
}

TEST_F(PeerTableTest, A_peer_that_returns_finds_its_pinned_key_and_ts) {
  table.set_times(20s, 0s);
  apply(signed_of(bob));
  pass(20s);
  table.expire(now);
  ASSERT_EQ(table.find(bob), nullptr);
  auto bare = signed_of(bob);
  bare.presence.public_key = "";
  apply(bare);
  EXPECT_EQ(row(bob).public_key, first_key);
  EXPECT_EQ(table.ended(), 0u);
}

TEST_F(PeerTableTest, An_unsigned_message_changes_nothing_while_a_signed_one_holds) {
  apply(signed_of(bob));
  const auto before = row(bob);
  pass(19s);
  EXPECT_EQ(apply(unsigned_of(bob)), Verdict::outranked);
  EXPECT_EQ(apply(unsigned_of(bob, PresenceType::offline)), Verdict::outranked);
  EXPECT_THAT(events, IsEmpty());
  EXPECT_EQ(row(bob), before);
  pass(1s);  // nor has it kept the peer alive
  EXPECT_THAT(table.expire(now), ElementsAre(PeerEvent{Kind::left, bob}));
}

TEST_F(PeerTableTest, After_its_time_to_live_an_unsigned_message_shows_the_peer_without_its_key) {
  apply(signed_of(bob));
  pass(20s);
  table.expire(now);
  auto plain = unsigned_of(bob);
  plain.presence.public_key = second_key;
  EXPECT_EQ(apply(plain), Verdict::fresh);
  EXPECT_TRUE(online(bob));
  EXPECT_EQ(row(bob).proof, Proof::hearsay);
  EXPECT_EQ(row(bob).public_key, "");
  apply(unsigned_of(bob, PresenceType::offline));  // what hearsay showed, hearsay may end
  EXPECT_FALSE(online(bob));
  pass(20s);
  auto back = signed_of(bob);
  back.presence.public_key = "";
  apply(back);
  EXPECT_EQ(row(bob).proof, Proof::signature);
  EXPECT_EQ(row(bob).public_key, first_key);
}

TEST_F(PeerTableTest, After_a_signed_goodbye_unsigned_messages_wait_for_the_time_to_live) {
  apply(signed_of(bob));
  apply(signed_of(bob, PresenceType::offline));
  pass(20s - 1ns);
  EXPECT_EQ(apply(unsigned_of(bob)), Verdict::outranked);
  pass(1ns);
  EXPECT_EQ(apply(unsigned_of(bob)), Verdict::fresh);
  EXPECT_TRUE(online(bob));
}

TEST_F(PeerTableTest, A_signed_message_replaces_whatever_hearsay_said) {
  auto plain = unsigned_of(bob);
  plain.presence.public_key = second_key;
  apply(plain);
  EXPECT_EQ(row(bob).public_key, second_key);
  apply(signed_of(bob));
  EXPECT_THAT(events, ElementsAre(PeerEvent{Kind::changed, bob}));
  EXPECT_EQ(row(bob).proof, Proof::signature);
  EXPECT_EQ(row(bob).public_key, first_key);
  auto rotated = signed_of(bob);
  rotated.presence.public_key = second_key;
  apply(rotated);
  EXPECT_EQ(row(bob).public_key, second_key);  // its owner may change it
}

TEST_F(PeerTableTest, A_signature_from_a_wrong_clock_counts_as_none) {
  for (const auto off : {-5min - 1ms, 5min + 1ms}) {
    auto seen = signed_of(bob);
    seen.presence.ts = to_ms(now.wall + std::chrono::duration_cast<std::chrono::milliseconds>(off));
    EXPECT_EQ(apply(seen), Verdict::fresh);
    EXPECT_EQ(row(bob).proof, Proof::hearsay);
    EXPECT_EQ(table.signed_ts(bob), 0);
  }
  auto seen = signed_of(bob);
  seen.presence.ts = to_ms(now.wall + std::chrono::milliseconds(5min));
  apply(seen);
  EXPECT_EQ(row(bob).proof, Proof::signature);
}

TEST_F(PeerTableTest, A_wrong_clock_cannot_change_a_signed_row) {
  apply(signed_of(bob));
  auto seen = signed_of(bob, PresenceType::offline);
  seen.presence.ts += 3'600'000;
  EXPECT_EQ(apply(seen), Verdict::outranked);
  EXPECT_TRUE(online(bob));
}

TEST_F(PeerTableTest, Reference_peers_come_and_go_by_unsigned_messages) {
  apply(unsigned_of(bob, PresenceType::online));
  EXPECT_EQ(row(bob).proof, Proof::hearsay);
  EXPECT_EQ(apply(unsigned_of(bob, PresenceType::offline)), Verdict::fresh);
  EXPECT_THAT(events, ElementsAre(PeerEvent{Kind::left, bob}));
  EXPECT_EQ(apply(unsigned_of(bob)), Verdict::stale);  // overtaken on another way
  pass(5s);
  EXPECT_EQ(apply(unsigned_of(bob)), Verdict::fresh);
  EXPECT_TRUE(online(bob));
}

TEST_F(PeerTableTest, A_reference_peer_whose_clock_was_set_back_is_not_lost) {
  auto bye = unsigned_of(bob, PresenceType::offline);
  apply(unsigned_of(bob));
  apply(bye);
  auto back = unsigned_of(bob);
  back.presence.ts -= 3'600'000;
  EXPECT_EQ(apply(back), Verdict::fresh);
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

// --- floods ---

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
