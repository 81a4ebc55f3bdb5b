#include "p2p/work_budget.h"

#include <gtest/gtest.h>

#include <vector>

namespace goop::p2p {
namespace {

using namespace std::chrono_literals;

constexpr limits::WorkRate rate{1000, 500};      // units, for round numbers
constexpr limits::WorkRate for_all{1600, 1000};  // less than three times as much

Instant at(Duration since_start) { return Instant(since_start); }

// Somebody who asks for `units` again as soon as it may.
struct Asker {
  Asker(std::shared_ptr<WorkBudget> within, WorkUnits each) : budget(rate, within), units(each) {}
  void run_until(Instant now) {
    while (next <= now) next += std::max<Duration>(budget.charge(units, next), 1ms);
  }
  WorkBudget budget;
  WorkUnits units;
  Instant next{};
};

// In turns of a millisecond, so that they meet each other.
void run(std::vector<Asker*> all, Duration from, Duration to) {
  for (Duration now = from; now < to; now += 1ms) {
    for (Asker* one : all) one->run_until(at(now));
  }
}

TEST(WorkBudget, lets_a_burst_through_and_then_makes_wait_until_it_is_paid) {
  WorkBudget budget(rate);
  EXPECT_EQ(budget.charge(500, at(0s)), 0s);
  EXPECT_EQ(budget.charge(250, at(0s)), 250ms);
  EXPECT_EQ(budget.charge(0, at(250ms)), 0s);
  EXPECT_EQ(budget.charged(), 750u);
  EXPECT_FALSE(budget.rested(at(500ms)));
  EXPECT_TRUE(budget.rested(at(750ms)));
}

TEST(WorkBudget, one_wait_has_an_end_and_the_debt_stays) {
  WorkBudget budget(rate);
  EXPECT_EQ(budget.charge(10'500, at(0s)), limits::work_pause);
  EXPECT_EQ(budget.charge(0, at(2s)), limits::work_pause);
  EXPECT_EQ(budget.charge(0, at(9s)), 1s);
  EXPECT_EQ(budget.charge(0, at(10s)), 0s);
}

TEST(WorkBudget, a_flood_gets_the_rate_and_the_burst) {
  Asker flooder(nullptr, 20);
  run({&flooder}, 0s, 20s);
  EXPECT_NEAR(static_cast<double>(flooder.budget.charged()), 500 + 20 * 1000, 40);
  EXPECT_EQ(flooder.budget.slowed(), 1u);  // it never rested
}

TEST(WorkBudget, those_within_another_get_its_rate_together) {
  const auto network = std::make_shared<WorkBudget>(for_all);
  std::vector<std::unique_ptr<Asker>> many;
  std::vector<Asker*> all;
  for (int i = 0; i < 50; ++i) {
    all.push_back(many.emplace_back(std::make_unique<Asker>(network, 20)).get());
  }
  run(all, 0s, 20s);
  // Each also has a second of its share at the start.
  EXPECT_LT(network->charged(), 1000 + 1600 + 20 * 1600 + 50 * 20);
  for (const auto* one : all) EXPECT_NEAR(one->budget.charged(), network->charged() / 50.0, 150);
}

TEST(WorkBudget, who_takes_less_than_a_share_does_not_wait_for_those_who_take_more) {
  const auto network = std::make_shared<WorkBudget>(for_all);
  Asker one(network, 20), two(network, 20), three(network, 20);
  WorkBudget modest(rate, network);
  for (Duration now = 0s; now < 20s; now += 100ms) {
    run({&one, &two, &three}, now, now + 100ms);
    EXPECT_EQ(modest.charge(35, at(now + 99ms)), 0s);  // 350 of its 400 a second
  }
  EXPECT_LT(network->charged(), 1000 + 1600 + 20 * 1600 + 100);
}

TEST(WorkBudget, the_same_holds_for_the_networks_of_a_host) {
  const auto host = std::make_shared<WorkBudget>(for_all);
  const auto crowd = std::make_shared<WorkBudget>(for_all, host);
  const auto other = std::make_shared<WorkBudget>(for_all, host);
  std::vector<std::unique_ptr<Asker>> many;
  std::vector<Asker*> all;
  for (int i = 0; i < 30; ++i) {
    all.push_back(many.emplace_back(std::make_unique<Asker>(crowd, 20)).get());
  }
  WorkBudget visitor(rate, other);  // has half of the host, however many the others are
  for (Duration now = 0s; now < 10s; now += 100ms) {
    run(all, now, now + 100ms);
    EXPECT_EQ(visitor.charge(70, at(now + 99ms)), 0s);
  }
}

TEST(WorkBudget, who_rested_has_its_share_again) {
  const auto network = std::make_shared<WorkBudget>(for_all);
  Asker one(network, 20), two(network, 20);
  run({&one, &two}, 0s, 60s);
  one.next = at(65s);  // it is silent, the other goes on
  run({&two}, 60s, 65s);
  EXPECT_EQ(one.budget.charge(100, at(65s)), 0s);
}

TEST(WorkBudget, a_flood_is_hopeless_after_its_time_without_a_rest) {
  Asker flooder(nullptr, 20);
  run({&flooder}, 0s, limits::flood_time - 1s);
  EXPECT_FALSE(flooder.budget.floods(at(limits::flood_time - 1s)));
  run({&flooder}, limits::flood_time - 1s, limits::flood_time + 1s);
  EXPECT_TRUE(flooder.budget.floods(at(limits::flood_time + 1s)));
}

TEST(WorkBudget, a_rest_begins_the_count_anew) {
  Asker busy(nullptr, 20);
  run({&busy}, 0s, limits::flood_time - 1s);
  busy.next = at(limits::flood_time + limits::flood_rest);
  run({&busy}, limits::flood_time + limits::flood_rest, limits::flood_time + 30s);
  EXPECT_FALSE(busy.budget.floods(at(limits::flood_time + 30s)));
  EXPECT_EQ(busy.budget.slowed(), 2u);
}

TEST(WorkBudget, who_only_shares_a_network_with_floods_is_no_flood) {
  const auto network = std::make_shared<WorkBudget>(limits::WorkRate{100, 100});
  Asker one(network, 20), two(network, 20);  // both could do with ten times as much
  run({&one, &two}, 0s, limits::flood_time + 10s);
  EXPECT_GT(network->slowed(), 0u);
  EXPECT_FALSE(one.budget.floods(at(limits::flood_time + 10s)));
}

TEST(WorkBudget, the_same_work_at_the_same_times_gives_the_same_waits) {
  const auto waits = [] {
    const auto network = std::make_shared<WorkBudget>(for_all);
    WorkBudget a(rate, network), b(rate, network), c(rate, network);
    std::vector<Duration> all;
    for (int i = 0; i < 2000; ++i) {
      const Instant now = at(i * 3ms);
      all.push_back(a.charge(static_cast<WorkUnits>(i % 17), now));
      all.push_back(b.charge(static_cast<WorkUnits>(i % 5), now));
      all.push_back(c.charge(1, now));
    }
    return all;
  };
  EXPECT_EQ(waits(), waits());
}

}  // namespace
}  // namespace goop::p2p
