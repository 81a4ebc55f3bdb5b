#include "p2p/swarm/dial_plan.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "p2p/swarm/limits.h"

namespace goop::p2p {
namespace {

enum class Group { private_net, public_net, relay };

Group group_of(const Multiaddr& address) {
  if (address.is_circuit()) return Group::relay;
  switch (address.scope()) {
    case AddressScope::private_net:
    case AddressScope::link_local:
    case AddressScope::loopback:
      return Group::private_net;
    case AddressScope::public_net:
    case AddressScope::unroutable:
      return Group::public_net;
  }
  return Group::public_net;
}

// The addresses of one group in the order in which they came, by family.
struct Candidates {
  std::vector<DialAttempt> v6, v4;

  void add(DialAttempt attempt) {
    (attempt.to.address.is_v6() ? v6 : v4).push_back(std::move(attempt));
  }
  bool empty() const { return v6.empty() && v4.empty(); }
};

// Head starts inside one group: IPv6 first, IPv4 a step later, the rest one more step later.
std::vector<DialAttempt> staggered(Candidates group, Duration base, Duration step) {
  std::vector<DialAttempt> attempts = std::move(group.v6);
  const std::size_t second = std::min<std::size_t>(attempts.size(), 1);
  const std::size_t leading_v4 = std::min<std::size_t>(group.v4.size(), 1);
  const auto rest = group.v4.begin() + static_cast<std::ptrdiff_t>(leading_v4);
  attempts.insert(attempts.begin() + static_cast<std::ptrdiff_t>(second), group.v4.begin(), rest);
  attempts.insert(attempts.end(), rest, group.v4.end());
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    attempts[i].delay = base + static_cast<std::int64_t>(std::min<std::size_t>(i, 2)) * step;
  }
  return attempts;
}

std::vector<DialAttempt> merged(const std::vector<DialAttempt>& a,
                                const std::vector<DialAttempt>& b) {
  std::vector<DialAttempt> result;
  std::ranges::merge(a, b, std::back_inserter(result), {}, &DialAttempt::delay,
                     &DialAttempt::delay);
  return result;
}

// Why an address is not dialled, counted for the error text.
struct Skipped {
  std::size_t unusable = 0, own = 0, beyond_teller = 0, waiting = 0, told_too_often = 0;
  std::size_t all() const { return unusable + own + beyond_teller + waiting + told_too_often; }
};

std::unexpected<Error> nothing_to_dial(const PeerId& peer, const Skipped& skipped,
                                       std::optional<Instant> earliest, Instant now) {
  if (skipped.all() == 0) return fail(Errc::unreachable, "no address known for {}", peer);
  if (earliest) {
    const auto wait = std::chrono::ceil<std::chrono::seconds>(*earliest - now);
    return fail(Errc::busy, "every address of {} failed lately, next try in {} s", peer,
                wait.count());
  }
  return fail(Errc::unreachable,
              "no address of {} can be dialled: {} of no use, {} our own, {} named by somebody who "
              "may not, {} dialled for others too often",
              peer, skipped.unusable, skipped.own, skipped.beyond_teller, skipped.told_too_often);
}

}  // namespace

Result<std::vector<DialAttempt>> plan_dial(const PeerId& peer,
                                           std::span<const DialAddress> resolved,
                                           const DialRules& rules, Instant now) {
  Candidates groups[3];
  std::set<Multiaddr> seen;
  Skipped skipped;
  std::optional<Instant> earliest;
  for (const DialAddress& candidate : resolved) {
    if (seen.size() == limits::dial_addresses) break;
    const Multiaddr address =
        candidate.address.peer_id() == peer ? candidate.address.without_peer() : candidate.address;
    const auto target = address.tcp_endpoint();
    const auto* ip = target ? std::get_if<IpAddress>(&target->host) : nullptr;
    const bool usable = ip && is_dialable(address) &&
                        (address.is_circuit() ? rules.circuits : address.is_plain_tcp()) &&
                        (address.is_circuit() || !address.peer_id());
    if (!usable) {
      ++skipped.unusable;
      continue;
    }
    if (!seen.insert(address).second) continue;
    const net::Endpoint to{*ip, target->port};
    if (std::ranges::find(rules.own, to) != rules.own.end()) {
      ++skipped.own;
      continue;
    }
    if (!may_name(candidate.teller, address)) {
      ++skipped.beyond_teller;
      continue;
    }
    if (const auto until = rules.backoff.until(peer, address, now)) {
      ++skipped.waiting;
      earliest = std::min(earliest.value_or(*until), *until);
      continue;
    }
    if (candidate.teller != AddressScope::loopback && !rules.told.take(*ip, now)) {
      ++skipped.told_too_often;
      continue;
    }
    const Group group = group_of(address);
    groups[static_cast<std::size_t>(group)].add(
        {.address = address,
         .to = to,
         .timeout = group == Group::private_net ? Duration(limits::dial_timeout_private)
                                                : Duration(limits::dial_timeout_public)});
  }

  auto& [nearby, internet, relays] = groups;
  const Duration relay_delay = internet.empty() ? 0ms : limits::dial_relay_delay;
  auto attempts = merged(merged(staggered(std::move(nearby), 0ms, limits::dial_step_private),
                                staggered(std::move(internet), 0ms, limits::dial_step_public)),
                         staggered(std::move(relays), relay_delay, limits::dial_step_public));
  if (attempts.empty()) return nothing_to_dial(peer, skipped, earliest, now);
  return attempts;
}

}  // namespace goop::p2p
