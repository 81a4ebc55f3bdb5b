#include "p2p/swarm/address_book.h"

#include <algorithm>
#include <tuple>

#include "p2p/swarm/limits.h"

namespace goop::p2p {
namespace {

// What others say must fit in memory and must not lead us where they have no business.
bool acceptable(const Multiaddr& address, AddressScope teller) {
  return address.bytes().size() <= limits::book_told_address_bytes && is_dialable(address) &&
         may_name(teller, address);
}

Multiaddr bare(const Multiaddr& address, const PeerId& peer) {
  return address.peer_id() == peer ? address.without_peer() : address;
}

// Of two who named the same address, the one who may name more.
AddressScope nearer(AddressScope a, AddressScope b) {
  using enum AddressScope;
  for (const auto scope : {loopback, private_net, link_local, unroutable}) {
    if (a == scope || b == scope) return scope;
  }
  return public_net;
}

}  // namespace

void AddressBook::give(const PeerId& id, std::span<const Multiaddr> addresses, Duration ttl,
                       Instant now) {
  if (addresses.empty()) return;
  const auto at = find_or_make(id, given);
  if (at == peers_.end()) return;
  for (const Multiaddr& address :
       addresses.first(std::min(addresses.size(), limits::book_addresses_given))) {
    if (!is_dialable(address)) continue;
    put(at->second, {.address = bare(address, id),
                     .teller = AddressScope::loopback,
                     .given = true,
                     .expires = saturating_add(now, ttl)});
  }
  settle(at, now);
}

void AddressBook::tell(const PeerId& id, std::span<const Multiaddr> addresses, AddressScope teller,
                       Duration ttl, Instant now) {
  std::vector<Multiaddr> useful;
  for (const Multiaddr& address : addresses) {
    if (useful.size() == limits::book_addresses_after) break;
    if (acceptable(address, teller)) useful.push_back(bare(address, id));
  }
  if (useful.empty()) return;
  const auto at = find_or_make(id, told);
  if (at == peers_.end()) return;
  for (Multiaddr& address : useful) {
    put(at->second,
        {.address = std::move(address), .teller = teller, .expires = saturating_add(now, ttl)});
  }
  settle(at, now);
}

void AddressBook::identified(const PeerId& id, std::span<const Multiaddr> addresses,
                             AddressScope teller, Instant now) {
  const auto at = find_or_make(id, own);
  if (at == peers_.end() || at->second.seq) return;
  set_own(at, Own::said, addresses, teller, now);
}

Result<void> AddressBook::record(const PeerId& sender, const PeerRecord& record,
                                 AddressScope teller, Instant now) {
  if (record.peer != sender) {
    return fail(Errc::forbidden, "peer record about {} from {}", record.peer, sender);
  }
  const auto at = find_or_make(sender, own);
  if (at == peers_.end()) return {};
  if (const auto held = at->second.seq) {
    if (record.seq < *held) {
      return fail(Errc::conflict, "peer record {} is older than {}", record.seq, *held);
    }
    if (record.seq == *held) return {};
  }
  at->second.seq = record.seq;
  set_own(at, Own::signed_record, record.addresses, teller, now);
  return {};
}

void AddressBook::proven(const PeerId& id, const Multiaddr& address, Instant now) {
  const auto at = find_or_make(id, own);
  if (at == peers_.end()) return;
  put(at->second, {.address = bare(address, id),
                   .teller = AddressScope::loopback,
                   .proven = true,
                   .expires = saturating_add(now, limits::book_life_after)});
  settle(at, now);
}

void AddressBook::drop(const PeerId& id, const Multiaddr& address) {
  const auto at = peers_.find(id);
  if (at == peers_.end()) return;
  std::erase_if(at->second.entries,
                [&](const Entry& entry) { return entry.address == bare(address, id); });
}

void AddressBook::connected(const PeerId& id) {
  const auto at = find_or_make(id, own);
  if (at == peers_.end() || at->second.connected) return;
  order_[at->second.worth].erase(at->second.place);
  at->second.connected = true;
}

void AddressBook::disconnected(const PeerId& id, Instant now) {
  const auto at = peers_.find(id);
  if (at == peers_.end() || !at->second.connected) return;
  Peer& peer = at->second;
  for (Entry& entry : peer.entries) {
    if (entry.own != Own::no || entry.proven) {
      entry.expires = std::max(entry.expires, saturating_add(now, limits::book_life_after));
    }
  }
  peer.connected = false;
  peer.place = order_[peer.worth].insert(order_[peer.worth].end(), id);
  settle(at, now);
}

std::vector<DialAddress> AddressBook::to_dial(const PeerId& id, Instant now) const {
  std::vector<DialAddress> result;
  const auto at = peers_.find(id);
  if (at == peers_.end()) return result;
  for (const Entry& entry : at->second.entries) {
    if (alive(at->second, entry, now)) result.push_back({entry.address, entry.teller});
  }
  return result;
}

std::vector<Multiaddr> AddressBook::addresses(const PeerId& id, Instant now) const {
  std::vector<Multiaddr> result;
  for (DialAddress& known : to_dial(id, now)) result.push_back(std::move(known.address));
  return result;
}

std::optional<std::uint64_t> AddressBook::record_seq(const PeerId& id) const {
  const auto at = peers_.find(id);
  return at == peers_.end() ? std::nullopt : at->second.seq;
}

void AddressBook::expire(Instant now) {
  for (auto at = peers_.begin(); at != peers_.end();) at = settle(at, now);
}

AddressBook::Peers::iterator AddressBook::find_or_make(const PeerId& id, Worth worth) {
  if (id == self_) return peers_.end();
  if (const auto at = peers_.find(id); at != peers_.end()) {
    auto& order = order_[at->second.worth];
    if (!at->second.connected) order.splice(order.end(), order, at->second.place);
    return at;
  }
  if (peers_.size() >= limits::book_peers) {
    std::size_t least = told;  // whoever comes may push out the less worthy, and its equals
    while (least <= worth && order_[least].empty()) ++least;
    if (least > worth) return peers_.end();
    peers_.erase(order_[least].front());
    order_[least].pop_front();
  }
  const auto at = peers_.try_emplace(id).first;
  at->second.worth = worth;
  at->second.place = order_[worth].insert(order_[worth].end(), id);
  return at;
}

void AddressBook::set_own(Peers::iterator at, Own own, std::span<const Multiaddr> addresses,
                          AddressScope teller, Instant now) {
  Peer& peer = at->second;
  // What only its earlier list named is gone.
  std::erase_if(peer.entries,
                [](const Entry& e) { return e.own != Own::no && !e.given && !e.proven; });
  for (Entry& entry : peer.entries) entry.own = Own::no;
  std::size_t kept = 0;
  for (const Multiaddr& address : addresses) {
    if (kept == limits::book_addresses_connected) break;
    if (!acceptable(address, teller)) continue;
    put(peer, {.address = bare(address, at->first),
               .teller = teller,
               .own = own,
               .expires = saturating_add(now, limits::book_life_after)});
    ++kept;
  }
  settle(at, now);
}

AddressBook::Peers::iterator AddressBook::settle(Peers::iterator at, Instant now) {
  Peer& peer = at->second;
  auto& entries = peer.entries;
  std::erase_if(entries, [&](const Entry& entry) { return !alive(peer, entry, now); });
  std::ranges::sort(entries, better);
  std::size_t given_left = limits::book_addresses_given;
  std::size_t others_left =
      peer.connected ? limits::book_addresses_connected : limits::book_addresses_after;
  std::erase_if(entries, [&](const Entry& entry) {
    std::size_t& left = entry.given ? given_left : others_left;
    return left == 0 || (--left, false);
  });
  if (peer.connected) return std::next(at);

  if (entries.empty()) {
    order_[peer.worth].erase(peer.place);
    return peers_.erase(at);
  }
  const auto is_signed = [](const Entry& entry) { return entry.own == Own::signed_record; };
  if (std::ranges::none_of(entries, is_signed)) peer.seq.reset();

  Worth worth = told;
  for (const Entry& entry : entries) {
    if (entry.own != Own::no || entry.proven) worth = std::max(worth, own);
    if (entry.given) worth = given;
  }
  if (worth != peer.worth) {
    order_[worth].splice(order_[worth].end(), order_[peer.worth], peer.place);
    peer.worth = worth;
  }
  return std::next(at);
}

void AddressBook::put(Peer& peer, Entry entry) {
  const auto same = std::ranges::find(peer.entries, entry.address, &Entry::address);
  if (same == peer.entries.end()) {
    entry.number = peer.next_number++;
    peer.entries.push_back(std::move(entry));
    return;
  }
  same->teller = nearer(same->teller, entry.teller);
  same->given |= entry.given;
  same->own = std::max(same->own, entry.own);
  same->proven |= entry.proven;
  same->expires = std::max(same->expires, entry.expires);
}

// The peer's own word holds while it is connected.
bool AddressBook::alive(const Peer& peer, const Entry& entry, Instant now) {
  return entry.expires > now || (peer.connected && (entry.own != Own::no || entry.proven));
}

bool AddressBook::better(const Entry& a, const Entry& b) {
  const auto rank = [](const Entry& e) { return std::tie(e.proven, e.given, e.own); };
  return rank(a) != rank(b) ? rank(a) > rank(b) : a.number < b.number;
}

}  // namespace goop::p2p
