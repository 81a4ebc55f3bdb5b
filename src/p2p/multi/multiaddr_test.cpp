#include "p2p/multi/multiaddr.h"

#include <gtest/gtest.h>

#include "p2p/multi/limits.h"
#include "p2p/multi/test_vectors.h"

namespace goop::p2p {
namespace {

Multiaddr parse(std::string_view text) {
  auto address = Multiaddr::parse(text);
  EXPECT_TRUE(address.has_value()) << text;
  return address.value_or(Multiaddr());
}
Errc parse_error(std::string_view text) {
  const auto address = Multiaddr::parse(text);
  return address ? Errc::internal : address.error().code;
}
Errc bytes_error(std::string_view hex) {
  const auto address = Multiaddr::from_bytes(from_hex(hex).value());
  return address ? Errc::internal : address.error().code;
}

const std::string peer = "/p2p/" + std::string(vectors::id_text);
const std::string relay = "/ip4/198.51.100.9/tcp/4001" + peer + "/p2p-circuit";

struct Vector {
  std::string text;
  std::string hex;
};

TEST(Multiaddr, has_the_bytes_of_other_implementations) {
  const Vector known[] = {
      {"/ip4/127.0.0.1/tcp/4001", "047f000001060fa1"},
      {"/ip6/::1/tcp/4001", "2900000000000000000000000000000001060fa1"},
      {"/dns4/rv.example/tcp/443/wss", "360a72762e6578616d706c650601bbde03"},
      {"/ip4/198.51.100.9/tcp/443/tls/sni/rv.example/ws",
       "04c63364090601bbc003c1030a72762e6578616d706c65dd03"},
      {"/ip4/192.0.2.7/udp/4001/quic-v1", "04c000020791020fa1cd03"},
      {relay, "04c6336409060fa1a50326" + std::string(vectors::id_bytes) + "a202"},
      {"/dnsaddr/x.example", "3809782e6578616d706c65"},
  };
  for (const auto& [text, hex] : known) {
    EXPECT_EQ(to_hex(parse(text).bytes()), hex) << text;
    EXPECT_EQ(Multiaddr::from_bytes(from_hex(hex).value())->to_string(), text);
  }
}

TEST(Multiaddr, every_protocol_of_the_table_comes_back_as_text_and_as_bytes) {
  const std::string onion(56, 'a');
  for (const std::string& text :
       {std::string("/ip6zone/eth0/ip6/fe80::1/tcp/1"), std::string("/ip4/10.0.0.0/ipcidr/8"),
        std::string("/dns/a.example"), std::string("/dns6/a.example/tcp/0"),
        std::string("/ip4/192.0.2.7/udp/9/webrtc-direct/certhash/uAAGq"),
        std::string("/ip4/192.0.2.7/udp/65535/quic/webtransport"), std::string("/webrtc"),
        "/onion3/" + onion + ":80", std::string("/ip4/192.0.2.7/tcp/1/noise"),
        std::string("/ip4/192.0.2.7/tcp/80/http/http-path/a%2Fb%20c~"), std::string("/memory/42"),
        std::string("/ip4/192.0.2.7/tcp/1/tls/ws"), peer}) {
    const Multiaddr address = parse(text);
    EXPECT_EQ(address.to_string(), text);
    EXPECT_EQ(Multiaddr::from_bytes(address.bytes()).value(), address);
  }
}

TEST(Multiaddr, is_canonical_whatever_was_typed) {
  EXPECT_EQ(parse("/ip6/2001:DB8:0:0::0001/tcp/0080/").to_string(), "/ip6/2001:db8::1/tcp/80");
  EXPECT_EQ(parse("/ipfs/" + std::string(vectors::id_cid)).to_string(), peer);
  EXPECT_EQ(parse("/memory/007").to_string(), "/memory/7");
  EXPECT_EQ(parse("/certhash/f0001aa").to_string(), "/certhash/uAAGq");
}

TEST(Multiaddr, refuses_text_that_is_no_address) {
  for (const auto* text : {"",
                           "/",
                           "ip4/1.2.3.4",
                           "/ip4",
                           "/ip4/",
                           "/ip4/1.2.3",
                           "/ip4/1.2.3.4.5",
                           "/ip4/256.1.1.1",
                           "/ip6/1.2.3.4",
                           "/ip6/fe80::1%eth0",
                           "/ip6/:::",
                           "/tcp/65536",
                           "/tcp/-1",
                           "/tcp/+1",
                           "/tcp/x",
                           "/tcp/",
                           "/dns4/",
                           "/dns4//tcp/1",
                           "/dns4/a b",
                           "/ip4/10.0.0.0/ipcidr/129",
                           "/p2p/x",
                           "/p2p/1",
                           "/onion3/abc:80",
                           "/memory/x",
                           "/certhash/x",
                           "/http-path/%2",
                           "/http-path/%zz",
                           "/ip4/1.2.3.4//tcp/1"}) {
    EXPECT_NE(parse_error(text), Errc::internal) << text;
  }
  EXPECT_EQ(parse_error("/onion3/" + std::string(56, 'a') + ":0"), Errc::invalid);
  EXPECT_EQ(parse_error("/quux/1"), Errc::unsupported);
}

TEST(Multiaddr, refuses_bytes_that_are_no_address) {
  EXPECT_EQ(bytes_error(""), Errc::invalid);
  EXPECT_EQ(bytes_error("047f0000"), Errc::invalid) << "cut off";
  EXPECT_EQ(bytes_error("84007f000001"), Errc::invalid) << "code not in its shortest form";
  EXPECT_EQ(bytes_error("3600"), Errc::invalid) << "empty name";
  EXPECT_EQ(bytes_error("3603612f62"), Errc::invalid) << "a slash in a name";
  EXPECT_EQ(bytes_error("a503021234"), Errc::invalid) << "no peer id";
  EXPECT_EQ(bytes_error("36ffffffffffffffff7f"), Errc::invalid) << "a giant length";
  EXPECT_EQ(bytes_error("2b81"), Errc::invalid) << "129 prefix bits";
  EXPECT_EQ(bytes_error("890602"
                        "3037"),
            Errc::invalid)
      << "a number with a leading zero";
  EXPECT_EQ(bytes_error("047f000001"
                        "ffff03"),
            Errc::unsupported);
}

std::string repeated(std::size_t count, std::string_view text) {
  std::string all;
  while (count-- > 0) all += text;
  return all;
}

TEST(Multiaddr, has_at_most_sixteen_components_with_its_peer) {
  const std::size_t most = limits::multiaddr_components - 1;
  EXPECT_EQ(parse(repeated(most, "/ws") + peer).components().size(), limits::multiaddr_components);
  EXPECT_EQ(parse_error(repeated(most + 1, "/ws")), Errc::too_large);
  EXPECT_EQ(parse_error(repeated(most + 1, "/ws") + peer), Errc::too_large);
  EXPECT_EQ(parse_error(repeated(1000, "/ws")), Errc::too_large);
}

TEST(Multiaddr, has_at_most_1024_bytes_with_its_peer) {
  const std::string name = "/dns/" + std::string(limits::dns_name_bytes, 'a');  // 256 bytes
  const auto filled = [&](std::size_t bytes) {
    return repeated(3, name) + "/dns/" + std::string(bytes - 3 * 256 - 3, 'a');
  };
  const std::size_t most = limits::multiaddr_bytes - 3 - limits::peer_id_bytes;
  const Multiaddr longest = parse(filled(most));
  EXPECT_EQ(longest.bytes().size(), most);
  EXPECT_EQ(parse_error(filled(most + 1)), Errc::too_large);
  const auto largest_id = PeerId::from_bytes(from_hex("002a" + std::string(84, 'a')).value());
  EXPECT_EQ(longest.with_peer(*largest_id).bytes().size(), limits::multiaddr_bytes);
  EXPECT_EQ(Multiaddr::from_bytes(longest.with_peer(*largest_id).bytes())->without_peer(), longest);
  EXPECT_EQ(parse_error("/http-path/" + std::string(2000, 'a')), Errc::too_large);
  EXPECT_EQ(parse_error("/http-path/" + std::string(limits::multiaddr_text_chars, 'a')),
            Errc::too_large);
  EXPECT_EQ(parse_error("/dns/" + std::string(limits::dns_name_bytes + 1, 'a')), Errc::invalid);
}

TEST(Multiaddr, leads_through_one_relay_at_most) {
  EXPECT_TRUE(parse(relay + peer).is_circuit());
  EXPECT_EQ(parse_error(relay + peer + "/p2p-circuit"), Errc::too_large);
}

TEST(Multiaddr, its_peer_is_the_one_at_the_end) {
  const Multiaddr place = parse("/ip4/192.0.2.7/tcp/4001");
  EXPECT_EQ(place.peer_id(), std::nullopt);
  const Multiaddr whole = place.with_peer(vectors::id());
  EXPECT_EQ(whole.to_string(), "/ip4/192.0.2.7/tcp/4001" + peer);
  EXPECT_EQ(whole.peer_id(), vectors::id());
  EXPECT_EQ(whole.without_peer(), place);
  EXPECT_EQ(place.without_peer(), place);
  const auto other = PeerId::parse(vectors::secp256k1_id).value();
  EXPECT_EQ(whole.with_peer(other), place.with_peer(other)) << "replaced";
  EXPECT_EQ(parse(relay).peer_id(), std::nullopt) << "the relay is not the target";
  EXPECT_EQ(parse(relay).with_peer(other).peer_id(), other);
  EXPECT_TRUE(parse(peer).without_peer().empty());
}

TEST(Multiaddr, joins_within_the_limits) {
  EXPECT_EQ(parse(relay).join(parse(peer))->to_string(), relay + peer);
  EXPECT_EQ(parse(relay).join(parse(relay)).error().code, Errc::too_large);
}

TEST(Multiaddr, names_its_tcp_endpoint) {
  const auto target = parse("/ip6/::1/tcp/4001" + peer).tcp_endpoint().value();
  EXPECT_EQ(std::get<IpAddress>(target.host).to_string(), "::1");
  EXPECT_EQ(target.port, 4001);
  const auto named = parse("/dns4/a.example/tcp/443/wss").tcp_endpoint().value();
  EXPECT_EQ(std::get<DnsName>(named.host), (DnsName{DnsName::Kind::v4, "a.example"}));
  EXPECT_FALSE(parse("/ip4/192.0.2.7/udp/1/quic-v1").tcp_endpoint());
  EXPECT_FALSE(parse("/dnsaddr/a.example").tcp_endpoint());
  EXPECT_FALSE(parse(peer).tcp_endpoint());
  EXPECT_FALSE(Multiaddr().tcp_endpoint());
}

TEST(Multiaddr, plain_tcp_is_a_host_a_port_and_perhaps_a_peer) {
  EXPECT_TRUE(parse("/ip4/192.0.2.7/tcp/1").is_plain_tcp());
  EXPECT_TRUE(parse("/dns/a.example/tcp/1" + peer).is_plain_tcp());
  EXPECT_FALSE(parse("/ip4/192.0.2.7/tcp/1/ws").is_plain_tcp());
  EXPECT_FALSE(parse(relay).is_plain_tcp());
  EXPECT_FALSE(parse(relay + peer).is_plain_tcp());
}

TEST(Multiaddr, is_made_of_an_ip_address_and_a_port) {
  const auto address = boost::asio::ip::make_address("192.0.2.7");
  EXPECT_EQ(Multiaddr::tcp(address, 4001), parse("/ip4/192.0.2.7/tcp/4001"));
  EXPECT_EQ(Multiaddr::tcp(boost::asio::ip::make_address("fe80::1%1"), 1),
            parse("/ip6/fe80::1/tcp/1"));
}

TEST(Multiaddr, reaches_as_far_as_its_host) {
  EXPECT_EQ(parse("/ip4/8.8.8.8/tcp/1").scope(), AddressScope::public_net);
  EXPECT_EQ(parse("/ip4/192.168.1.2/tcp/1" + peer + "/p2p-circuit").scope(),
            AddressScope::private_net);
  EXPECT_EQ(parse("/dns/printer.local/tcp/1").scope(), AddressScope::private_net);
  EXPECT_EQ(parse("/ip6zone/eth0/ip6/fe80::1/tcp/1").scope(), AddressScope::link_local);
  EXPECT_EQ(parse(peer + "/p2p-circuit").scope(), AddressScope::unroutable);
}

}  // namespace
}  // namespace goop::p2p
