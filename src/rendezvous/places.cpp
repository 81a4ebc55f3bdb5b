#include "rendezvous/places.h"

#include "net/network_prefix.h"

namespace goop::rendezvous {
namespace {

net::IpAddress network_of(const net::IpAddress& client) {
  return net::network_of(client, net::prefix::network);
}

net::IpAddress provider(const net::IpAddress& client) {
  return net::network_of(client, net::prefix::provider);
}

std::unexpected<Error> full(std::size_t most, std::string_view of) {
  return fail(Errc::busy, "this server shows at most {} peers {}", most, of);
}

}  // namespace

Places::Places(std::size_t rows)
    : per_network_(std::max(limits::peers_per_address, rows / limits::network_share)),
      per_provider_(std::max(limits::peers_per_address, rows / limits::provider_share)),
      rows_(rows),
      held_({.places = rows / limits::held_share}),
      loose_({.places = rows - rows / limits::held_share}),
      unsigned_({.places = rows / limits::unsigned_share}) {}

// --- who may come ---

Result<void> Places::check_caps(Kind kind, const net::IpAddress& client) const {
  if (client.is_loopback()) return {};
  const auto count = count_of(client);
  if (count.all >= limits::peers_per_address) {
    return full(limits::peers_per_address, "of one address (IPv6 /64), and yours has as many");
  }
  if (kind == Kind::is_unsigned && count.is_unsigned >= limits::unsigned_per_address) {
    return full(limits::unsigned_per_address,
                "that do not sign of one address (IPv6 /64), and yours has as many");
  }
  const auto network = network_of(client);
  if (held_.held_by(network) + loose_.held_by(network) >= per_network_) {
    return full(per_network_, "of one network (IPv4 /24, IPv6 /48), and yours has as many");
  }
  return {};
}

Result<Places::Room> Places::room_for(Kind kind, const net::IpAddress& client, Instant now) const {
  GOOP_CHECK(check_caps(kind, client));
  const auto network = network_of(client);
  const bool unsigned_full = kind == Kind::is_unsigned && unsigned_.full();
  const auto neighbours = providers_.find(provider(client));
  if (!client.is_loopback() && neighbours != providers_.end() && neighbours->second.full()) {
    auto victim = neighbours->second.whom_to_replace(network, now);
    if (victim && (!unsigned_full || unsigned_.contains(*victim))) return Room{std::move(victim)};
    return full(per_provider_,
                "of one provider (IPv4 /16, IPv6 /32), and your network has its share of them");
  }
  if (unsigned_full) {
    if (auto victim = unsigned_.whom_to_replace(network, now)) return Room{std::move(victim)};
    return full(unsigned_.size(),
                "that do not sign, and your network (IPv4 /24, IPv6 /48) has its share of them");
  }
  if (size() < rows_) return Room{};
  const auto& crowded = held_.size() > rows_ / limits::held_share ? held_ : loose_;
  if (auto victim = crowded.whom_to_replace(network, now)) return Room{std::move(victim)};
  if (kind == Kind::is_signed && unsigned_.held_by(network) > 0) {
    const auto any = [](const p2p::PeerId&) { return true; };
    return Room{unsigned_.idle_in(network, Instant::max(), any)};
  }
  return full(rows_, "in all, and your network (IPv4 /24, IPv6 /48) has its share of them");
}

// --- who is there ---

Places::Count Places::count_of(const net::IpAddress& client) const {
  const auto at = at_client_.find(client);
  return at == at_client_.end() ? Count() : at->second;
}

void Places::count(const net::IpAddress& client, Kind kind, int change) {
  const auto step = static_cast<std::size_t>(change);  // of minus one: what wraps around
  auto& here = at_client_[client];
  here.all += step;
  if (kind == Kind::is_unsigned) here.is_unsigned += step;
  if (here.all == 0) at_client_.erase(client);
}

Places::Fair& Places::provider_of(const net::IpAddress& client) {
  return providers_.try_emplace(provider(client), Fair::Shape{.places = per_provider_})
      .first->second;
}

void Places::add(const p2p::PeerId& peer, Kind kind, const net::IpAddress& client,
                 Instant busy_until) {
  const bool is_signed = kind == Kind::is_signed;
  const auto network = network_of(client);
  const auto standing = is_signed ? Standing::proven : Standing::unproven;
  loose_.add(peer, network, standing, busy_until);
  provider_of(client).add(peer, network, standing, busy_until);
  if (!is_signed) unsigned_.add(peer, network, Standing::unproven, busy_until);
  clients_.emplace(peer, client);
  count(client, kind, 1);
}

void Places::remove(const p2p::PeerId& peer) {
  const auto at = clients_.find(peer);
  if (at == clients_.end()) return;
  count(at->second, unsigned_.contains(peer) ? Kind::is_unsigned : Kind::is_signed, -1);
  auto& neighbours = provider_of(at->second);
  neighbours.remove(peer);
  if (neighbours.size() == 0) providers_.erase(provider(at->second));
  clients_.erase(at);
  held_.remove(peer);
  loose_.remove(peer);
  unsigned_.remove(peer);
}

void Places::heard(const p2p::PeerId& peer, Instant busy_until) {
  const auto at = clients_.find(peer);
  if (at == clients_.end()) return;
  provider_of(at->second).touch(peer, busy_until);
  held_.touch(peer, busy_until);
  loose_.touch(peer, busy_until);
  unsigned_.touch(peer, busy_until);
}

void Places::hold(const p2p::PeerId& peer, Instant busy_until) {
  const auto at = clients_.find(peer);
  if (at == clients_.end()) return;
  auto& neighbours = provider_of(at->second);
  neighbours.touch(peer, busy_until);
  if (held_.contains(peer)) return held_.touch(peer, busy_until);
  neighbours.set_standing(peer, Standing::used);
  loose_.remove(peer);
  held_.add(peer, network_of(at->second), Standing::used, busy_until);
}

void Places::release(const p2p::PeerId& peer, Instant busy_until) {
  if (!held_.contains(peer)) return;
  const auto client = clients_.at(peer);
  held_.remove(peer);
  loose_.add(peer, network_of(client), Standing::proven, busy_until);
  provider_of(client).set_standing(peer, Standing::proven);
}

}  // namespace goop::rendezvous
