#include "p2p/discovery/mdns_packets.h"

#include <algorithm>

#include "p2p/discovery/limits.h"

namespace goop::p2p::discovery {
namespace {

constexpr std::string_view address_prefix = "dnsaddr=";
constexpr std::uint16_t ignored_port = 4001;

std::uint32_t seconds(Duration span) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(span).count());
}

bool is_for_neighbours(const IpAddress& ip) {
  switch (scope_of(ip)) {
    case AddressScope::public_net:
    case AddressScope::private_net:
      return true;
    case AddressScope::link_local:
      return ip.is_v4();  // IPv6 ones mean nothing without their interface
    case AddressScope::loopback:
    case AddressScope::unroutable:
      return false;
  }
  return false;
}

bool may_be_dialled(const Multiaddr& address, const Lan& here) {
  if (!address.is_plain_tcp()) return false;
  const auto host = address.host();
  const auto* ip = host ? std::get_if<IpAddress>(&*host) : nullptr;
  if (!ip || !is_for_neighbours(*ip)) return false;
  return scope_of(*ip) != AddressScope::public_net || here.neighbours(*ip);
}

void add(std::vector<Multiaddr>& to, const IpAddress& ip, std::uint16_t port) {
  if (to.size() >= limits::mdns_peer_addresses || !is_for_neighbours(ip)) return;
  auto address = Multiaddr::tcp(ip, port);
  if (std::ranges::find(to, address) == to.end()) to.push_back(std::move(address));
}

// The addresses of `lan` among what we listen at.
void add_all_of(const Lan& lan, std::span<const Multiaddr> listening, std::vector<Multiaddr>& to) {
  for (const auto& address : listening) {
    const auto at = address.is_plain_tcp() ? address.tcp_endpoint() : std::nullopt;
    const auto* ip = at ? std::get_if<IpAddress>(&at->host) : nullptr;
    if (!ip) continue;
    for (const auto& own : lan.subnets) {
      if (own.address.is_v4() != ip->is_v4()) continue;
      if (ip->is_unspecified() || own.address == *ip) add(to, own.address, at->port);
    }
  }
}

std::optional<Multiaddr> read_address(std::string_view text) {
  if (!text.starts_with(address_prefix)) return std::nullopt;
  auto address = Multiaddr::parse(text.substr(address_prefix.size()));
  if (!address) return std::nullopt;
  return *std::move(address);
}

void read_texts(const Texts& texts, const Lan& here, Sighting& sighting) {
  for (const auto& text : texts.strings) {
    const auto address = read_address(text);
    const auto peer = address ? address->peer_id() : std::nullopt;
    if (!peer || !may_be_dialled(*address, here)) continue;
    if (sighting.peer.empty()) sighting.peer = *peer;
    if (sighting.peer != *peer) continue;  // one instance is one peer
    auto plain = address->without_peer();
    if (sighting.addresses.size() < limits::mdns_peer_addresses &&
        std::ranges::find(sighting.addresses, plain) == sighting.addresses.end())
      sighting.addresses.push_back(std::move(plain));
  }
}

}  // namespace

net::Endpoint mdns_group(net::Family family) {
  static const IpAddress v4 = asio::ip::address_v4(0xe00000fb);  // 224.0.0.251
  static const IpAddress v6 = asio::ip::make_address("ff02::fb");
  return {family == net::Family::v6 ? v6 : v4, mdns_port};
}

Result<Names> Names::make(std::string_view tag, std::string_view peer) {
  GOOP_TRY(const auto local, Name::parse("local."));
  GOOP_TRY(auto service, Name::parse(fmt::format("{}.local.", tag)));
  GOOP_TRY(auto instance, service.under(peer));
  GOOP_TRY(auto host, local.under(peer));
  return Names{std::move(service), std::move(instance), std::move(host)};
}

std::vector<Multiaddr> addresses_for(const Lan& here, std::span<const Lan> all,
                                     std::span<const Multiaddr> listening) {
  std::vector<Multiaddr> addresses;
  add_all_of(here, listening, addresses);
  for (const auto& other : all) {
    if (other.index != here.index) add_all_of(other, listening, addresses);
  }
  return addresses;
}

Bytes query_packet(std::uint16_t id, const Names& names, std::vector<Record> known) {
  Message query;
  query.id = id;
  query.questions.push_back({names.service, static_cast<std::uint16_t>(RecordType::ptr)});
  query.answers = std::move(known);
  for (;;) {  // those left out answer once more than needed
    auto bytes = write_message(query);
    if (bytes.size() <= limits::mdns_packet_bytes_out) return bytes;
    query.answers.resize(query.answers.size() * 3 / 4);
  }
}

Bytes answer_packet(std::uint16_t id, const Names& names, const PeerId& self, const Lan& here,
                    std::span<const Multiaddr> addresses, Flush flush) {
  Texts texts;
  for (const auto& address : addresses) {
    auto text = fmt::format("{}{}", address_prefix, address.with_peer(self).to_string());
    if (text.size() <= limits::dns_txt_bytes) texts.strings.push_back(std::move(text));
  }
  const auto life = seconds(limits::mdns_record_life);
  const bool flushes = flush == Flush::yes;
  Message answer;
  answer.id = id;
  answer.response = answer.authoritative = true;
  answer.answers = {{names.service, Pointer{names.instance}, seconds(limits::mdns_pointer_life)}};
  answer.additional.push_back(
      {names.instance, Service{.port = ignored_port, .target = names.host}, life, flushes});
  answer.additional.push_back({names.instance, std::move(texts), life, flushes});
  for (const auto& own : here.subnets)
    answer.additional.push_back({names.host, own.address, life, flushes});
  auto& strings = std::get<Texts>(answer.additional[1].data).strings;
  for (;;) {
    auto bytes = write_message(answer);
    if (bytes.size() <= limits::mdns_packet_bytes_out) return bytes;
    GOOP_ASSERT(!strings.empty());
    strings.pop_back();
  }
}

Bytes goodbye_packet(const Names& names) {
  Message goodbye;
  goodbye.response = goodbye.authoritative = true;
  goodbye.answers = {{names.service, Pointer{names.instance}, 0}};
  return write_message(goodbye);
}

std::vector<Sighting> read_sightings(const Message& response, const Name& service,
                                     const Lan& here) {
  std::vector<Sighting> sightings;
  const auto each = [&response](auto&& use) {
    for (const auto& record : response.answers) use(record);
    for (const auto& record : response.additional) use(record);
  };
  each([&](const Record& record) {
    const auto* pointer = std::get_if<Pointer>(&record.data);
    if (!pointer || record.name != service || sightings.size() >= limits::mdns_txt_strings) return;
    const auto life = std::min<Duration>(std::chrono::seconds(record.ttl), limits::mdns_life_most);
    const auto known = std::ranges::find(sightings, pointer->target, &Sighting::instance);
    if (known == sightings.end())
      sightings.push_back({.instance = pointer->target, .life = life, .peer = {}, .addresses = {}});
  });
  each([&](const Record& record) {
    const auto* texts = std::get_if<Texts>(&record.data);
    if (!texts || record.ttl == 0) return;
    const auto of = std::ranges::find(sightings, record.name, &Sighting::instance);
    if (of != sightings.end() && of->life > Duration{}) read_texts(*texts, here, *of);
  });
  return sightings;
}

Wish wish_of(const Message& query, const Names& names) {
  if (query.authorities > 0) return Wish::nothing;  // a probe for a free name, no question
  const auto knows_us = [&names](const Record& record) {
    const auto* pointer = std::get_if<Pointer>(&record.data);
    return pointer && pointer->target == names.instance &&
           record.ttl >= seconds(limits::mdns_pointer_life) / 2;
  };
  if (std::ranges::any_of(query.answers, knows_us)) return Wish::nothing;
  auto wish = Wish::nothing;
  for (const auto& question : query.questions) {
    const bool ours = (question.name == names.service && question.asks_for(RecordType::ptr)) ||
                      (question.name == names.instance && (question.asks_for(RecordType::srv) ||
                                                           question.asks_for(RecordType::txt))) ||
                      (question.name == names.host &&
                       (question.asks_for(RecordType::a) || question.asks_for(RecordType::aaaa)));
    if (!ours) continue;
    if (!question.unicast) return Wish::everybody;
    wish = Wish::alone;
  }
  return wish;
}

}  // namespace goop::p2p::discovery
