#include "p2p/swarm/work_budgets.h"

#include <gtest/gtest.h>

#include "p2p/swarm/limits.h"
#include "p2p/swarm/swarm_test_kit.h"

namespace goop::p2p {
namespace {

using test::addr;
using test::at;

struct WorkBudgetsTest : testing::Test {
  std::shared_ptr<WorkBudget> of(std::string_view address, Duration now = 0s) {
    return budgets.of_connection(addr(address), at(now));
  }
  // Uses up what the network of `address` may have at once; true if `other` then waits.
  bool meets(std::string_view address, std::string_view other) {
    const auto one = of(address), two = of(other);
    const auto much = static_cast<WorkUnits>(limits.network.burst) * 2;
    (void)one->charge(much, at(0s));
    return two->charge(150, at(0s)) > Duration::zero();  // more than half a second of the network
  }
  WorkLimits limits{{100, 2000}, {100, 1000}, {1e6, 1e6}};
  WorkBudgets budgets{limits};
};

TEST_F(WorkBudgetsTest, a_network_is_an_ipv4_24) {
  EXPECT_TRUE(meets("/ip4/203.0.113.1/tcp/1", "/ip4/203.0.113.254/tcp/2"));
  EXPECT_FALSE(meets("/ip4/198.51.100.1/tcp/1", "/ip4/198.51.101.1/tcp/1"));
}

TEST_F(WorkBudgetsTest, or_an_ipv6_48) {
  EXPECT_TRUE(meets("/ip6/2001:db8:1:1::1/tcp/1", "/ip6/2001:db8:1:ffff::1/tcp/1"));
  EXPECT_FALSE(meets("/ip6/2001:db8:2::1/tcp/1", "/ip6/2001:db8:3::1/tcp/1"));
}

TEST_F(WorkBudgetsTest, connections_of_this_machine_have_none) {
  EXPECT_FALSE(meets("/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/2"));
  EXPECT_FALSE(meets("/ip6/::1/tcp/1", "/ip6/::1/tcp/2"));
  EXPECT_EQ(budgets.networks(), 0u);
}

TEST_F(WorkBudgetsTest, a_debt_is_not_forgotten_by_calling_again) {
  (void)of("/ip4/203.0.113.1/tcp/1")->charge(2000, at(0s));  // and is gone
  (void)of("/ip4/198.51.100.1/tcp/1");
  const auto again = of("/ip4/203.0.113.1/tcp/1", 1s);
  EXPECT_GT(again->charge(200, at(1s)), 0s);
}

TEST_F(WorkBudgetsTest, networks_that_owe_nothing_are_forgotten) {
  const auto kept = of("/ip4/203.0.113.1/tcp/1");
  for (int i = 0; i < 100; ++i) (void)of(fmt::format("/ip4/198.51.{}.1/tcp/1", i));
  EXPECT_EQ(budgets.networks(), 2u);  // one with a connection, and the newest
}

TEST_F(WorkBudgetsTest, networks_that_owe_have_a_cap) {
  for (std::size_t i = 0; i < 2 * limits::work_networks; ++i) {
    (void)of(fmt::format("/ip4/100.{}.{}.1/tcp/1", i / 256, i % 256))->charge(100, at(0s));
  }
  EXPECT_LE(budgets.networks(), limits::work_networks);
}

}  // namespace
}  // namespace goop::p2p
