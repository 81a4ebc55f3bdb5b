// What a signature is worth: order, replay, and what an unsigned word may change.
#include "peer/presence/peer_table_test_kit.h"

namespace goop::peer::presence {
namespace {

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

// A class whose clocks were two hours ahead: all believed each other, until the clocks were set.
TEST_F(PeerTableTest, What_was_said_while_clocks_were_wrong_keeps_nobody_out_when_they_are_right) {
  now.wall += 2h;
  apply(signed_of(bob));
  const auto recorded = signed_of(bob);
  apply(recorded);
  now.wall -= 2h;
  last_ts = 0;
  EXPECT_EQ(apply(recorded), Verdict::outranked);
  EXPECT_EQ(apply(signed_of(bob)), Verdict::fresh);
  pass(15s);
  EXPECT_EQ(apply(signed_of(bob)), Verdict::fresh);
  table.expire(now);
  EXPECT_TRUE(online(bob));
  EXPECT_EQ(row(bob).proof, Proof::signature);
  EXPECT_EQ(row(bob).public_key, first_key);  // pinned all the same
}

TEST_F(PeerTableTest, A_number_stored_by_a_run_with_a_wrong_clock_keeps_nobody_out) {
  KnownPeer known;
  known.id = bob;
  known.public_key = first_key;
  table.seed(known, to_ms(now.wall) + 7'200'000, now);
  EXPECT_EQ(apply(signed_of(bob)), Verdict::fresh);
  EXPECT_TRUE(online(bob));
  EXPECT_EQ(table.signed_ts(bob), last_ts);
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

}  // namespace
}  // namespace goop::peer::presence
