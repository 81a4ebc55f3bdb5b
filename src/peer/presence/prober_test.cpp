#include "peer/presence/prober.h"

#include <gtest/gtest.h>

#include "testing/sim/sim_runtime.h"

namespace goop::peer::presence {
namespace {

p2p::PeerId peer_number(unsigned number) {
  std::array<std::uint8_t, 34> bytes{0x12, 0x20};
  for (std::size_t i = 0; i < 4; ++i) bytes[2 + i] = static_cast<std::uint8_t>(number >> (8 * i));
  return p2p::PeerId::from_bytes(bytes).value();
}

class ProberTest : public testing::Test {
 protected:
  ~ProberTest() override { rt.wait(prober.close()); }

  Task<std::string> ask(p2p::PeerId peer, Deadline) {
    ++asked;
    most = std::max(most, ++now_running);
    co_await rt.sleep_for(100ms);
    --now_running;
    if (silent.contains(peer)) raise(Errc::timeout, "no answer");
    co_return "Nora";
  }

  sim::SimRuntime rt;
  std::set<p2p::PeerId> silent;
  int asked = 0;
  std::size_t now_running = 0, most = 0;
  std::vector<std::pair<p2p::PeerId, std::optional<std::string>>> told;
  Prober prober{rt, [this](p2p::PeerId peer, Deadline by) { return ask(peer, by); },
                [this](const p2p::PeerId& peer, auto label) { told.emplace_back(peer, label); }};
};

TEST_F(ProberTest, Tells_the_label_or_that_there_was_no_answer) {
  silent.insert(peer_number(2));
  prober.probe(peer_number(1));
  prober.probe(peer_number(2));
  rt.run_for(1s);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0], std::pair(peer_number(1), std::optional<std::string>("Nora")));
  EXPECT_EQ(told[1], std::pair(peer_number(2), std::optional<std::string>()));
}

TEST_F(ProberTest, Asks_a_few_at_a_time_and_each_once) {
  for (unsigned i = 0; i < 100; ++i) {
    prober.probe(peer_number(i));
    prober.probe(peer_number(i));
  }
  rt.wait(prober.settled(Deadline::after(rt.now(), 1min)));
  EXPECT_EQ(asked, 100);
  EXPECT_EQ(most, limits::probes_at_once);
  EXPECT_EQ(prober.running(), 0u);
}

TEST_F(ProberTest, No_more_wait_than_may) {
  for (unsigned i = 0; i < 2 * limits::probes_waiting; ++i) prober.probe(peer_number(i));
  EXPECT_EQ(prober.waiting(), limits::probes_waiting);
}

TEST_F(ProberTest, Who_failed_just_now_is_not_asked_at_once) {
  silent.insert(peer_number(1));
  prober.probe(peer_number(1));
  rt.run_for(100ms);
  ASSERT_EQ(told.size(), 1u);
  prober.probe(peer_number(1));
  EXPECT_EQ(prober.running(), 0u);
  rt.run_for(limits::probe_pause);
  prober.probe(peer_number(1));
  EXPECT_EQ(prober.running(), 1u);
}

TEST_F(ProberTest, Waiting_for_all_ends_at_the_deadline) {
  prober.probe(peer_number(1));
  rt.wait(prober.settled(Deadline::after(rt.now(), 10ms)));
  EXPECT_EQ(prober.running(), 1u);
}

}  // namespace
}  // namespace goop::peer::presence
