#include "p2p/discovery/mdns_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/discovery/dns_test_kit.h"

namespace goop::p2p::discovery {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using Packets = std::vector<MdnsState::Packet>;

class MdnsStateTest : public testing::Test {
 protected:
  static constexpr std::string_view anna_listens = "/ip4/0.0.0.0/tcp/4001";

  void start() {
    state.set_addresses({kit::addr(anna_listens)}, now);
    state.set_lans({home}, now);
  }
  // A start, and all that is said of itself because of it.
  void settle() {
    start();
    pass(2s);
    sent();
  }

  // Time passes, with every tick that is asked for.
  void pass(Duration span) {
    const auto end = now + span;
    for (auto next = state.next(); next <= end; next = state.next()) {
      now = std::max(now, next);
      state.on_tick(now);
    }
    now = end;
  }

  Packets sent() { return state.take_packets(); }
  static Message read(const MdnsState::Packet& packet) {
    return read_message(packet.bytes).value();
  }
  // What was sent, in letters: q query, a answer, g goodbye.
  std::string talk() {
    std::string letters;
    for (const auto& packet : sent()) {
      const auto message = read(packet);
      letters += !message.response ? 'q' : message.answers[0].ttl == 0 ? 'g' : 'a';
    }
    return letters;
  }

  void hear(const Bytes& packet, std::string_view from = "192.168.1.7", std::uint16_t port = 5353) {
    state.on_packet({.lan = 2, .from = {asio::ip::make_address(from), port}}, packet, now);
  }
  void ask(std::uint16_t id = 77, bool unicast = false, std::uint16_t port = 5353) {
    Message query;
    query.id = id;
    query.questions = {{kit::names().service, 12, unicast}};
    hear(write_message(query), "192.168.1.7", port);
  }
  void answer_of_bob(std::string_view address = "/ip4/192.168.1.7/tcp/9") {
    hear(packet_of_bob(address));
  }
  static Bytes packet_of_bob(std::string_view address = "/ip4/192.168.1.7/tcp/9",
                             std::string_view peer = kit::bob) {
    return answer_packet(0, kit::names("bob"), kit::peer(peer), kit::lan(9, {{"192.168.1.7", 24}}),
                         std::vector{kit::addr(address)}, Flush::no);
  }

  const Lan home = kit::lan(2, {{"192.168.1.5", 24}});
  const Lan office = kit::lan(3, {{"10.0.0.5", 8}, {"fd00::5", 64}});
  std::uint64_t chance = 0;
  MdnsState state{kit::names(), kit::peer(kit::alice),
                  [this](std::uint64_t bound) { return ++chance % bound; }};
  Instant now = Instant{} + 1h;
};

// --- the schedule ---

TEST_F(MdnsStateTest, a_start_asks_and_announces_at_once) {
  start();
  const auto packets = sent();
  ASSERT_THAT(packets, SizeIs(2));
  EXPECT_TRUE(read(packets[0]).response);
  EXPECT_FALSE(read(packets[1]).response);
  for (const auto& packet : packets) {
    EXPECT_EQ(packet.lan, 2u);
    EXPECT_EQ(packet.to, mdns_group(net::Family::v4));
  }
}

TEST_F(MdnsStateTest, each_family_of_each_network_is_spoken_on) {
  state.set_addresses({kit::addr(anna_listens)}, now);
  state.set_lans({home, office}, now);
  std::set<std::pair<unsigned, net::Endpoint>> to;
  for (const auto& packet : sent()) to.insert({packet.lan, packet.to});
  const auto v4 = mdns_group(net::Family::v4), v6 = mdns_group(net::Family::v6);
  EXPECT_EQ(to, (std::set<std::pair<unsigned, net::Endpoint>>{{2, v4}, {3, v4}, {3, v6}}));
}

TEST_F(MdnsStateTest, it_announces_twice_a_second_apart) {
  start();
  EXPECT_EQ(talk(), "aq");
  pass(999ms);
  EXPECT_EQ(talk(), "");
  pass(1ms);
  EXPECT_EQ(talk(), "aq");
  pass(1s);
  EXPECT_EQ(talk(), "");
}

TEST_F(MdnsStateTest, questions_become_rarer_up_to_every_minute) {
  settle();
  const auto count = [this](Duration span) {
    pass(span);
    return sent().size();
  };
  EXPECT_EQ(count(58s), 4u);  // at about 3, 7, 17, 37 s
  EXPECT_LE(count(10min), 11u);
  EXPECT_GE(count(10min), 8u);
}

TEST_F(MdnsStateTest, without_an_address_it_only_asks) {
  state.set_lans({home}, now);
  pass(2s);
  EXPECT_EQ(talk(), "qq");
  ask();
  state.goodbye();
  EXPECT_EQ(talk(), "");
}

TEST_F(MdnsStateTest, addresses_that_change_are_announced_behind_a_goodbye) {
  settle();
  state.set_addresses({kit::addr("/ip4/0.0.0.0/tcp/4002")}, now);
  EXPECT_EQ(talk(), "ga");
  pass(500ms);
  EXPECT_EQ(talk(), "");
  pass(500ms);
  EXPECT_EQ(talk(), "a");
  state.set_addresses({kit::addr("/ip4/0.0.0.0/tcp/4002")}, now);
  EXPECT_EQ(talk(), "");
}

TEST_F(MdnsStateTest, a_new_network_is_asked_and_all_hear_of_its_address) {
  settle();
  state.set_lans({home, office}, now);
  std::map<unsigned, std::string> letters;
  for (const auto& packet : sent()) {
    const auto message = read(packet);
    letters[packet.lan] += !message.response ? 'q' : message.answers[0].ttl == 0 ? 'g' : 'a';
  }
  EXPECT_EQ(letters, (std::map<unsigned, std::string>{{2, "ga"}, {3, "aqaq"}}));
}

TEST_F(MdnsStateTest, each_network_hears_its_own_address_first) {
  state.set_addresses({kit::addr(anna_listens)}, now);
  state.set_lans({home, office}, now);
  for (const auto& packet : sent()) {
    const auto seen = read_sightings(read(packet), kit::names().service, home);
    if (seen.empty()) continue;
    EXPECT_EQ(seen[0].addresses.front(),
              kit::addr(packet.lan == 2 ? "/ip4/192.168.1.5/tcp/4001" : "/ip4/10.0.0.5/tcp/4001"));
  }
}

TEST_F(MdnsStateTest, a_network_that_is_gone_is_silent) {
  settle();
  state.set_lans({}, now);
  pass(10min);
  EXPECT_EQ(talk(), "");
  EXPECT_EQ(state.next(), Instant::max());
  ask();
  EXPECT_EQ(talk(), "");
}

TEST_F(MdnsStateTest, a_cable_that_comes_back_is_asked_and_told_again) {
  settle();
  state.set_lans({}, now);
  pass(1min);
  state.set_lans({home}, now);
  EXPECT_EQ(talk(), "aq");
}

TEST_F(MdnsStateTest, after_sleep_it_begins_anew) {
  settle();
  now = state.next() + limits::mdns_overslept + 1ns;
  state.on_tick(now);
  EXPECT_EQ(talk(), "gaq");
  pass(1s);
  EXPECT_EQ(talk(), "aq");
}

TEST_F(MdnsStateTest, a_tick_a_little_late_is_no_sleep) {
  settle();
  now = state.next() + limits::mdns_overslept;
  state.on_tick(now);
  EXPECT_EQ(talk(), "q");
}

TEST_F(MdnsStateTest, a_network_that_could_not_send_is_begun_again) {
  settle();
  state.restart(2, now);
  EXPECT_EQ(talk(), "gaq");
  state.restart(3, now);
  EXPECT_EQ(talk(), "");
}

TEST_F(MdnsStateTest, a_goodbye_is_the_last_word) {
  settle();
  state.goodbye();
  EXPECT_EQ(talk(), "g");
  state.goodbye();
  ask();
  answer_of_bob();
  state.restart(2, now);
  state.set_addresses({}, now);
  state.set_lans({office}, now);
  pass(10min);
  EXPECT_EQ(talk(), "");
  EXPECT_THAT(state.take_reports(), IsEmpty());
}

// --- who was lost ---

TEST_F(MdnsStateTest, who_was_lost_is_asked_for_soon_and_not_told_to_stay_silent) {
  settle();
  answer_of_bob();
  pass(10min);
  sent();
  state.lost(kit::peer(kit::bob), now);
  pass(limits::mdns_missed_spread);
  const auto packets = sent();
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_THAT(read(packets[0]).answers, IsEmpty());
}

TEST_F(MdnsStateTest, while_somebody_is_missed_no_ten_seconds_pass_without_a_question) {
  settle();
  answer_of_bob();
  state.lost(kit::peer(kit::bob), now);
  for (int i = 0; i < 60; ++i) {
    pass(limits::mdns_missed_most * 5 / 4);
    EXPECT_NE(talk(), "") << i;
  }
  answer_of_bob();
  pass(20s);  // what was planned
  sent();
  pass(10min);
  EXPECT_LE(talk().size(), 11u);
}

TEST_F(MdnsStateTest, a_stranger_that_was_lost_changes_nothing) {
  settle();
  pass(10min);
  sent();
  state.lost(kit::peer(kit::bob), now);
  pass(1s);
  EXPECT_EQ(talk(), "");
}

// --- answers ---

TEST_F(MdnsStateTest, a_question_is_answered_at_once_with_its_id) {
  settle();
  ask(77);
  const auto packets = sent();
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_EQ(packets[0].to, mdns_group(net::Family::v4));
  EXPECT_EQ(read(packets[0]).id, 77);
  EXPECT_TRUE(read(packets[0]).response);
}

TEST_F(MdnsStateTest, questions_that_follow_share_an_answer_a_little_later) {
  settle();
  ask();
  EXPECT_EQ(talk(), "a");
  for (int i = 0; i < 20; ++i) ask();
  EXPECT_EQ(talk(), "");
  pass(limits::mdns_answer_gap - 1ns);
  EXPECT_EQ(talk(), "");
  pass(1ns);
  EXPECT_EQ(talk(), "a");
}

TEST_F(MdnsStateTest, an_announcement_delays_no_answer) {
  start();
  sent();
  ask();
  EXPECT_EQ(talk(), "a");
}

TEST_F(MdnsStateTest, the_question_of_every_minute_is_asked_by_one_for_all) {
  settle();
  pass(10min);
  ask();
  sent();
  for (int i = 0; i < 20; ++i) {
    pass(50s);
    ask();
    EXPECT_EQ(talk(), "a");
  }
  pass(limits::mdns_query_most * 5 / 4);
  EXPECT_EQ(talk(), "q");
}

TEST_F(MdnsStateTest, a_question_that_keeps_silent_whom_we_do_not_know_is_not_ours) {
  settle();
  pass(10min);
  sent();
  Message query;
  query.questions = {{kit::names().service, 12}};
  query.answers = {{kit::names().service, Pointer{kit::names("carl").instance}, 3000}};
  for (int i = 0; i < 5; ++i) {
    pass(30s);
    hear(write_message(query));
  }
  EXPECT_GE(std::ranges::count(talk(), 'q'), 2);
}

TEST_F(MdnsStateTest, who_wants_to_be_answered_alone_is) {
  settle();
  ask(77, true);
  const auto packets = sent();
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_EQ(packets[0].to, (net::Endpoint{asio::ip::make_address("192.168.1.7"), 5353}));
}

TEST_F(MdnsStateTest, who_asks_from_another_port_gets_both) {
  settle();
  ask(77, false, 40000);
  const auto packets = sent();
  ASSERT_THAT(packets, SizeIs(2));
  EXPECT_EQ(packets[0].to.port, 40000);
  EXPECT_EQ(packets[1].to, mdns_group(net::Family::v4));
}

TEST_F(MdnsStateTest, its_own_question_is_not_answered) {
  start();
  const auto packets = sent();
  pass(10ms);
  hear(packets[1].bytes, "192.168.1.5");
  pass(500ms);
  EXPECT_EQ(talk(), "");
}

TEST_F(MdnsStateTest, an_answer_from_this_machine_to_its_own_question_is_heard) {
  start();
  const auto id = read(sent()[1]).id;
  hear(answer_packet(id, kit::names("bob"), kit::peer(kit::bob), home,
                     std::vector{kit::addr("/ip4/192.168.1.5/tcp/9")}, Flush::no),
       "192.168.1.5");
  EXPECT_THAT(state.take_reports(), SizeIs(1));
}

TEST_F(MdnsStateTest, another_peer_of_this_machine_is_answered) {
  settle();
  Message query;
  query.id = 4711;
  query.questions = {{kit::names().service, 12}};
  hear(write_message(query), "192.168.1.5");
  EXPECT_EQ(talk(), "a");
}

// --- what is believed ---

TEST_F(MdnsStateTest, an_answer_is_reported) {
  settle();
  answer_of_bob();
  const auto told = state.take_reports();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].peer, kit::peer(kit::bob));
}

TEST_F(MdnsStateTest, its_own_voice_is_not_reported) {
  settle();
  hear(packet_of_bob("/ip4/192.168.1.5/tcp/4001", kit::alice), "192.168.1.5");
  const auto own = answer_packet(0, kit::names(), kit::peer(kit::alice), home,
                                 std::vector{kit::addr("/ip4/192.168.1.5/tcp/4001")}, Flush::no);
  hear(own, "192.168.1.9");  // passed on by a router, say
  EXPECT_THAT(state.take_reports(), IsEmpty());
}

TEST_F(MdnsStateTest, who_says_to_be_us_is_reported_under_our_id) {
  settle();
  hear(packet_of_bob("/ip4/192.168.1.7/tcp/9", kit::alice));
  const auto told = state.take_reports();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].peer, kit::peer(kit::alice));
}

TEST_F(MdnsStateTest, who_is_known_is_asked_to_stay_silent) {
  start();
  answer_of_bob();
  sent();
  pass(1s);
  const auto packets = sent();
  ASSERT_THAT(packets, SizeIs(2));
  ASSERT_THAT(read(packets[1]).answers, SizeIs(1));
  EXPECT_EQ(std::get<Pointer>(read(packets[1]).answers[0].data).target, kit::names("bob").instance);
}

TEST_F(MdnsStateTest, after_a_change_of_the_network_everybody_may_speak_again) {
  settle();
  answer_of_bob();
  state.restart(2, now);
  const auto packets = sent();
  ASSERT_THAT(packets, SizeIs(3));
  EXPECT_THAT(read(packets[2]).answers, IsEmpty());
}

TEST_F(MdnsStateTest, packets_from_elsewhere_are_dropped) {
  settle();
  hear(packet_of_bob(), "192.168.2.7");
  hear(packet_of_bob(), "8.8.8.8");
  EXPECT_THAT(state.take_reports(), IsEmpty());
  EXPECT_EQ(state.counters().dropped, 2u);
  state.on_packet({.lan = 5, .from = {asio::ip::make_address("192.168.1.7"), 5353}},
                  packet_of_bob(), now);
  EXPECT_THAT(state.take_reports(), IsEmpty());
}

TEST_F(MdnsStateTest, packets_over_the_rate_are_dropped) {
  settle();
  const auto packet = packet_of_bob();
  const int burst = static_cast<int>(limits::mdns_packet_burst);
  for (int i = 0; i < burst + 50; ++i) hear(packet);
  EXPECT_EQ(state.counters().dropped, 50u);
  now += 1s;
  const int rate = static_cast<int>(limits::mdns_packet_rate);
  for (int i = 0; i < rate + 50; ++i) hear(packet);
  EXPECT_EQ(state.counters().dropped, 100u);
}

TEST_F(MdnsStateTest, other_talk_on_the_network_costs_nothing) {
  settle();
  Message query;
  query.questions = {{Name::parse("_ipp._tcp.local").value(), 12}};
  const auto printer = write_message(query);
  for (int i = 0; i < 10'000; ++i) hear(printer);
  EXPECT_EQ(state.counters().received, 0u);
  ask();
  EXPECT_EQ(talk(), "a");
}

TEST_F(MdnsStateTest, giant_packets_and_noise_are_dropped) {
  settle();
  auto giant = packet_of_bob();
  giant.resize(limits::mdns_packet_bytes_in + 1);
  hear(giant);
  EXPECT_EQ(state.counters().dropped, 1u);
  auto cut = packet_of_bob();
  cut.resize(cut.size() - 1);
  hear(cut);
  EXPECT_EQ(state.counters().dropped, 2u);
  hear({});
  hear(Bytes(11, 0));
  EXPECT_THAT(state.take_reports(), IsEmpty());
}

}  // namespace
}  // namespace goop::p2p::discovery
