// deps: p2p_discovery
//
// DNS packets, as a message and as what a neighbour says: nothing read exceeds its caps, what was
// read can be written and read again, and no packet makes one of ours larger than a frame.
#include "p2p/discovery/limits.h"
#include "p2p/discovery/mdns_state.h"

namespace goop::p2p::discovery {
namespace {

const PeerId& self() {
  static const auto id =
      PeerId::parse("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq").value();
  return id;
}

void check_message(const Message& message) {
  GOOP_ASSERT(message.questions.size() + message.answers.size() + message.additional.size() +
                  message.authorities <=
              limits::dns_records);
  auto again = message;
  again.authorities = 0;  // these are only counted
  GOOP_ASSERT(read_message(write_message(again)) == again);
}

const Lan& home() {
  static const Lan lan{.index = 2,
                       .name = "eth0",
                       .subnets = {{net::IpAddress(asio::ip::address_v4(0xc0a80105)), 24}}};
  return lan;
}

void check_sightings(const Message& message, const Names& names) {
  for (const auto& sighting : read_sightings(message, names.service, home())) {
    GOOP_ASSERT(sighting.instance.wire().size() <= limits::dns_name_wire_bytes);
    GOOP_ASSERT(sighting.life <= limits::mdns_life_most);
    GOOP_ASSERT(sighting.peer.empty() == sighting.addresses.empty());
    GOOP_ASSERT(sighting.addresses.size() <= limits::mdns_peer_addresses);
    for (const auto& address : sighting.addresses) {
      GOOP_ASSERT(address.scope() == AddressScope::private_net ||
                  address.scope() == AddressScope::link_local);
    }
  }
  (void)wish_of(message, names);
}

void check_state(BytesView packet, const Names& names) {
  const Lan& lan = home();
  const Instant now{1h};
  MdnsState state(names, self(), [](std::uint64_t) { return 1u; });
  state.set_addresses({Multiaddr::parse("/ip4/0.0.0.0/tcp/4001").value()}, now);
  state.set_lans({lan}, now);
  const net::Endpoint from{asio::ip::address_v4(0xc0a80107), mdns_port};
  state.on_packet({.lan = 2, .from = from}, packet, now + 2s);
  state.on_tick(now + 3s);
  for (const auto& sent : state.take_packets()) {
    GOOP_ASSERT(sent.bytes.size() <= limits::mdns_packet_bytes_out);
    GOOP_ASSERT(read_message(sent.bytes).has_value());
  }
  GOOP_ASSERT(state.neighbours().size() <= limits::mdns_txt_strings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto names = Names::make("goop-mdns", "anna").value();
  const BytesView packet(data, size);
  if (const auto message = read_message(packet)) {
    check_message(*message);
    check_sightings(*message, names);
  }
  check_state(packet, names);
  return 0;
}

}  // namespace goop::p2p::discovery
