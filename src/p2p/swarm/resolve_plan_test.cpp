#include "p2p/swarm/resolve_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/swarm/faulty_networks_test_kit.h"
#include "p2p/swarm/limits.h"
#include "p2p/swarm/swarm_test_kit.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::p2p {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = ResolvePlan::Query::Kind;

const PeerId anna = peer(1), ben = peer(2);
const std::string for_anna = "/p2p/" + anna.to_string();

ResolvePlan plan(std::initializer_list<std::string> texts,
                 AddressScope teller = AddressScope::loopback) {
  std::vector<DialAddress> addresses;
  for (const auto& text : texts) addresses.push_back({addr(text), teller});
  return ResolvePlan(anna, addresses);
}

std::vector<std::string> results(const ResolvePlan& plan) {
  std::vector<std::string> texts;
  for (const auto& found : plan.results()) texts.push_back(found.address.to_string());
  return texts;
}

std::string record(std::string_view address) { return fmt::format("dnsaddr={}", address); }

TEST(ResolvePlan, passes_ip_addresses_through_without_a_question) {
  auto p = plan({"/ip4/8.8.8.8/tcp/1"});
  EXPECT_TRUE(p.done());
  EXPECT_THAT(results(p), ElementsAre("/ip4/8.8.8.8/tcp/1"));
}

TEST(ResolvePlan, puts_the_answer_in_the_names_place_and_keeps_the_rest) {
  auto p = plan({"/dns4/a.example/tcp/4001" + for_anna});
  const auto query = p.next_query();
  EXPECT_EQ(query->name, "a.example");
  EXPECT_EQ(query->family, net::Family::v4);
  EXPECT_FALSE(p.done());
  p.on_addresses(query->id, std::vector{ip("8.8.8.8"), ip("9.9.9.9")});
  EXPECT_TRUE(p.done());
  EXPECT_THAT(results(p),
              ElementsAre("/ip4/8.8.8.8/tcp/4001" + for_anna, "/ip4/9.9.9.9/tcp/4001" + for_anna));
}

TEST(ResolvePlan, asks_for_the_family_that_the_address_names) {
  auto p = plan({"/dns/a.example/tcp/1", "/dns6/a.example/tcp/1"});
  EXPECT_EQ(p.next_query()->family, net::Family::any);
  const auto six = p.next_query();
  EXPECT_EQ(six->family, net::Family::v6);
  p.on_addresses(six->id, std::vector{ip("2606::1")});
  EXPECT_THAT(results(p), ElementsAre("/ip6/2606::1/tcp/1"));
}

TEST(ResolvePlan, follows_dnsaddr_records_of_the_wanted_peer_alone) {
  auto p = plan({"/dnsaddr/a.example"});
  const auto query = p.next_query();
  EXPECT_EQ(query->kind, Kind::texts);
  EXPECT_EQ(query->name, "_dnsaddr.a.example");
  p.on_texts(query->id,
             std::vector<std::string>{record("/ip4/8.8.8.8/tcp/1" + for_anna),
                                      record("/ip4/9.9.9.9/tcp/1/p2p/" + ben.to_string()),
                                      record("/ip4/9.9.9.9/tcp/1"), "dnsaddr=nonsense", "v=spf1"});
  EXPECT_TRUE(p.done());
  EXPECT_THAT(results(p), ElementsAre("/ip4/8.8.8.8/tcp/1" + for_anna));
}

TEST(ResolvePlan, attack_dns_recursion_stops_after_four_steps) {
  auto p = plan({"/dnsaddr/0.example"});
  std::size_t asked = 0;
  while (const auto query = p.next_query()) {
    ++asked;
    p.on_texts(query->id, std::vector<std::string>{
                              record(fmt::format("/dnsaddr/{}.example{}", asked, for_anna))});
  }
  EXPECT_EQ(asked, limits::resolve_depth);
  EXPECT_TRUE(p.done());
}

TEST(ResolvePlan, attack_dns_recursion_that_fans_out_asks_a_bounded_number_of_questions) {
  auto p = plan({"/dnsaddr/0.example"});
  std::size_t asked = 0;
  while (const auto query = p.next_query()) {
    ++asked;
    std::vector<std::string> texts;
    for (int i = 0; i < 1000; ++i) {
      texts.push_back(record(fmt::format("/dnsaddr/{}-{}.example{}", asked, i, for_anna)));
    }
    p.on_texts(query->id, texts);
  }
  EXPECT_EQ(asked, limits::resolve_queries);
}

TEST(ResolvePlan, looks_at_a_bounded_number_of_records_in_one_answer) {
  auto p = plan({"/dnsaddr/a.example"});
  std::vector<std::string> texts(limits::resolve_text_records, "v=spf1");
  texts.push_back(record("/ip4/8.8.8.8/tcp/1" + for_anna));
  p.on_texts(p.next_query()->id, texts);
  EXPECT_THAT(results(p), IsEmpty());
}

TEST(ResolvePlan, gives_at_most_a_hundred_results) {
  auto p = plan({"/dns4/a.example/tcp/1"});
  std::vector<IpAddress> many;
  for (std::uint32_t i = 0; i < 500; ++i) {
    many.push_back(boost::asio::ip::address_v4(0x08000000u + i));
  }
  p.on_addresses(p.next_query()->id, many);
  EXPECT_THAT(p.results(), SizeIs(limits::resolve_results));
}

TEST(ResolvePlan, asks_eight_questions_at_once) {
  auto p = plan({"/dns4/1.example/tcp/1", "/dns4/2.example/tcp/1", "/dns4/3.example/tcp/1",
                 "/dns4/4.example/tcp/1", "/dns4/5.example/tcp/1", "/dns4/6.example/tcp/1",
                 "/dns4/7.example/tcp/1", "/dns4/8.example/tcp/1", "/dns4/9.example/tcp/1"});
  for (std::size_t i = 0; i < limits::resolve_parallel; ++i) ASSERT_TRUE(p.next_query());
  EXPECT_FALSE(p.next_query());
  p.on_failure(0);
  EXPECT_TRUE(p.next_query());
}

TEST(ResolvePlan, attack_dns_rebinding_what_the_internet_named_stays_on_the_internet) {
  auto p = plan({"/dns4/a.example/tcp/4001"}, AddressScope::public_net);
  p.on_addresses(p.next_query()->id,
                 std::vector{ip("127.0.0.1"), ip("192.168.1.1"), ip("8.8.8.8")});
  EXPECT_THAT(results(p), ElementsAre("/ip4/8.8.8.8/tcp/4001"));
}

TEST(ResolvePlan, attack_dial_amplification_records_of_a_told_name_cannot_reach_a_system_service) {
  auto p = plan({"/dnsaddr/a.example"}, AddressScope::public_net);
  p.on_texts(p.next_query()->id,
             std::vector<std::string>{record("/ip4/8.8.8.8/tcp/22" + for_anna)});
  EXPECT_THAT(results(p), IsEmpty());
}

TEST(ResolvePlan, does_not_ask_for_names_that_only_tls_could_use) {
  auto p = plan({"/dns4/a.example/tcp/443/wss"});
  EXPECT_TRUE(p.done());
}

TEST(ResolvePlan, an_answer_to_no_question_changes_nothing) {
  auto p = plan({"/dns4/a.example/tcp/1"});
  p.on_addresses(7, std::vector{ip("8.8.8.8")});
  EXPECT_THAT(results(p), IsEmpty());
  EXPECT_FALSE(p.done());
}

struct ResolveAll : testing::Test {
  std::vector<DialAddress> resolve(net::Network& network, std::vector<DialAddress> addresses,
                                   Deadline by) {
    std::vector<DialAddress> all;
    auto found = [&](std::span<const DialAddress> more) {
      all.insert(all.end(), more.begin(), more.end());
      last = rt.now();
    };
    rt.wait(resolve_all(network, rt, anna, std::move(addresses), by, found));
    return all;
  }
  std::vector<std::string> resolve(std::initializer_list<std::string> texts, Duration within) {
    std::vector<DialAddress> addresses;
    for (const auto& text : texts) addresses.push_back({addr(text)});
    std::vector<std::string> found;
    for (const auto& result :
         resolve(host, std::move(addresses), Deadline::after(rt.now(), within)))
      found.push_back(result.address.to_string());
    return found;
  }

  sim::SimRuntime rt;
  sim::SimInternet internet{rt};
  sim::SimHost& host = internet.add_host("192.0.2.1");
  Instant last{};  // when something was found
};

TEST_F(ResolveAll, follows_names_to_addresses_and_leaves_out_those_without_an_answer) {
  internet.set_txt("_dnsaddr.boot.example", {record("/dns4/a.example/tcp/4001" + for_anna)});
  internet.set_name("a.example", {ip("8.8.8.8")});
  EXPECT_THAT(
      resolve({"/ip4/9.9.9.9/tcp/1", "/dns4/nobody.example/tcp/1", "/dnsaddr/boot.example"}, 5s),
      ElementsAre("/ip4/9.9.9.9/tcp/1", "/ip4/8.8.8.8/tcp/4001" + for_anna));
}

TEST_F(ResolveAll, a_name_server_that_is_silent_costs_five_seconds_and_no_other_address) {
  MuteNames mute(rt, host);
  std::vector<DialAddress> addresses{{addr("/ip4/9.9.9.9/tcp/1")}};
  for (int i = 0; i < 20; ++i)
    addresses.push_back({addr(fmt::format("/dns4/{}.example/tcp/1", i))});
  const Instant start = rt.now();
  const auto found = resolve(mute, std::move(addresses), Deadline::never());
  EXPECT_THAT(found, SizeIs(1));
  EXPECT_EQ(last, start);  // it was told at once
  EXPECT_EQ(rt.now() - start, limits::resolve_timeout);
}

TEST_F(ResolveAll, leaves_nothing_behind_when_it_is_cancelled) {
  MuteNames mute(rt, host);
  std::vector<DialAddress> addresses{{addr("/dns4/a.example/tcp/1")}};
  auto task = resolve_all(mute, rt, anna, std::move(addresses), Deadline::never(),
                          [](std::span<const DialAddress>) {});
  const auto soon = Deadline::after(rt.now(), 1s);
  EXPECT_THROW(rt.wait(with_deadline(rt, soon, "the test", std::move(task))), Failure);
  EXPECT_EQ(rt.now(), soon.at);
}

}  // namespace
}  // namespace goop::p2p
