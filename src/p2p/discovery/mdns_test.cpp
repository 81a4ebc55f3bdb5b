// The service on simulated local networks, in virtual time.
#include "p2p/discovery/mdns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "p2p/discovery/dns_test_kit.h"
#include "p2p/discovery/limits.h"
#include "testing/sim/sim_lan.h"
#include "testing/sim/sim_runtime.h"

namespace goop::p2p::discovery {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

// A machine with the service running, and whom it has found when.
class Machine {
 public:
  Machine(sim::SimRuntime& runtime, sim::SimHost& host, PeerId id, std::string service)
      : id_(id), runtime_(runtime), mdns_(runtime, host, options(std::move(service))) {}

  const PeerId& id() const { return id_; }
  Mdns& mdns() { return mdns_; }
  bool sees(const Machine& other) const { return found_.contains(other.id_); }
  std::vector<Multiaddr> addresses_of(const Machine& other) const {
    const auto found = found_.find(other.id_);
    return found == found_.end() ? std::vector<Multiaddr>{} : found->second;
  }
  std::size_t found() const { return found_.size(); }
  int reports() const { return reports_; }
  Instant last_found() const { return last_found_; }
  void forget() { found_.clear(); }
  void listen_at(std::string_view address) {
    listening_ = {kit::addr(address)};
    mdns_.addresses_changed();
  }

 private:
  Mdns::Options options(std::string service) {
    return {.service = std::move(service),
            .self = id_,
            .addresses = [this] { return listening_; },
            .on_found =
                [this](PeerId peer, std::vector<Multiaddr> addresses) {
                  if (!found_.contains(peer)) last_found_ = runtime_.now();
                  found_[peer] = std::move(addresses);
                  ++reports_;
                }};
  }

  PeerId id_;
  sim::SimRuntime& runtime_;
  std::vector<Multiaddr> listening_{kit::addr("/ip4/0.0.0.0/tcp/4001")};
  std::map<PeerId, std::vector<Multiaddr>> found_;
  int reports_ = 0;
  Instant last_found_{};
  Mdns mdns_;
};

class MdnsTest : public testing::Test {
 protected:
  sim::SimHost& add_host() { return internet.add_host(std::vector<std::string>{}); }

  sim::SimHost& host_on(sim::SimLan& where) {
    auto& host = add_host();
    where.attach(host, {fmt::format("192.168.1.{}/24", ++hosts_)});
    return host;
  }

  Machine& start(sim::SimHost& host, std::string service = "goop-mdns") {
    const auto id = kit::somebody(machines_.size() + 1);
    machines_.push_back(std::make_unique<Machine>(rt, host, id, std::move(service)));
    scope.spawn(machines_.back()->mdns().run());
    return *machines_.back();
  }

  sim::SimRuntime rt;
  sim::SimInternet internet{rt};
  sim::SimLan lan{internet};
  std::vector<std::unique_ptr<Machine>> machines_;
  int hosts_ = 0;
  sim::SimScope scope{rt};
};

TEST_F(MdnsTest, two_peers_see_each_other_at_once) {
  auto& anna = start(host_on(lan));
  auto& bob = start(host_on(lan));
  rt.run_for(10ms);
  EXPECT_TRUE(anna.sees(bob));
  EXPECT_TRUE(bob.sees(anna));
  EXPECT_THAT(anna.addresses_of(bob), Contains(kit::addr("/ip4/192.168.1.2/tcp/4001")));
}

TEST_F(MdnsTest, a_newcomer_is_seen_and_sees_whenever_it_comes) {
  auto& anna = start(host_on(lan));
  for (const Duration later : {50ms, 700ms, 990ms, 12'345ms}) {
    rt.run_for(later);
    auto& bob = start(host_on(lan));
    rt.run_for(limits::mdns_answer_gap + 10ms);
    EXPECT_TRUE(anna.sees(bob));
    EXPECT_TRUE(bob.sees(anna));
  }
}

TEST_F(MdnsTest, fifty_that_start_at_once_all_see_each_other_within_a_second) {
  for (int i = 0; i < 50; ++i) start(host_on(lan));
  rt.run_for(1s);
  for (const auto& machine : machines_) {
    EXPECT_EQ(machine->found(), 49u);
    EXPECT_EQ(machine->mdns().counters().dropped, 0u);
  }
}

TEST_F(MdnsTest, fifty_in_peace_say_little) {
  for (int i = 0; i < 50; ++i) start(host_on(lan));
  rt.run_for(2min);
  const auto before = lan.sent();
  rt.run_for(10min);
  EXPECT_LE(lan.sent() - before, 10 * 50u);  // a question a minute, and who did not fit into it
}

TEST_F(MdnsTest, where_a_fifth_of_the_packets_is_lost_all_are_found_within_twenty_seconds) {
  lan.set_loss(0.2);
  for (int i = 0; i < 20; ++i) start(host_on(lan));
  rt.run_for(20s);
  for (const auto& machine : machines_) EXPECT_EQ(machine->found(), 19u);
}

TEST_F(MdnsTest, two_peers_of_one_machine_see_each_other) {
  auto& host = host_on(lan);
  auto& anna = start(host);
  auto& bob = start(host);
  rt.run_for(10ms);
  EXPECT_TRUE(anna.sees(bob));
  EXPECT_TRUE(bob.sees(anna));
}

TEST_F(MdnsTest, services_of_another_name_do_not_see_each_other) {
  auto& anna = start(host_on(lan));
  auto& bob = start(host_on(lan), "class-7b");
  auto& carl = start(host_on(lan), "class-7b");
  rt.run_for(5s);
  EXPECT_FALSE(anna.sees(bob));
  EXPECT_FALSE(bob.sees(anna));
  EXPECT_TRUE(bob.sees(carl));
}

TEST_F(MdnsTest, networks_that_are_not_joined_do_not_see_each_other) {
  sim::SimLan other(internet);
  auto& anna = start(host_on(lan));
  auto& bob = start(host_on(other));
  rt.run_for(5s);
  EXPECT_FALSE(anna.sees(bob));
}

TEST_F(MdnsTest, a_machine_on_two_networks_is_seen_on_both_with_the_near_address_first) {
  sim::SimLan other(internet);
  auto& middle = host_on(lan);  // 192.168.1.1
  other.attach(middle, {"10.0.0.1/8"});
  auto& anna = start(middle);
  auto& bob = start(host_on(lan));
  auto& far = add_host();
  other.attach(far, {"10.0.0.2/8"});
  auto& carl = start(far);
  rt.run_for(100ms);
  ASSERT_THAT(bob.addresses_of(anna), SizeIs(2));
  EXPECT_EQ(bob.addresses_of(anna).front(), kit::addr("/ip4/192.168.1.1/tcp/4001"));
  ASSERT_THAT(carl.addresses_of(anna), SizeIs(2));
  EXPECT_EQ(carl.addresses_of(anna).front(), kit::addr("/ip4/10.0.0.1/tcp/4001"));
}

TEST_F(MdnsTest, ipv6_alone_is_enough) {
  auto& near = add_host();
  auto& far = add_host();
  lan.attach(near, {"fd00::1/64"});
  lan.attach(far, {"fd00::2/64"});
  auto& anna = start(near);
  auto& bob = start(far);
  for (auto* each : {&anna, &bob}) each->listen_at("/ip6/::/tcp/4001");
  rt.run_for(100ms);
  EXPECT_THAT(anna.addresses_of(bob), Contains(kit::addr("/ip6/fd00::2/tcp/4001")));
}

TEST_F(MdnsTest, who_gets_a_network_later_is_seen_at_once) {
  auto& anna = start(host_on(lan));
  auto& host = add_host();
  auto& bob = start(host);
  rt.run_for(10min);
  EXPECT_FALSE(anna.sees(bob));
  lan.attach(host, {"192.168.1.200/24"});
  rt.run_for(200ms);
  EXPECT_TRUE(anna.sees(bob));
  EXPECT_TRUE(bob.sees(anna));
}

TEST_F(MdnsTest, a_cable_that_was_out_is_noticed_by_both_sides) {
  auto& anna = start(host_on(lan));
  auto& host = host_on(lan);
  auto& bob = start(host);
  rt.run_for(30s);
  lan.detach(host);
  rt.run_for(1min);
  for (auto* each : {&anna, &bob}) each->forget();
  lan.attach(host, {"192.168.1.99/24"});
  rt.run_for(300ms);
  EXPECT_THAT(anna.addresses_of(bob), Contains(kit::addr("/ip4/192.168.1.99/tcp/4001")));
  EXPECT_TRUE(bob.sees(anna));
}

TEST_F(MdnsTest, a_new_listening_port_is_told_at_once) {
  auto& anna = start(host_on(lan));
  auto& bob = start(host_on(lan));
  rt.run_for(3s);
  bob.listen_at("/ip4/0.0.0.0/tcp/5005");
  rt.run_for(50ms);
  EXPECT_THAT(anna.addresses_of(bob), Contains(kit::addr("/ip4/192.168.1.2/tcp/5005")));
}

TEST_F(MdnsTest, after_its_goodbye_a_peer_is_silent) {
  auto& anna = start(host_on(lan));
  rt.run_for(5s);
  rt.wait(anna.mdns().goodbye(Deadline::after(rt.now(), 1s)));
  auto& bob = start(host_on(lan));
  rt.run_for(1min);
  EXPECT_FALSE(bob.sees(anna));
  EXPECT_FALSE(anna.sees(bob));
}

TEST_F(MdnsTest, a_port_that_is_taken_is_tried_again_until_it_is_free) {
  auto& anna = start(host_on(lan));
  auto& host = host_on(lan);
  host.refuse_datagrams(Error{Errc::conflict, "open UDP 0.0.0.0:5353: in use"});
  auto& bob = start(host);
  rt.run_for(3min);
  EXPECT_FALSE(bob.sees(anna));
  host.refuse_datagrams(std::nullopt);
  rt.run_for(limits::mdns_retry_most + 1s);
  EXPECT_TRUE(bob.sees(anna));
  EXPECT_TRUE(anna.sees(bob));
}

TEST_F(MdnsTest, a_tag_that_makes_no_name_switches_it_off_and_nothing_else) {
  auto& anna = start(host_on(lan), std::string(64, 'a'));
  rt.run_for(1min);
  EXPECT_EQ(anna.mdns().counters().packets_out, 0u);
  anna.mdns().addresses_changed();
  rt.wait(anna.mdns().goodbye(Deadline::after(rt.now(), 1s)));
}

// A stranger floods the network with names and peers of its invention.
TEST_F(MdnsTest, a_flood_of_invented_peers_is_bounded) {
  auto& anna = start(host_on(lan));
  auto& evil = host_on(lan);
  const net::Endpoint at{asio::ip::address_v4::any(), 5353};
  auto socket = evil.open_datagram(at).value();
  const auto here = kit::lan(2, {{"192.168.1.2", 24}});
  for (int i = 0; i < 2000; ++i) {
    const auto id = kit::somebody(1000 + static_cast<std::size_t>(i));
    const auto packet = answer_packet(0, kit::names(fmt::format("e{}", i)), id, here,
                                      std::vector{kit::addr("/ip4/192.168.1.9/tcp/22")}, Flush::no);
    ASSERT_TRUE(socket->send(mdns_group(net::Family::v4), {2, {}}, packet));
    rt.run_for(1ms);
  }
  const auto counters = anna.mdns().counters();
  EXPECT_GT(counters.dropped, 1000u);
  EXPECT_LE(counters.peers, limits::mdns_peers);
  EXPECT_LE(anna.reports(), limits::mdns_report_burst + 3 * limits::mdns_report_rate);
}

}  // namespace
}  // namespace goop::p2p::discovery
