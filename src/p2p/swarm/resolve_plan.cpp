#include "p2p/swarm/resolve_plan.h"

#include <algorithm>

#include "p2p/multi/varint.h"
#include "p2p/swarm/limits.h"

namespace goop::p2p {
namespace {

constexpr std::string_view record_prefix = "dnsaddr=";

// `address`, which starts with a name, with `ip` in the name's place.
std::optional<Multiaddr> with_host(const Multiaddr& address, const IpAddress& ip) {
  const auto name = address.components().front();
  const auto code = static_cast<std::uint64_t>(name.proto);
  const std::size_t name_bytes =
      uvarint_size(code) + uvarint_size(name.value.size()) + name.value.size();
  Bytes bytes;
  append_uvarint(bytes, static_cast<std::uint64_t>(ip.is_v4() ? Proto::ip4 : Proto::ip6));
  if (ip.is_v4()) {
    append(bytes, BytesView(ip.to_v4().to_bytes()));
  } else {
    append(bytes, BytesView(ip.to_v6().to_bytes()));
  }
  append(bytes, address.bytes().subspan(name_bytes));
  auto result = Multiaddr::from_bytes(bytes);
  if (!result) return std::nullopt;
  return *std::move(result);
}

}  // namespace

ResolvePlan::ResolvePlan(const PeerId& wanted, std::span<const DialAddress> addresses)
    : wanted_(wanted) {
  for (const DialAddress& address : addresses) take(address, 0);
}

// An address with an IP is a result. One with a name becomes work, if there is a use for it: over
// TLS the name itself is needed, and no transport of ours dials that.
void ResolvePlan::take(DialAddress address, std::size_t depth) {
  const auto host = address.address.host();
  if (!host) return;
  const auto* name = std::get_if<DnsName>(&*host);
  if (!name) return found(std::move(address));
  const bool more_addresses = name->kind == DnsName::Kind::addr;
  if (more_addresses && depth >= limits::resolve_depth) return;
  if (!more_addresses && !address.address.is_plain_tcp() && !address.address.is_circuit()) return;
  if (asked_ + work_.size() >= limits::resolve_queries) return;
  work_.push_back({std::move(address), depth});
}

void ResolvePlan::found(DialAddress address) {
  if (results_.size() >= limits::resolve_results) return;
  if (!may_name(address.teller, address.address)) return;
  if (std::ranges::find(results_, address) == results_.end()) {
    results_.push_back(std::move(address));
  }
}

std::optional<ResolvePlan::Query> ResolvePlan::next_query() {
  if (work_.empty() || outstanding_.size() >= limits::resolve_parallel) return std::nullopt;
  std::optional<AddressHost> host = work_.front().from.address.host();
  const DnsName& name = std::get<DnsName>(*host);
  Query query{.id = asked_++, .kind = Query::Kind::addresses, .name = name.name};
  switch (name.kind) {
    case DnsName::Kind::any:
      break;
    case DnsName::Kind::v4:
      query.family = net::Family::v4;
      break;
    case DnsName::Kind::v6:
      query.family = net::Family::v6;
      break;
    case DnsName::Kind::addr:
      query.kind = Query::Kind::texts;
      query.name.insert(0, "_dnsaddr.");
      break;
  }
  outstanding_.push_back({query.id, std::move(work_.front())});
  work_.erase(work_.begin());
  return query;
}

std::optional<ResolvePlan::Work> ResolvePlan::answered(std::size_t query) {
  const auto at = std::ranges::find(outstanding_, query, &Asked::id);
  if (at == outstanding_.end()) return std::nullopt;
  Work work = std::move(at->work);
  outstanding_.erase(at);
  return work;
}

void ResolvePlan::on_addresses(std::size_t query, std::span<const IpAddress> addresses) {
  const auto work = answered(query);
  if (!work) return;
  for (const IpAddress& ip : addresses) {
    if (auto address = with_host(work->from.address, ip)) {
      found({*std::move(address), work->from.teller});
    }
  }
}

void ResolvePlan::on_texts(std::size_t query, std::span<const std::string> texts) {
  const auto work = answered(query);
  if (!work) return;
  for (const std::string& text :
       texts.first(std::min(texts.size(), limits::resolve_text_records))) {
    if (!text.starts_with(record_prefix)) continue;
    const auto address = Multiaddr::parse(std::string_view(text).substr(record_prefix.size()));
    // The record may list many peers; the others are none of our business.
    if (!address || address->peer_id() != wanted_) continue;
    take({*address, work->from.teller}, work->depth + 1);
  }
}

std::span<const DialAddress> ResolvePlan::new_results() {
  return std::span(results_).subspan(std::exchange(told_, results_.size()));
}

void ResolvePlan::on_failure(std::size_t query) { answered(query); }

}  // namespace goop::p2p
