#include "p2p/swarm/observed_addresses.h"

#include <algorithm>
#include <optional>

#include "net/network_prefix.h"
#include "p2p/swarm/limits.h"

namespace goop::p2p {
namespace {

std::optional<net::Endpoint> plain_endpoint(const Multiaddr& address) {
  if (!address.is_plain_tcp() || address.peer_id()) return std::nullopt;
  const auto target = address.tcp_endpoint();
  const auto* ip = std::get_if<IpAddress>(&target->host);
  if (!ip || target->port == 0) return std::nullopt;
  return net::Endpoint{*ip, target->port};
}

}  // namespace

Result<void> ObservedAddresses::add(const Observation& observation,
                                    std::span<const net::Endpoint> listeners, Instant now) {
  const auto observed = plain_endpoint(observation.observed);
  const auto remote = plain_endpoint(observation.remote);
  const auto local = plain_endpoint(observation.local);
  if (!observed || !remote || !local) {
    return fail(Errc::forbidden, "{} is no transport that we listen on", observation.observed);
  }
  if (scope_of(observed->address) != AddressScope::public_net ||
      scope_of(remote->address) != AddressScope::public_net) {
    return fail(Errc::forbidden, "{}, seen from {}, is not on the internet", observation.observed,
                observation.remote);
  }
  const auto listens = [&](const net::Endpoint& listener) {
    return listener.port == local->port && listener.address.is_v4() == local->address.is_v4() &&
           listener.address.is_v4() == observed->address.is_v4();
  };
  if (std::ranges::none_of(listeners, listens)) {
    return fail(Errc::forbidden, "the connection to {} does not use a listening port",
                observation.remote);
  }

  const Voter voter{net::network_of(remote->address, net::prefix::household),
                    observed->address.is_v6()};
  const auto [at, added] = votes_.try_emplace(voter);
  if (added) {
    at->second.place = order_.insert(order_.end(), voter);
    if (votes_.size() > limits::observers_kept) {
      votes_.erase(order_.front());
      order_.pop_front();
    }
  } else {
    order_.splice(order_.end(), order_, at->second.place);
  }
  at->second.address = observation.observed;
  at->second.at = now;
  return {};
}

std::vector<Multiaddr> ObservedAddresses::ours(Instant now) const {
  struct Tally {
    bool v6 = false;
    std::size_t votes = 0;
  };
  std::map<Multiaddr, Tally> tallies;
  for (const auto& [voter, vote] : votes_) {
    if (now >= saturating_add(vote.at, limits::observation_life)) continue;
    Tally& tally = tallies[vote.address];
    tally.v6 = voter.about_v6;
    ++tally.votes;
  }
  std::vector<std::pair<std::size_t, Multiaddr>> enough;
  for (const auto& [address, tally] : tallies) {
    if (tally.votes >= limits::observers_needed) enough.emplace_back(tally.votes, address);
  }
  std::ranges::sort(enough, std::greater());

  std::vector<Multiaddr> result;
  std::size_t left[2] = {limits::observed_addresses, limits::observed_addresses};
  for (auto& [votes, address] : enough) {
    std::size_t& room = left[tallies[address].v6];
    if (room == 0) continue;
    --room;
    result.push_back(std::move(address));
  }
  return result;
}

}  // namespace goop::p2p
