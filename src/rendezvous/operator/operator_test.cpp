// Sessions, blocks and figures of the operator, each by itself.
#include <gtest/gtest.h>

#include "p2p/multi/keys.h"
#include "rendezvous/operator/blocks.h"
#include "rendezvous/operator/history.h"
#include "rendezvous/operator/known_addresses.h"
#include "rendezvous/operator/limits.h"
#include "rendezvous/operator/sessions.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous {
namespace {

// --- sessions ---

struct SessionsTest : ::testing::Test {
  static std::string cookie_of(const OperatorSessions::Opened& opened) {
    return opened.set_cookie.substr(0, opened.set_cookie.find(';'));
  }
  sim::SimRuntime rt{3};
  OperatorSessions sessions{rt, OverTls::no};
};

TEST_F(SessionsTest, cookie_and_token_together_open_it) {
  const auto opened = sessions.open();
  const auto other = sessions.open();
  const auto cookie = cookie_of(opened);
  EXPECT_TRUE(sessions.valid(cookie, opened.token));
  EXPECT_TRUE(sessions.valid("a=b; goop-operator=x;" + cookie + "; c", opened.token));
  EXPECT_FALSE(sessions.valid(cookie, other.token));
  EXPECT_FALSE(sessions.valid(cookie, ""));
  EXPECT_FALSE(sessions.valid("", opened.token));
  EXPECT_FALSE(sessions.valid("x" + cookie, opened.token));
  EXPECT_TRUE(sessions.shows_page(cookie));
  EXPECT_FALSE(sessions.shows_page("goop-operator=" + opened.token));
}

TEST_F(SessionsTest, the_cookie_is_out_of_reach_of_scripts_and_other_sites) {
  EXPECT_TRUE(
      sessions.open().set_cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; "
                                           "SameSite=Strict"));
  OperatorSessions secure(rt, OverTls::yes);
  EXPECT_TRUE(secure.open().set_cookie.ends_with("; SameSite=Strict; Secure"));
}

TEST_F(SessionsTest, ends_by_logging_out_by_time_and_by_number) {
  const auto first = sessions.open();
  EXPECT_TRUE(sessions.close(cookie_of(first)).starts_with("goop-operator=; Path=/; Max-Age=0;"));
  EXPECT_FALSE(sessions.valid(cookie_of(first), first.token));

  const auto second = sessions.open();
  rt.run_for(limits::operator_session_life);
  EXPECT_FALSE(sessions.valid(cookie_of(second), second.token));

  const auto third = sessions.open();
  for (std::size_t i = 1; i < limits::operator_sessions; ++i) sessions.open();
  EXPECT_TRUE(sessions.valid(cookie_of(third), third.token));
  sessions.open();
  EXPECT_FALSE(sessions.valid(cookie_of(third), third.token));
  EXPECT_EQ(sessions.size(), limits::operator_sessions);
}

// --- addresses the operator logs in from ---

TEST(KnownAddressesTest, are_known_for_a_while_and_limited_in_number) {
  sim::SimRuntime rt{3};
  KnownAddresses known;
  const auto address = [](unsigned i) { return asio::ip::address_v4(i); };
  auto now = rt.wall();
  for (unsigned i = 0; i <= limits::known_addresses; ++i) {
    rt.wait(known.add(address(i), now += 1min));
  }
  EXPECT_EQ(known.size(), limits::known_addresses);
  EXPECT_FALSE(known.has(address(0), now));  // the one unused for longest went
  EXPECT_TRUE(known.has(address(1), now));
  now += limits::known_life - 1min;
  rt.wait(known.add(address(2), now));
  now += 1min;
  EXPECT_FALSE(known.has(address(1), now));
  EXPECT_TRUE(known.has(address(2), now));
}

// --- blocks ---

p2p::PeerId peer(int number) {
  Bytes id = {0x12, 0x20};
  id.resize(34);
  std::memcpy(id.data() + 2, &number, sizeof number);
  return *p2p::PeerId::from_bytes(id);
}

struct BlocksTest : ::testing::Test {
  Result<void> add(Blocks& blocks, const p2p::PeerId& who) {
    return rt.wait(blocks.add(who, {"Nora <b>", 7}));
  }
  void open(store::Database& database) {
    static constexpr std::array steps{store::Migration(create_blocked)};
    rt.wait(database.open(folder / "peers.db", steps));
  }
  sim::SimRuntime rt{3};
  testing::TempFolder folder;
};

TEST_F(BlocksTest, are_kept_in_memory_without_a_database) {
  Blocks blocks;
  EXPECT_TRUE(add(blocks, peer(1)));
  EXPECT_TRUE(add(blocks, peer(1)));
  EXPECT_TRUE(blocks.has(peer(1)));
  EXPECT_EQ(blocks.list().size(), 1u);
  EXPECT_TRUE(rt.wait(blocks.remove(peer(1))));
  EXPECT_TRUE(rt.wait(blocks.remove(peer(1))));
  EXPECT_FALSE(blocks.has(peer(1)));
}

TEST_F(BlocksTest, survive_a_restart_with_a_database) {
  for (const bool first : {true, false}) {
    store::Database database(rt);
    open(database);
    Blocks blocks;
    rt.wait(blocks.load(database));
    EXPECT_EQ(blocks.has(peer(1)), !first);
    EXPECT_FALSE(blocks.has(peer(2)));
    if (first) {
      EXPECT_TRUE(add(blocks, peer(1)));
      EXPECT_TRUE(add(blocks, peer(2)));
      EXPECT_TRUE(rt.wait(blocks.remove(peer(2))));
    } else {
      EXPECT_EQ(blocks.list().at(peer(1)).label, "Nora <b>");
      EXPECT_EQ(blocks.list().at(peer(1)).at, 7);
    }
    rt.wait(database.close());
  }
}

TEST_F(BlocksTest, change_nothing_when_the_database_fails) {
  store::Database database(rt);
  open(database);
  Blocks blocks;
  rt.wait(blocks.load(database));
  rt.wait(database.close());
  const auto added = add(blocks, peer(1));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::storage);
  EXPECT_FALSE(blocks.has(peer(1)));
}

TEST_F(BlocksTest, are_limited_in_number) {
  Blocks blocks;
  for (std::size_t i = 0; i < limits::blocked_peers; ++i) {
    ASSERT_TRUE(add(blocks, peer(static_cast<int>(i))));
  }
  const auto one_more = add(blocks, peer(static_cast<int>(limits::blocked_peers)));
  ASSERT_FALSE(one_more);
  EXPECT_EQ(one_more.error().code, Errc::too_large);
}

// --- figures ---

TEST(History, tells_rates_between_two_looks) {
  History history;
  const Instant start(1h);
  history.record({.published = 100, .refused = 1, .deliveries = 1000, .peers = 3}, start);
  EXPECT_EQ(history.size(), 0u);
  history.record({.published = 110, .refused = 1, .deliveries = 1500, .peers = 4}, start + 5s);
  const auto samples = history.since(0);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].number, 1u);
  EXPECT_EQ(samples[0].peers, 4u);
  EXPECT_DOUBLE_EQ(samples[0].published, 2);
  EXPECT_DOUBLE_EQ(samples[0].refused, 0);
  EXPECT_DOUBLE_EQ(samples[0].deliveries, 100);
}

TEST(History, keeps_the_newest_and_gives_those_after_a_number) {
  History history;
  for (std::size_t i = 0; i <= limits::samples + 10; ++i) {
    history.record({.peers = i}, Instant(i * limits::sample_every));
  }
  EXPECT_EQ(history.size(), limits::samples);
  const auto last = limits::samples + 10;
  EXPECT_EQ(history.since(0).front().number, 11u);
  EXPECT_EQ(history.since(5).front().number, 11u);
  EXPECT_EQ(history.since(11).front().number, 12u);
  EXPECT_EQ(history.since(last - 1).size(), 1u);
  EXPECT_TRUE(history.since(last).empty());
  EXPECT_TRUE(history.since(last + 5).empty());
}

}  // namespace
}  // namespace goop::rendezvous
