#include "p2p/discovery/mdns_packets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/discovery/dns_test_kit.h"
#include "p2p/discovery/limits.h"

namespace goop::p2p::discovery {
namespace {

using kit::addr;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Name name(std::string_view text) { return Name::parse(text).value(); }

std::string dnsaddr(std::string_view address, std::string_view peer = kit::bob) {
  return fmt::format("dnsaddr={}/p2p/{}", address, peer);
}

const Lan home = kit::lan(2, {{"192.168.1.5", 24}, {"fe80::5", 64}, {"fd00::5", 64}});
const Lan office = kit::lan(3, {{"10.0.0.5", 8}});

Message our_answer(std::span<const Multiaddr> addresses, Flush flush = Flush::no) {
  const auto packet = answer_packet(7, kit::names(), kit::peer(kit::alice), home, addresses, flush);
  EXPECT_LE(packet.size(), limits::mdns_packet_bytes_out);
  return read_message(packet).value();
}

std::vector<Sighting> sightings(const Message& message) {
  return read_sightings(message, kit::names().service, kit::lan(2, {{"192.168.1.5", 24}}));
}

// --- names ---

TEST(MdnsNames, come_from_the_tag) {
  EXPECT_EQ(kit::names().service, name("goop-mdns.local."));
  EXPECT_EQ(kit::names().instance, name("anna.goop-mdns.local."));
  EXPECT_EQ(kit::names().host, name("anna.local."));
  EXPECT_EQ(Names::make("_p2p._udp", "anna")->service, name("_p2p._udp.local."));
}

TEST(MdnsNames, of_a_tag_that_is_no_name_are_refused) {
  EXPECT_FALSE(Names::make("", "anna"));
  EXPECT_FALSE(Names::make("a..b", "anna"));
  EXPECT_FALSE(Names::make(std::string(64, 'a'), "anna"));
}

// --- what we tell ---

TEST(MdnsAddresses, of_a_wildcard_are_those_of_all_networks_the_own_one_first) {
  const std::vector all{home, office};
  const std::vector listening{addr("/ip4/0.0.0.0/tcp/4001"), addr("/ip6/::/tcp/4002")};
  EXPECT_THAT(addresses_for(home, all, listening),
              ElementsAre(addr("/ip4/192.168.1.5/tcp/4001"), addr("/ip6/fd00::5/tcp/4002"),
                          addr("/ip4/10.0.0.5/tcp/4001")));
  EXPECT_EQ(addresses_for(office, all, listening).front(), addr("/ip4/10.0.0.5/tcp/4001"));
}

TEST(MdnsAddresses, that_are_no_use_to_neighbours_are_left_out) {
  const std::vector listening{addr("/ip4/127.0.0.1/tcp/1"), addr("/ip4/10.0.0.5/tcp/1/ws"),
                              addr("/ip4/10.0.0.5/udp/1/quic-v1"), addr("/dns4/a.local/tcp/1"),
                              addr("/ip4/10.0.0.5/tcp/2")};
  EXPECT_THAT(addresses_for(home, std::vector{home, office}, listening),
              ElementsAre(addr("/ip4/10.0.0.5/tcp/2")));
}

TEST(MdnsAddresses, are_sixteen_at_most) {
  std::vector<Multiaddr> listening;
  for (int port = 1; port <= 20; ++port)
    listening.push_back(addr(fmt::format("/ip4/0.0.0.0/tcp/{}", port)));
  EXPECT_THAT(addresses_for(home, std::vector{home}, listening),
              SizeIs(limits::mdns_peer_addresses));
}

// Each line of this layout is what one of the others insists on; see mdns_packets.h.
TEST(MdnsAnswer, has_the_layout_that_go_js_and_rust_understand) {
  const auto names = kit::names();
  const auto answer =
      our_answer(std::vector{addr("/ip4/192.168.1.5/tcp/9"), addr("/ip6/fd00::5/tcp/9")});
  EXPECT_EQ(answer.id, 7);
  EXPECT_TRUE(answer.response && answer.authoritative);
  EXPECT_THAT(answer.questions, IsEmpty());
  EXPECT_THAT(answer.answers, ElementsAre(Record{names.service, Pointer{names.instance}, 3200}));
  ASSERT_THAT(answer.additional, SizeIs(5));
  EXPECT_EQ(answer.additional[0], (Record{names.instance, Service{0, 0, 4001, names.host}, 120}));
  const Texts texts{
      {dnsaddr("/ip4/192.168.1.5/tcp/9", kit::alice), dnsaddr("/ip6/fd00::5/tcp/9", kit::alice)}};
  EXPECT_EQ(answer.additional[1], (Record{names.instance, texts, 120}));
  EXPECT_EQ(answer.additional[2], (Record{names.host, asio::ip::make_address("192.168.1.5"), 120}));
  EXPECT_EQ(answer.additional[3], (Record{names.host, asio::ip::make_address("fe80::5"), 120}));
  EXPECT_EQ(answer.additional[4], (Record{names.host, asio::ip::make_address("fd00::5"), 120}));
}

TEST(MdnsAnswer, that_announces_replaces_what_is_ours_alone) {
  const auto answer = our_answer(std::vector{addr("/ip4/192.168.1.5/tcp/9")}, Flush::yes);
  EXPECT_FALSE(answer.answers[0].flush);  // the pointers of a service are many peers'
  for (const auto& record : answer.additional) EXPECT_TRUE(record.flush);
}

TEST(MdnsAnswer, fits_one_frame_and_leaves_out_the_last_addresses) {
  std::vector<Multiaddr> many;
  for (std::size_t i = 0; i < limits::mdns_peer_addresses; ++i)
    many.push_back(
        addr(fmt::format("/ip6/fd00:1111:2222:3333:4444:5555:6666:{}/tcp/50000", 1000 + i)));
  const auto seen = sightings(our_answer(many));
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_LT(seen[0].addresses.size(), many.size());
  EXPECT_GT(seen[0].addresses.size(), 8u);
  EXPECT_EQ(seen[0].addresses.front(), many.front());
}

TEST(MdnsAnswer, leaves_out_an_address_longer_than_a_string_can_be) {
  const auto long_one = addr(fmt::format("/dns4/{0}.{0}.{0}.local/tcp/1", std::string(60, 'a')));
  const auto answer = our_answer(std::vector{long_one, addr("/ip4/192.168.1.5/tcp/9")});
  EXPECT_THAT(std::get<Texts>(answer.additional[1].data).strings, SizeIs(1));
}

TEST(MdnsAnswer, is_read_by_ourselves) {
  const auto seen = sightings(our_answer(std::vector{addr("/ip4/192.168.1.5/tcp/9")}));
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].peer, kit::peer(kit::alice));
  EXPECT_EQ(seen[0].life, 3200s);
  EXPECT_THAT(seen[0].addresses, ElementsAre(addr("/ip4/192.168.1.5/tcp/9")));
}

TEST(MdnsGoodbye, ends_the_life_of_our_name) {
  const auto seen = sightings(read_message(goodbye_packet(kit::names())).value());
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].instance, kit::names().instance);
  EXPECT_EQ(seen[0].life, Duration{});
}

TEST(MdnsQuery, lists_those_it_knows_as_far_as_they_fit) {
  std::vector<Record> known;
  for (int i = 0; i < 256; ++i) {
    auto instance = kit::names().service.under(fmt::format("{:040}", i)).value();
    known.push_back({kit::names().service, Pointer{instance}, 3000});
  }
  const auto packet = query_packet(9, kit::names(), known);
  EXPECT_LE(packet.size(), limits::mdns_packet_bytes_out);
  const auto query = read_message(packet).value();
  EXPECT_EQ(query.id, 9);
  EXPECT_THAT(query.questions, ElementsAre(Question{kit::names().service, 12, false}));
  EXPECT_GT(query.answers.size(), 15u);
}

// --- what we hear ---

TEST(MdnsSightings, of_the_reference_program_give_its_address_on_the_network) {
  const auto seen = sightings(read_message(kit::reference_answer()).value());
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].peer, kit::peer(kit::alice));
  EXPECT_THAT(seen[0].addresses, ElementsAre(addr("/ip4/10.9.0.1/tcp/5401")));
}

// go-libp2p's own announcement: all in the answer section, with the flush bit.
TEST(MdnsSightings, of_a_go_announcement_are_understood) {
  const auto of = name("x.goop-mdns.local");
  Message message;
  message.response = true;
  message.answers = {{of, Service{0, 0, 4001, name("x.local")}, 3200, true},
                     {of, Texts{{dnsaddr("/ip4/10.0.0.7/tcp/1")}}, 3200, true},
                     {name("goop-mdns.local"), Pointer{of}, 3200},
                     {name("_services._dns-sd._udp.local"), Pointer{name("goop-mdns.local")}, 3200},
                     {name("x.local"), asio::ip::make_address("10.0.0.7"), 120, true}};
  const auto seen = sightings(read_message(write_message(message)).value());
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_THAT(seen[0].addresses, ElementsAre(addr("/ip4/10.0.0.7/tcp/1")));
}

// js-libp2p: one TXT record per address, all in the answer section, nothing else.
TEST(MdnsSightings, of_a_js_answer_are_understood) {
  const auto of = name("random.goop-mdns.local");
  Message message;
  message.response = true;
  message.answers = {{name("goop-mdns.local"), Pointer{of}, 120},
                     {of, Texts{{dnsaddr("/ip4/10.0.0.8/tcp/1")}}, 120},
                     {of, Texts{{dnsaddr("/ip4/10.0.0.8/tcp/2")}}, 120}};
  const auto seen = sightings(read_message(write_message(message)).value());
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_THAT(seen[0].addresses,
              ElementsAre(addr("/ip4/10.0.0.8/tcp/1"), addr("/ip4/10.0.0.8/tcp/2")));
}

// rust-libp2p: PTR in the answer section, TXT in the additional one, one record per address.
TEST(MdnsSightings, of_a_rust_answer_are_understood) {
  const auto of = name("random.goop-mdns.local");
  Message message;
  message.response = message.authoritative = true;
  message.answers = {{name("goop-mdns.local"), Pointer{of}, 360}};
  message.additional = {{of, Texts{{dnsaddr("/ip4/10.0.0.9/tcp/1")}}, 360},
                        {of, Texts{{dnsaddr("/ip4/10.0.0.9/tcp/2")}}, 360}};
  const auto seen = sightings(read_message(write_message(message)).value());
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_THAT(seen[0].addresses, SizeIs(2));
}

std::vector<Multiaddr> believed(std::vector<std::string> texts) {
  const auto of = name("x.goop-mdns.local");
  Message message;
  message.response = true;
  message.answers = {{name("goop-mdns.local"), Pointer{of}, 120}};
  message.additional = {{of, Texts{std::move(texts)}, 120}};
  const auto seen = sightings(read_message(write_message(message)).value());
  return seen.empty() ? std::vector<Multiaddr>{} : seen[0].addresses;
}

TEST(MdnsSightings, never_make_us_dial_the_internet_ourselves_or_a_name) {
  EXPECT_THAT(believed({dnsaddr("/ip4/8.8.8.8/tcp/53"), dnsaddr("/ip6/2600::1/tcp/53"),
                        dnsaddr("/ip4/127.0.0.1/tcp/1"), dnsaddr("/ip4/0.0.0.0/tcp/1"),
                        dnsaddr("/ip4/224.0.0.251/tcp/1"), dnsaddr("/ip6/fe80::1/tcp/1"),
                        dnsaddr("/dns4/printer.local/tcp/1"), dnsaddr("/dnsaddr/a.example")}),
              IsEmpty());
  EXPECT_THAT(believed({dnsaddr("/ip4/192.168.0.1/tcp/1"), dnsaddr("/ip4/169.254.0.1/tcp/1"),
                        dnsaddr("/ip6/fd00::1/tcp/1")}),
              SizeIs(3));
}

// There are local networks of public addresses: what is in the subnet of the interface is local.
TEST(MdnsSightings, in_a_network_of_public_addresses_lead_to_those_of_its_subnets) {
  Message message;
  const auto of = name("x.goop-mdns.local");
  message.answers = {{name("goop-mdns.local"), Pointer{of}, 120}};
  Texts texts;
  texts.strings = {dnsaddr("/ip4/8.8.8.9/tcp/1"), dnsaddr("/ip4/8.8.9.8/tcp/1"),
                   dnsaddr("/ip6/2600:1::2/tcp/1"), dnsaddr("/ip6/2600:2::2/tcp/1")};
  message.additional = {{of, std::move(texts), 120}};
  const auto public_lan = kit::lan(3, {{"8.8.8.5", 24}, {"2600:1::1", 64}});
  const auto seen = read_sightings(message, kit::names().service, public_lan);
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_THAT(seen[0].addresses,
              ElementsAre(addr("/ip4/8.8.8.9/tcp/1"), addr("/ip6/2600:1::2/tcp/1")));
}

TEST(MdnsSightings, want_an_address_with_its_peer) {
  EXPECT_THAT(believed({"dnsaddr=/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.1/tcp/1", "dnsaddr=", "x=y"}),
              IsEmpty());
}

TEST(MdnsSightings, one_bad_address_spoils_no_other) {
  EXPECT_THAT(believed({"dnsaddr=/what/is/this", dnsaddr("/ip4/10.0.0.1/tcp/1")}), SizeIs(1));
}

TEST(MdnsSightings, of_one_name_are_of_one_peer) {
  EXPECT_THAT(
      believed({dnsaddr("/ip4/10.0.0.1/tcp/1"), dnsaddr("/ip4/10.0.0.2/tcp/1", kit::alice)}),
      ElementsAre(addr("/ip4/10.0.0.1/tcp/1")));
}

TEST(MdnsSightings, keep_sixteen_addresses_of_a_peer) {
  std::vector<std::string> texts;
  for (int port = 1; port <= 20; ++port)
    texts.push_back(dnsaddr(fmt::format("/ip4/10.0.0.1/tcp/{}", port)));
  EXPECT_THAT(believed(texts), SizeIs(limits::mdns_peer_addresses));
}

TEST(MdnsSightings, of_another_service_are_none) {
  EXPECT_THAT(read_sightings(read_message(kit::reference_answer()).value(), name("_p2p._udp.local"),
                             kit::lan(2, {{"192.168.1.5", 24}})),
              IsEmpty());
}

TEST(MdnsSightings, live_75_minutes_at_most) {
  Message message;
  message.answers = {{name("goop-mdns.local"), Pointer{name("x.goop-mdns.local")}, 0xffffffff}};
  EXPECT_EQ(sightings(message).at(0).life, limits::mdns_life_most);
}

TEST(MdnsSightings, of_one_packet_are_bounded) {
  Message message;
  for (std::size_t i = 0; i < limits::mdns_txt_strings + 5; ++i)
    message.answers.push_back({name("goop-mdns.local"), Pointer{name(fmt::format("p{}", i))}, 1});
  EXPECT_THAT(sightings(message), SizeIs(limits::mdns_txt_strings));
}

// --- what is asked of us ---

Message question(std::string_view of, RecordType type, bool unicast = false) {
  Message query;
  query.questions = {{name(of), static_cast<std::uint16_t>(type), unicast}};
  return query;
}

TEST(MdnsWish, is_to_hear_of_us_by_service_name_or_host) {
  const auto names = kit::names();
  EXPECT_EQ(wish_of(question("goop-mdns.local", RecordType::ptr), names), Wish::everybody);
  EXPECT_EQ(wish_of(question("GOOP-mdns.local", RecordType::any), names), Wish::everybody);
  EXPECT_EQ(wish_of(question("anna.goop-mdns.local", RecordType::srv), names), Wish::everybody);
  EXPECT_EQ(wish_of(question("anna.local", RecordType::aaaa), names), Wish::everybody);
  EXPECT_EQ(wish_of(question("goop-mdns.local", RecordType::ptr, true), names), Wish::alone);
  EXPECT_EQ(wish_of(question("goop-mdns.local", RecordType::txt), names), Wish::nothing);
  EXPECT_EQ(wish_of(question("_p2p._udp.local", RecordType::ptr), names), Wish::nothing);
  EXPECT_EQ(wish_of(question("bob.local", RecordType::a), names), Wish::nothing);
}

TEST(MdnsWish, of_a_probe_is_none) {
  auto probe = question("goop-mdns.local", RecordType::ptr);
  probe.authorities = 1;
  EXPECT_EQ(wish_of(probe, kit::names()), Wish::nothing);
}

TEST(MdnsWish, of_who_knows_us_for_long_enough_is_none) {
  auto query = question("goop-mdns.local", RecordType::ptr);
  query.answers = {{kit::names().service, Pointer{kit::names().instance}, 1600}};
  EXPECT_EQ(wish_of(query, kit::names()), Wish::nothing);
  query.answers[0].ttl = 1599;
  EXPECT_EQ(wish_of(query, kit::names()), Wish::everybody);
}

}  // namespace
}  // namespace goop::p2p::discovery
