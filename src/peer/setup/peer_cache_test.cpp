#include "peer/setup/peer_cache.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "base/task_scope.h"
#include "peer/setup/data_schema.h"
#include "peer/setup/limits.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_runtime.h"

namespace goop::peer::setup {
namespace {

using goop::testing::TempFolder;

p2p::PeerId peer_id(int number) {
  // The multihash of a key: identity, 36 bytes, of which the last two differ.
  Bytes bytes{0x00, 0x24, 0x08, 0x01, 0x12, 0x20};
  bytes.resize(38, 7);
  bytes[36] = static_cast<std::uint8_t>(number >> 8);
  bytes[37] = static_cast<std::uint8_t>(number);
  return p2p::PeerId::from_bytes(bytes).value();
}
p2p::Multiaddr address(int port) {
  return p2p::Multiaddr::parse(fmt::format("/ip4/192.0.2.7/tcp/{}", port)).value();
}
constexpr WallTime noon{std::chrono::milliseconds(1'763'726'400'000)};

RememberedPeer mira(WallTime seen = noon) {
  return {.id = peer_id(1),
          .content = "Mira",
          .email = "m@x",
          .avatar_hash = "ab",
          .active_template = "blog",
          .public_key = "key",
          .video_disabled = true,
          .verified = true,
          .addresses = {address(1), address(2)},
          .protocols = {"/goop/site/1.0.0"},
          .last_seen = seen};
}

class PeerCacheTest : public ::testing::Test {
 protected:
  void open() {
    database.emplace(rt);
    rt.wait(database->open(temp / "data.db", data_schema()));
    cache.emplace(rt, *database);
    rt.wait(cache->load());
  }
  void reopen() {
    rt.wait(cache->flush());
    rt.wait(database->close());
    open();
  }
  std::int64_t number(store::Sql sql) {
    auto job = [sql](store::Connection& c) { return c.integer(sql).value_or(-1); };
    return rt.wait(database->run(job));
  }

  TempFolder temp;
  sim::SimRuntime rt;
  std::optional<store::Database> database;
  std::optional<PeerCache> cache;
};

TEST_F(PeerCacheTest, A_peer_is_remembered_over_a_restart) {
  open();
  cache->remember(mira());
  reopen();
  ASSERT_TRUE(cache->find(peer_id(1)));
  EXPECT_EQ(*cache->find(peer_id(1)), mira());
}

TEST_F(PeerCacheTest, What_was_learned_is_not_lost_to_a_message_that_says_less) {
  open();
  cache->remember(mira());
  auto less = mira();
  less.content = "Mira 2";
  less.email = less.public_key = "";
  less.addresses.clear();
  less.protocols.clear();
  cache->remember(less);
  reopen();
  const auto& known = *cache->find(peer_id(1));
  EXPECT_EQ(known.content, "Mira 2");
  EXPECT_EQ(known.email, "");
  EXPECT_EQ(known.addresses, mira().addresses);
  EXPECT_EQ(known.protocols, mira().protocols);
  EXPECT_EQ(known.public_key, "key");
}

TEST_F(PeerCacheTest, Whose_key_is_pinned_survives_and_never_goes_back) {
  open();
  auto seen = mira();
  seen.signed_ts = 5;
  cache->remember(seen);
  cache->remember(mira());
  EXPECT_EQ(cache->find(peer_id(1))->signed_ts, 5);
  reopen();
  EXPECT_EQ(cache->find(peer_id(1))->signed_ts, 5);
  cache->forget(peer_id(1));
  reopen();
  EXPECT_EQ(number("SELECT count(*) FROM _peer_signed"), 0);
}

TEST_F(PeerCacheTest, Days_on_which_a_peer_was_met_are_counted_and_survive) {
  open();
  cache->remember(mira());
  cache->met(peer_id(2));  // nobody knows it
  EXPECT_EQ(cache->find(peer_id(2)), nullptr);
  for (int day = 1; day <= limits::days_known + 1; ++day) {
    cache->met(peer_id(1));
    cache->met(peer_id(1));
    cache->remember(mira());
    EXPECT_EQ(cache->find(peer_id(1))->days_met, std::min(day, limits::days_known));
    reopen();
    rt.run_for(24h);
  }
  EXPECT_EQ(cache->find(peer_id(1))->days_met, limits::days_known);
  cache->forget(peer_id(1));
  reopen();
  EXPECT_EQ(number("SELECT count(*) FROM _peer_met"), 0);
}

TEST_F(PeerCacheTest, Changes_are_written_in_batches_and_heartbeats_not_at_all) {
  open();
  TaskScope scope(rt, "test");
  scope.spawn(cache->run());
  auto job = [](store::Connection& c) {
    c.script(
        "CREATE TABLE writes(n); CREATE TRIGGER w AFTER UPDATE ON _peer_cache BEGIN "
        "INSERT INTO writes VALUES (1); END");
  };
  rt.wait(database->run(job));
  cache->remember(mira());
  rt.run_for(limits::peer_write_delay / 2);
  EXPECT_EQ(number("SELECT count(*) FROM _peer_cache"), 0);
  rt.run_for(limits::peer_write_delay);
  EXPECT_EQ(number("SELECT count(*) FROM _peer_cache"), 1);
  WallTime seen = noon;
  for (; seen + 5s - noon < limits::last_seen_step; seen += 5s) {
    cache->remember(mira(seen));
    rt.run_for(5s);
  }
  EXPECT_EQ(number("SELECT count(*) FROM writes"), 0);
  EXPECT_EQ(cache->find(peer_id(1))->last_seen, seen - 5s);
  cache->remember(mira(noon + 10min));
  rt.run_for(5s);
  EXPECT_EQ(number("SELECT count(*) FROM writes"), 1);
  rt.wait(scope.close());
}

TEST_F(PeerCacheTest, A_failed_write_is_tried_again) {
  open();
  log::set_level(log::Level::off);  // the failure is wanted
  TaskScope scope(rt, "test");
  scope.spawn(cache->run());
  auto rename = [](store::Connection& c) { c.run("ALTER TABLE _peer_cache RENAME TO away"); };
  rt.wait(database->run(rename));
  cache->remember(mira());
  rt.run_for(5s);
  auto back = [](store::Connection& c) { c.run("ALTER TABLE away RENAME TO _peer_cache"); };
  rt.wait(database->run(back));
  rt.run_for(5s);
  log::set_level(log::Level::info);
  EXPECT_EQ(number("SELECT count(*) FROM _peer_cache"), 1);
  rt.wait(scope.close());
}

TEST_F(PeerCacheTest, Favourites_stay_and_their_rows_follow) {
  open();
  cache->remember(mira());
  EXPECT_EQ(cache->set_favorite(peer_id(2), PeerCache::Favorite::yes).error().code,
            Errc::not_found);
  ASSERT_TRUE(cache->set_favorite(peer_id(1), PeerCache::Favorite::yes));
  cache->forget(peer_id(1));
  reopen();
  EXPECT_TRUE(cache->find(peer_id(1))->favorite);
  auto renamed = mira();
  renamed.content = "new name";
  cache->remember(renamed);
  reopen();
  EXPECT_EQ(number("SELECT count(*) FROM _favorites WHERE content = 'new name'"), 1);
  ASSERT_TRUE(cache->set_favorite(peer_id(1), PeerCache::Favorite::no));
  cache->forget(peer_id(1));
  reopen();
  EXPECT_EQ(cache->find(peer_id(1)), nullptr);
  EXPECT_EQ(number("SELECT count(*) FROM _favorites"), 0);
}

TEST_F(PeerCacheTest, An_address_alone_is_worth_remembering) {
  open();
  cache->remember_addresses(peer_id(1), {address(1)});
  EXPECT_EQ(cache->find(peer_id(1))->addresses, std::vector{address(1)});
  cache->remember(mira());
  cache->remember_addresses(peer_id(1), {address(9)});
  reopen();
  EXPECT_EQ(cache->find(peer_id(1))->content, "Mira");
  EXPECT_EQ(cache->find(peer_id(1))->addresses, std::vector{address(9)});
}

TEST_F(PeerCacheTest, The_list_is_newest_first) {
  open();
  for (int i = 1; i <= 3; ++i) {
    cache->remember({.id = peer_id(i), .last_seen = noon + std::chrono::minutes(i % 3)});
  }
  const auto list = cache->list();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].id, peer_id(2));
  EXPECT_EQ(list[2].id, peer_id(3));
}

TEST_F(PeerCacheTest, The_number_of_peers_has_a_cap_and_the_oldest_goes) {
  open();
  const int cap = limits::remembered_peers;
  for (int i = 0; i <= cap; ++i) {
    cache->remember({.id = peer_id(i), .last_seen = noon + std::chrono::minutes(i)});
    if (i == 0) ASSERT_TRUE(cache->set_favorite(peer_id(0), PeerCache::Favorite::yes));
  }
  EXPECT_TRUE(cache->find(peer_id(1)));
  cache->remember({.id = peer_id(cap + 1), .last_seen = noon + 9999h});
  EXPECT_FALSE(cache->find(peer_id(1)));
  EXPECT_TRUE(cache->find(peer_id(0)));
  reopen();
  EXPECT_EQ(cache->list().size(), limits::remembered_peers + 1);
}

TEST_F(PeerCacheTest, The_number_of_favourites_has_a_cap) {
  open();
  const int cap = limits::remembered_favorites;
  for (int i = 0; i <= cap; ++i) {
    cache->remember({.id = peer_id(i)});
    const auto set = cache->set_favorite(peer_id(i), PeerCache::Favorite::yes);
    if (i < cap) {
      EXPECT_TRUE(set);
    } else {
      EXPECT_EQ(set.error().code, Errc::busy);
    }
  }
}

TEST_F(PeerCacheTest, What_one_peer_says_has_caps) {
  open();
  auto big = mira();
  big.content = std::string(limits::remembered_text_bytes - 1, 'x') + "é";
  for (int i = 0; i < 100; ++i) {
    big.addresses.push_back(address(i + 10));
    big.protocols.push_back(fmt::format("/p/{}", i));
  }
  cache->remember(big);
  const auto& known = *cache->find(peer_id(1));
  EXPECT_EQ(known.content, std::string(limits::remembered_text_bytes - 1, 'x'));
  EXPECT_EQ(known.addresses.size(), limits::remembered_addresses);
  EXPECT_EQ(known.protocols.size(), limits::remembered_protocols);
}

TEST_F(PeerCacheTest, A_database_of_the_reference_program_is_taken_over) {
  {
    store::Connection old(temp / "data.db");
    old.script(
        "CREATE TABLE _peer_names(x);"
        "CREATE TABLE _peer_cache(peer_id TEXT PRIMARY KEY, content TEXT NOT NULL DEFAULT '',"
        "email TEXT NOT NULL DEFAULT '', avatar_hash TEXT NOT NULL DEFAULT '',"
        "video_disabled INTEGER NOT NULL DEFAULT 0, active_template TEXT NOT NULL DEFAULT '',"
        "verified INTEGER NOT NULL DEFAULT 0, addrs TEXT NOT NULL DEFAULT '[]',"
        "last_seen DATETIME DEFAULT CURRENT_TIMESTAMP)");
    old.run("INSERT INTO _peer_cache(peer_id, content, addrs, last_seen) VALUES (?,?,?,?)",
            peer_id(1).to_string(), "Old friend", R"(["/ip4/192.0.2.7/tcp/1","/nonsense/x",""])",
            "2025-11-21T12:00:00Z");
    old.run("INSERT INTO _peer_cache(peer_id, addrs) VALUES (?, 'null')", peer_id(2).to_string());
    old.run("INSERT INTO _peer_cache(peer_id) VALUES ('../../etc')");
  }
  open();
  EXPECT_EQ(cache->list().size(), 2u);
  const auto& friendly = *cache->find(peer_id(1));
  EXPECT_EQ(friendly.content, "Old friend");
  EXPECT_EQ(friendly.addresses, std::vector{address(1)});
  EXPECT_EQ(friendly.last_seen, noon);
  EXPECT_TRUE(cache->find(peer_id(2))->addresses.empty());
  EXPECT_EQ(number("SELECT count(*) FROM sqlite_master WHERE name = '_peer_names'"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM _peer_cache"), 3);
  cache->remember(mira());
  reopen();
  EXPECT_EQ(cache->find(peer_id(1))->public_key, "key");
}

}  // namespace
}  // namespace goop::peer::setup
