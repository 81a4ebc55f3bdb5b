#include "rendezvous/operator/turns.h"

#include <gmock/gmock.h>

#include "rendezvous/operator/limits.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Asker from(unsigned network, unsigned host = 1) {
  const auto address = asio::ip::address_v4(0x0a000000 + network * 256 + host);
  return {address, address};
}

struct TurnsTest : ::testing::Test {
  // Somebody who comes now, and needs a moment when it is their turn.
  void come(std::string name, Standing standing, Asker asker) {
    scope.spawn(stay(std::move(name), standing, std::move(asker)));
    rt.run_for(0s);
  }
  Task<> stay(std::string name, Standing standing, Asker asker) {
    const auto turn = co_await turns.take(standing, std::move(asker));
    if (!turn) {
      dropped.push_back(name);
      co_return;
    }
    served.push_back(name);
    co_await rt.sleep_for(check_time);
  }

  Duration check_time = 60ms;
  sim::SimRuntime rt{3};
  Turns turns{rt};
  std::vector<std::string> served, dropped;
  sim::SimScope scope{rt};
};

TEST_F(TurnsTest, one_at_a_time_and_in_order_of_standing) {
  come("first", Standing::stranger, from(1));
  come("stranger", Standing::stranger, from(2));
  come("solver", Standing::solver, from(3));
  come("known", Standing::known, from(4));
  EXPECT_THAT(served, ElementsAre("first"));
  rt.run_for(1s);
  EXPECT_THAT(served, ElementsAre("first", "known", "solver", "stranger"));
}

TEST_F(TurnsTest, the_network_that_asked_least_goes_first_and_then_the_client) {
  come("first", Standing::solver, from(1));
  come("1.1 again", Standing::solver, from(1));
  come("1.2", Standing::solver, from(1, 2));
  come("2.1", Standing::solver, from(2));
  come("1.3", Standing::solver, from(1, 3));
  rt.run_for(2s);
  EXPECT_THAT(served, ElementsAre("first", "2.1", "1.1 again", "1.2", "1.3"));
  served.clear();
  rt.run_for(10min);
  come("a", Standing::solver, from(9));
  come("1.1", Standing::solver, from(1));  // what was long ago is forgotten
  come("9.1 again", Standing::solver, from(9));
  rt.run_for(2s);
  EXPECT_THAT(served, ElementsAre("a", "1.1", "9.1 again"));
}

TEST_F(TurnsTest, each_standing_has_its_share_of_a_core) {
  for (unsigned i = 0; i < 16; ++i) come("solver", Standing::solver, from(i));
  rt.run_for(1s);
  const auto burst = limits::password_burst / check_time + 1;  // 5
  EXPECT_EQ(served.size(), static_cast<std::size_t>(burst) + 4);
  come("known", Standing::known, from(50));
  rt.run_for(check_time);
  EXPECT_EQ(served.back(), "known");  // whose share is another one
}

TEST_F(TurnsTest, on_a_busy_machine_a_check_takes_longer_and_counts_no_more) {
  check_time = 1s;
  for (unsigned i = 0; i < 8; ++i) come("solver", Standing::solver, from(i));
  rt.run_for(8s);  // one after the other without a pause
  EXPECT_EQ(served.size(), 8u);
}

TEST_F(TurnsTest, who_has_used_up_their_share_holds_up_nobody_of_another_standing) {
  for (unsigned i = 0; i < 16; ++i) come("known", Standing::known, from(i));
  rt.run_for(1s);
  come("stranger", Standing::stranger, from(50));
  rt.run_for(2 * check_time);
  EXPECT_THAT(served, Contains("stranger"));
  EXPECT_GT(turns.waiting(), 0u);
}

TEST_F(TurnsTest, a_full_queue_drops_the_last_in_order) {
  for (unsigned i = 0; i <= limits::password_queue; ++i) {
    come(fmt::format("crowd {}", i), Standing::solver, from(1, i));
  }
  EXPECT_EQ(turns.waiting(), limits::password_queue);
  EXPECT_THAT(dropped, IsEmpty());  // one is served
  come("another", Standing::solver, from(2));
  EXPECT_THAT(dropped, ElementsAre("crowd 16"));
  come("of the crowd", Standing::solver, from(1, 99));
  EXPECT_THAT(dropped, ElementsAre("crowd 16", "of the crowd"));
  rt.run_for(100ms);
  EXPECT_THAT(served, ElementsAre("crowd 0", "another"));
  rt.run_for(1min);
}

TEST_F(TurnsTest, what_is_remembered_of_a_crowd_is_bounded) {
  for (unsigned i = 0; i < 2'000; ++i) come("crowd", Standing::solver, from(1));
  rt.run_for(limits::tries_remembered + 1min);
  served.clear();
  come("busy", Standing::solver, from(2));
  come("2.1 again", Standing::solver, from(2));
  come("1.1", Standing::solver, from(1));
  rt.run_for(2s);
  EXPECT_THAT(served, ElementsAre("busy", "1.1", "2.1 again"));
}

}  // namespace
}  // namespace goop::rendezvous
