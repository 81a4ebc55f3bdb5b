#include "p2p/swarm/dial_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/swarm/limits.h"
#include "p2p/swarm/swarm_test_kit.h"

namespace goop::p2p {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::SizeIs;

const PeerId anna = peer(1), ben = peer(2);
const std::string circuit = "/p2p/" + peer(9).to_string() + "/p2p-circuit";

struct DialPlan : testing::Test {
  using Order = std::vector<std::pair<std::string, int>>;  // address, delay in ms

  Result<std::vector<DialAttempt>> plan(const std::vector<std::string>& texts,
                                        AddressScope teller = AddressScope::loopback) {
    std::vector<DialAddress> resolved;
    for (const auto& text : texts) resolved.push_back({addr(text), teller});
    return plan_dial(anna, resolved,
                     {.backoff = backoff, .told = told, .own = own, .circuits = circuits}, now);
  }
  Order order(const std::vector<std::string>& texts) {
    Order result;
    const auto planned = plan(texts);
    for (const auto& attempt : planned.value()) {
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(attempt.delay).count();
      result.emplace_back(attempt.address.to_string(), static_cast<int>(ms));
    }
    return result;
  }

  Instant now = at(1h);
  Backoff backoff;
  ToldDials told;
  std::vector<net::Endpoint> own;
  bool circuits = true;
};

TEST_F(DialPlan, starts_ipv6_at_once_ipv4_a_step_later_and_the_rest_one_more_step_later) {
  EXPECT_EQ(order({"/ip4/8.0.0.1/tcp/1", "/ip4/8.0.0.2/tcp/1", "/ip6/2606::1/tcp/1",
                   "/ip6/2606::2/tcp/1"}),
            (Order{{"/ip6/2606::1/tcp/1", 0},
                   {"/ip4/8.0.0.1/tcp/1", 250},
                   {"/ip6/2606::2/tcp/1", 500},
                   {"/ip4/8.0.0.2/tcp/1", 500}}));
}

TEST_F(DialPlan, takes_shorter_steps_between_private_addresses) {
  EXPECT_EQ(
      order({"/ip4/192.168.1.2/tcp/1", "/ip6/fd00::1/tcp/1", "/ip4/10.0.0.1/tcp/1"}),
      (Order{
          {"/ip6/fd00::1/tcp/1", 0}, {"/ip4/192.168.1.2/tcp/1", 30}, {"/ip4/10.0.0.1/tcp/1", 60}}));
}

TEST_F(DialPlan, private_and_public_addresses_start_side_by_side) {
  EXPECT_EQ(order({"/ip4/8.0.0.1/tcp/1", "/ip4/192.168.1.2/tcp/1"}),
            (Order{{"/ip4/192.168.1.2/tcp/1", 0}, {"/ip4/8.0.0.1/tcp/1", 0}}));
}

TEST_F(DialPlan, a_relay_waits_when_there_is_a_public_direct_address) {
  EXPECT_EQ(order({"/ip4/9.0.0.1/tcp/1" + circuit, "/ip4/8.0.0.1/tcp/1"}),
            (Order{{"/ip4/8.0.0.1/tcp/1", 0}, {"/ip4/9.0.0.1/tcp/1" + circuit, 500}}));
  EXPECT_EQ(order({"/ip4/9.0.0.1/tcp/1" + circuit, "/ip4/192.168.1.2/tcp/1"}),
            (Order{{"/ip4/192.168.1.2/tcp/1", 0}, {"/ip4/9.0.0.1/tcp/1" + circuit, 0}}));
}

TEST_F(DialPlan, leaves_relays_out_when_nobody_can_dial_them) {
  circuits = false;
  EXPECT_EQ(plan({"/ip4/9.0.0.1/tcp/1" + circuit}).error().code, Errc::unreachable);
}

TEST_F(DialPlan, gives_a_private_address_less_time) {
  EXPECT_EQ(plan({"/ip4/192.168.1.2/tcp/1"})->front().timeout, limits::dial_timeout_private);
  EXPECT_EQ(plan({"/ip4/8.0.0.1/tcp/1"})->front().timeout, limits::dial_timeout_public);
}

TEST_F(DialPlan, dials_an_address_once_however_often_it_was_named) {
  const std::string address = "/ip4/8.0.0.1/tcp/1";
  EXPECT_THAT(*plan({address, address, address + "/p2p/" + anna.to_string()}), SizeIs(1));
}

TEST_F(DialPlan, never_dials_itself) {
  own = {{ip("192.168.1.2"), 4001}};
  EXPECT_EQ(order({"/ip4/192.168.1.2/tcp/4001", "/ip4/192.168.1.2/tcp/4002"}),
            (Order{{"/ip4/192.168.1.2/tcp/4002", 0}}));
}

TEST_F(DialPlan, skips_what_no_transport_of_ours_dials) {
  const auto failed = plan({"/ip4/8.0.0.1/udp/4001/quic-v1", "/ip4/8.0.0.1/tcp/443/wss",
                            "/dns4/unresolved.example/tcp/1", "/ip4/0.0.0.0/tcp/1",
                            "/ip4/8.0.0.1/tcp/1/p2p/" + ben.to_string()});
  EXPECT_EQ(failed.error().code, Errc::unreachable);
}

TEST_F(DialPlan, leaves_an_address_in_back_off_alone) {
  backoff.failed(anna, addr("/ip4/8.0.0.1/tcp/1"), now);
  EXPECT_EQ(order({"/ip4/8.0.0.1/tcp/1", "/ip4/8.0.0.2/tcp/1"}),
            (Order{{"/ip4/8.0.0.2/tcp/1", 0}}));
}

TEST_F(DialPlan, says_busy_and_how_long_when_every_address_is_in_back_off) {
  backoff.failed(anna, addr("/ip4/8.0.0.1/tcp/1"), now);
  const auto failed = plan({"/ip4/8.0.0.1/tcp/1"});
  EXPECT_EQ(failed.error().code, Errc::busy);
  EXPECT_THAT(failed.error().detail, testing::HasSubstr("next try in 5 s"));
}

TEST_F(DialPlan, plans_at_most_a_hundred_addresses) {
  std::vector<DialAddress> resolved;
  for (auto& address : many_addresses(300)) resolved.push_back({std::move(address)});
  const auto attempts =
      plan_dial(anna, resolved, {.backoff = backoff, .told = told, .own = own}, now);
  EXPECT_THAT(*attempts, SizeIs(limits::dial_addresses));
}

TEST_F(DialPlan, attack_dial_amplification_no_other_machine_names_a_system_service) {
  EXPECT_FALSE(plan({"/ip4/8.8.8.8/tcp/1023"}, AddressScope::public_net));
  EXPECT_TRUE(plan({"/ip4/8.8.8.8/tcp/1024"}, AddressScope::public_net));
}

TEST_F(DialPlan, attack_dns_rebinding_a_name_of_the_internet_cannot_lead_into_our_network) {
  const auto failed =
      plan({"/ip4/127.0.0.1/tcp/4001", "/ip4/192.168.1.1/tcp/8080"}, AddressScope::public_net);
  EXPECT_EQ(failed.error().code, Errc::unreachable);
}

TEST_F(DialPlan, attack_dial_amplification_one_target_is_dialled_for_others_at_a_bounded_rate) {
  const std::vector<std::string> victim{"/ip4/8.8.8.8/tcp/8080"};
  std::size_t dialled = 0;
  for (int i = 0; i < 1000; ++i) {
    if (plan(victim, AddressScope::public_net)) ++dialled;
  }
  EXPECT_EQ(dialled, static_cast<std::size_t>(limits::told_dial_burst));
  EXPECT_TRUE(plan(victim));  // what our own side named is not rationed
  now += 1s;
  EXPECT_TRUE(plan(victim, AddressScope::public_net));
}

TEST_F(DialPlan, watches_a_bounded_number_of_targets) {
  for (std::uint32_t i = 0; i <= limits::told_dial_targets; ++i) {
    told.take(boost::asio::ip::address_v4(0x08000000u + i), now);
  }
  EXPECT_EQ(told.size(), limits::told_dial_targets);
}

}  // namespace
}  // namespace goop::p2p
