#include "peer/presence/announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/multi/test_vectors.h"
#include "testing/sim/sim_clock.h"

namespace goop::peer::presence {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using wire::PresenceType;
using enum wire::PresenceType;

class AnnouncerTest : public testing::Test {
 protected:
  struct Sent {
    Instant at;
    wire::PresenceMessage message;
  };

  Announcer::Options options() {
    Announcer::Options made;
    made.last_ts = stored;
    made.self = [this] {
      wire::Presence self;
      self.label = label;
      return self;
    };
    made.gossip = [this](const auto& message) { gossip.push_back({rt.now(), message}); };
    made.servers = [this](const auto& message) { servers.push_back({rt.now(), message}); };
    made.flush = [this](Deadline by) { return flush(by); };
    made.store_ts = [this](std::int64_t ts) { return store(ts); };
    return made;
  }
  Task<> flush(Deadline) {
    ++flushes;
    co_return;
  }
  Task<> store(std::int64_t ts) {
    ++writes;
    if (disk_full) raise(Errc::storage, "disk full");
    stored = ts;
    co_return;
  }

  void start() {
    announcer.emplace(clock, key, options());
    scope.emplace(rt);
    scope->spawn(announcer->run());
  }
  void stop() {
    rt.wait(announcer->stop(Deadline::after(rt.now(), 1s)));
    scope.reset();
  }

  std::vector<PresenceType> types() const {
    std::vector<PresenceType> all;
    for (const auto& sent : gossip) all.push_back(sent.message.presence.type);
    return all;
  }

  std::int64_t newest() const { return gossip.back().message.presence.ts; }

  sim::SimRuntime rt;
  sim::SimClock clock{rt};
  p2p::KeyPair key = p2p::vectors::key_pair();
  std::string label = "Nora";
  std::vector<Sent> gossip, servers;
  std::int64_t stored = 0;
  int writes = 0, flushes = 0;
  bool disk_full = false;
  std::optional<Announcer> announcer;
  std::optional<sim::SimScope> scope;
};

TEST_F(AnnouncerTest, Comes_beats_and_leaves) {
  start();
  rt.run_for(11s);
  stop();
  EXPECT_THAT(types(), ElementsAre(online, update, update, offline));
  EXPECT_EQ(gossip[1].at - gossip[0].at, 5s);
  EXPECT_EQ(flushes, 1);
  EXPECT_EQ(gossip[0].message.presence.label, "Nora");
  EXPECT_EQ(gossip[3].message.presence.label, "");  // a goodbye has nothing else to say
}

TEST_F(AnnouncerTest, Every_channel_gets_the_same_signed_message) {
  start();
  rt.run_for(1s);
  stop();
  ASSERT_EQ(servers.size(), gossip.size());
  for (std::size_t i = 0; i < gossip.size(); ++i) {
    EXPECT_EQ(gossip[i].message, servers[i].message);
    EXPECT_TRUE(wire::check_signature(gossip[i].message));
    EXPECT_EQ(gossip[i].message.presence.peer, p2p::vectors::id());
  }
}

TEST_F(AnnouncerTest, The_first_newcomers_need_not_wait_for_the_pause) {
  start();
  rt.run_for(100ms);
  announcer->newcomer();
  rt.run_for(limits::newcomer_delay);
  EXPECT_THAT(types(), ElementsAre(online, update));
  announcer->newcomer();
  rt.run_for(limits::newcomer_delay);
  EXPECT_THAT(gossip, SizeIs(2));  // now it is as usual
  rt.run_for(limits::announce_pause);
  EXPECT_THAT(gossip, SizeIs(3));
}

TEST_F(AnnouncerTest, A_change_is_told_at_once_but_not_more_often_than_may_be) {
  start();
  rt.run_for(2s);
  label = "Nora B.";
  announcer->changed();
  rt.run_for(1ms);
  ASSERT_THAT(gossip, SizeIs(2));
  EXPECT_EQ(gossip[1].message.presence.label, "Nora B.");
  for (int i = 0; i < 10; ++i) {
    announcer->changed();
    rt.run_for(100ms);
  }
  EXPECT_THAT(gossip, SizeIs(3));
  stop();
}

TEST_F(AnnouncerTest, A_newcomer_is_told_before_the_heartbeat) {
  start();
  rt.run_for(2s);
  announcer->newcomer();
  rt.run_for(limits::newcomer_delay);
  EXPECT_THAT(gossip, SizeIs(2));
  stop();
}

TEST_F(AnnouncerTest, Who_appears_offline_is_silent_until_online_again) {
  start();
  rt.run_for(2s);
  announcer->appear(Announcer::Appear::offline);
  rt.run_for(1min);
  announcer->changed();
  rt.run_for(1min);
  EXPECT_THAT(types(), ElementsAre(online, offline));
  announcer->appear(Announcer::Appear::online);
  rt.run_for(1s);
  EXPECT_THAT(types(), ElementsAre(online, offline, online));
  announcer->appear(Announcer::Appear::offline);
  rt.run_for(2s);
  stop();  // nothing more to say
  EXPECT_THAT(types(), ElementsAre(online, offline, online, offline));
}

TEST_F(AnnouncerTest, Who_wants_to_appear_offline_does_at_once) {
  start();
  rt.run_for(1ms);
  announcer->appear(Announcer::Appear::offline);
  rt.run_for(1ms);
  EXPECT_THAT(types(), ElementsAre(online, offline));
  stop();
}

TEST_F(AnnouncerTest, Nothing_is_said_after_the_goodbye) {
  start();
  rt.run_for(1s);
  rt.wait(announcer->stop(Deadline::after(rt.now(), 1s)));
  announcer->changed();
  rt.run_for(1min);
  EXPECT_THAT(types(), ElementsAre(online, offline));
  stop();
}

TEST_F(AnnouncerTest, Numbers_grow_though_the_clock_was_set_back) {
  const auto far = to_ms(rt.wall()) + 240'000;
  stored = far;
  start();
  rt.run_for(11s);
  stop();
  std::int64_t last = far;
  for (const auto& sent : gossip) {
    EXPECT_GT(sent.message.presence.ts, last);
    last = sent.message.presence.ts;
  }
}

TEST_F(AnnouncerTest, No_number_is_used_again_after_a_crash_and_heartbeats_are_seldom_writes) {
  start();
  rt.run_for(59s);
  EXPECT_EQ(writes, 1);
  EXPECT_GE(stored, gossip.back().message.presence.ts);
  const auto used = gossip.back().message.presence.ts;
  scope.reset();  // no goodbye
  gossip.clear();
  start();
  rt.run_for(1s);
  EXPECT_GT(gossip.front().message.presence.ts, used);
  scope.reset();
}

TEST_F(AnnouncerTest, A_hundred_crashes_do_not_carry_the_numbers_away) {
  for (int i = 0; i < 100; ++i) {
    start();
    rt.run_for(100ms);
    scope.reset();
  }
  EXPECT_LE(gossip.back().message.presence.ts - to_ms(rt.wall()), 75'000);
  EXPECT_THAT(gossip, SizeIs(100));
}

// Two hours ahead for five seconds: what was said then was believed by nobody.
TEST_F(AnnouncerTest, A_clock_that_was_wrong_once_is_forgotten_when_it_is_right_again) {
  start();
  rt.run_for(8s);
  const auto before = newest();
  clock.set_ahead(2h);
  rt.run_for(5s);
  EXPECT_GT(newest(), before + 7'000'000);
  clock.set_ahead({});
  rt.run_for(5s);
  EXPECT_GT(newest(), before);
  EXPECT_LE(newest(), to_ms(rt.wall()) + limits::ts_reserve.count());
  EXPECT_LE(stored, to_ms(rt.wall()) + 2 * limits::ts_reserve.count());  // on disk, too
  stop();
}

TEST_F(AnnouncerTest, A_clock_that_was_wrong_in_an_earlier_run_is_forgotten) {
  stored = to_ms(rt.wall()) + 7'200'000;
  start();
  rt.run_for(1s);
  EXPECT_LE(newest(), to_ms(rt.wall()));
  EXPECT_LE(stored, to_ms(rt.wall()) + limits::ts_reserve.count());
  stop();
}

TEST_F(AnnouncerTest, Numbers_stay_within_what_others_believe_whatever_the_clock_does) {
  start();
  const auto window = std::chrono::milliseconds(wire::limits::presence_skew);
  for (int i = 0; i < 200; ++i) {
    const auto minutes = static_cast<int>(rt.random_below(600)) - 300;
    clock.set_ahead(i % 2 == 0 ? std::chrono::minutes(minutes) : 0min);
    rt.run_for(6s);
    EXPECT_LE(newest() - to_ms(clock.wall()), window.count() + 1);
  }
  scope.reset();
}

// --- our own messages that come back ---

TEST_F(AnnouncerTest, What_we_said_ourselves_is_known_again) {
  start();
  rt.run_for(1min);
  for (const auto& sent : gossip) {
    EXPECT_EQ(announcer->heard_own(sent.message.presence.ts), Announcer::Whose::ours);
  }
  stop();
}

TEST_F(AnnouncerTest, A_number_of_an_earlier_run_that_is_higher_is_gone_on_from) {
  start();
  rt.run_for(1s);
  const auto far = to_ms(rt.wall()) + 200'000;
  stored = far;  // this run did not know it
  announcer->heard_own(far);
  rt.run_for(5s);
  EXPECT_GT(newest(), far);
  stop();
}

TEST_F(AnnouncerTest, A_number_beyond_the_clock_window_is_not_gone_on_from) {
  start();
  rt.run_for(1s);
  announcer->heard_own(to_ms(rt.wall()) + 7'200'000);
  rt.run_for(5s);
  EXPECT_LE(newest(), to_ms(rt.wall()));
  stop();
}

TEST_F(AnnouncerTest, What_we_did_not_say_and_no_earlier_run_can_have_said_is_a_twins) {
  start();
  rt.run_for(1min);
  EXPECT_EQ(announcer->heard_own(stored - 90'000), Announcer::Whose::earlier_run);
  EXPECT_EQ(announcer->heard_own(to_ms(rt.wall()) - 1), Announcer::Whose::twin);
  stop();
}

TEST_F(AnnouncerTest, What_we_said_long_ago_makes_no_twin) {
  start();
  rt.run_for(1min);
  const auto old = newest();
  rt.run_for(limits::said_kept * 5s + 1min);
  EXPECT_NE(announcer->heard_own(old), Announcer::Whose::twin);
  stop();
}

TEST_F(AnnouncerTest, A_full_disk_does_not_silence_us) {
  disk_full = true;
  start();
  rt.run_for(6s);
  EXPECT_THAT(types(), ElementsAre(online, update));
  stop();
}

TEST_F(AnnouncerTest, A_label_that_no_one_could_show_is_made_fit) {
  label = std::string(5000, '\x01');
  start();
  rt.run_for(1s);
  EXPECT_LE(gossip[0].message.presence.label.size(), limits::own_label_bytes + 3);
  stop();
}

}  // namespace
}  // namespace goop::peer::presence
