// A bounded number of places, shared among networks: which entry makes room for a newcomer.
//
// Identities are free and networks are not, so places are counted by network. An entry is busy
// until the time that its user last named (`touch`), and idle afterwards. With n networks present,
// an even share is places ÷ n, and a fair share is that, but `share_least` at least. Room is made
// by
//
//   1. idle unproven entries, of the network that holds most;
//   2. idle proven entries, then idle used ones: of the network that holds most, if that is more
//      than its fair share; else the one idle for longest, unless the newcomer's own network holds
//      its even share already: then that network's own;
//   3. busy entries of the network that holds most, if that is more than its fair share;
//   4. for a newcomer whose network holds less than half its even share, or than `foothold`: of the
//      networks that hold most, and more than a foothold if there are any, the one that came last;
//   5. known entries, by the rules 3 and 4.
//
// So being busy protects an entry within its network's fair share only, and a newcomer is refused
// when nothing fairer can be done. Of a network's entries the one used longest ago is taken.
//
//   FairPlaces<std::uint64_t, net::IpAddress> places({.places = 256});
//   if (places.full()) {
//     const auto victim = places.whom_to_replace(network, now);
//     if (!victim) return fail(Errc::busy, …);
//     places.remove(*victim);                                   // and close it
//   }
//   places.add(id, network, Standing::unproven, now + 1s);
//   places.touch(id, now + 60s);                                // it was used
//
// Pure state.   Thread: loop only.   Limits: Shape, `looks`; every call costs O(log places), but
// idle_in.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/time.h"

namespace goop {

enum class Standing {
  unproven,  // has not shown who it is
  proven,    // has, and nothing more
  used,      // has done what the place is for
  known,     // trusted or long known: closed last
};

template <class Id, class Network>
class FairPlaces {
 public:
  struct Shape {
    std::size_t places;
    std::size_t share_least = 40;  // a class behind one address
    std::size_t foothold = 4;      // a home
  };
  explicit FairPlaces(Shape shape) : shape_(shape) {}

  std::size_t size() const { return entries_.size(); }
  bool full() const { return entries_.size() >= shape_.places; }
  bool contains(const Id& id) const { return entries_.contains(id); }
  std::size_t networks() const { return networks_.size(); }
  std::size_t held_by(const Network& network) const {
    const auto at = networks_.find(network);
    return at == networks_.end() ? 0 : at->second.size();
  }

  // Whether there is a place is the caller's business: an entry may be added beyond the last one.
  void add(const Id& id, const Network& network, Standing standing, Instant busy_until) {
    GOOP_ASSERT(!entries_.contains(id));
    entries_.emplace(id, Entry{network, standing, busy_until});
    resize(network, [&](Queues& queues) { queues.of(standing).emplace(busy_until, id); });
    all_.of(standing).emplace(busy_until, id);
  }

  void remove(const Id& id) {
    const auto at = entries_.find(id);
    if (at == entries_.end()) return;
    const Entry entry = at->second;
    entries_.erase(at);
    resize(entry.network,
           [&](Queues& queues) { queues.of(entry.standing).erase({entry.busy_until, id}); });
    all_.of(entry.standing).erase({entry.busy_until, id});
  }

  // Busy until then; what was said before counts when it is later. Unknown ids are passed over.
  void touch(const Id& id, Instant busy_until) {
    const auto at = entries_.find(id);
    if (at != entries_.end() && busy_until > at->second.busy_until) {
      change(at, at->second.standing, busy_until);
    }
  }

  void set_standing(const Id& id, Standing standing) {
    const auto at = entries_.find(id);
    if (at != entries_.end()) change(at, standing, at->second.busy_until);
  }
  std::optional<Standing> standing(const Id& id) const {
    const auto at = entries_.find(id);
    return at == entries_.end() ? std::nullopt : std::optional(at->second.standing);
  }

  // The entry that makes room for a newcomer of `network` when no place is left; nullopt: none
  // does, refuse the newcomer.
  std::optional<Id> whom_to_replace(const Network& network, Instant now) const {
    const Newcomer newcomer = judge(network, now);
    for (const Standing standing : {Standing::unproven, Standing::proven, Standing::used}) {
      if (auto idle = find_idle(standing, newcomer)) return idle;
    }
    for (const Class which : {Class::others, Class::known}) {
      if (auto busy = find_beyond_share(which, newcomer)) return busy;
      if (auto busy = find_for_foothold(which, newcomer)) return busy;
    }
    return std::nullopt;
  }

  // Returns the entry to close when the number shall shrink without a newcomer: rules 1 and 2, of
  // those that have been idle since `before`.
  std::optional<Id> idle_since(Instant before) const {
    const Newcomer nobody{nullptr, before, 0, 0, fair_share(networks_.size())};
    for (const Standing standing : {Standing::unproven, Standing::proven, Standing::used}) {
      if (auto idle = find_idle(standing, nobody)) return idle;
    }
    return std::nullopt;
  }

  // The idle entry of one network that is worth least, of those that `fits(id)`: for a cap within
  // the network. Looks at all of them.
  template <class Fits>
  std::optional<Id> idle_in(const Network& network, Instant now, Fits fits) const {
    const auto at = networks_.find(network);
    if (at == networks_.end()) return std::nullopt;
    for (const Standing standing : {Standing::unproven, Standing::proven, Standing::used}) {
      for (const auto& [busy_until, id] : at->second.of(standing)) {
        if (busy_until > now) break;
        if (fits(id)) return id;
      }
    }
    return std::nullopt;
  }

 private:
  struct Entry {
    Network network;
    Standing standing;
    Instant busy_until;
  };
  using Queue = std::set<std::pair<Instant, Id>>;  // used longest ago first
  struct Queues {
    std::array<Queue, 4> by_standing;
    std::uint64_t since = 0;  // which network came before which

    Queue& of(Standing standing) { return by_standing[static_cast<std::size_t>(standing)]; }
    const Queue& of(Standing standing) const {
      return by_standing[static_cast<std::size_t>(standing)];
    }
    std::size_t size() const {
      std::size_t sum = 0;
      for (const Queue& queue : by_standing) sum += queue.size();
      return sum;
    }
  };
  struct Newcomer {
    const Network* network;  // null: no newcomer
    Instant now;
    std::size_t held, even_share, fair_share;
  };
  enum class Class { others, known };
  static constexpr std::size_t looks = 8;  // at networks, or entries, for one answer

  std::size_t fair_share(std::size_t networks) const {
    return std::max(shape_.share_least, shape_.places / std::max<std::size_t>(networks, 1));
  }

  Newcomer judge(const Network& network, Instant now) const {
    const std::size_t held = held_by(network);
    const std::size_t present = networks_.size() + (held == 0 ? 1 : 0);
    return {&network, now, held, shape_.places / present, fair_share(present)};
  }

  template <class Change>
  void resize(const Network& network, Change change) {
    const auto [at, came] = networks_.try_emplace(network);
    if (came) at->second.since = ++arrivals_;
    by_size_.erase({at->second.size(), network});
    change(at->second);
    if (const auto size = at->second.size(); size > 0) {
      by_size_.emplace(size, network);
    } else {
      networks_.erase(at);
    }
  }

  void change(typename std::map<Id, Entry>::iterator at, Standing standing, Instant busy_until) {
    Entry& entry = at->second;
    for (Queues* queues : {&networks_.at(entry.network), &all_}) {
      queues->of(entry.standing).erase({entry.busy_until, at->first});
      queues->of(standing).emplace(busy_until, at->first);
    }
    entry.standing = standing;
    entry.busy_until = busy_until;
  }

  static std::optional<Id> first_idle(const Queue& queue, Instant now) {
    if (queue.empty() || queue.begin()->first > now) return std::nullopt;
    return queue.begin()->second;
  }

  static std::optional<Id> first(const Queues& queues, Class which) {
    if (which == Class::known) {
      const Queue& known = queues.of(Standing::known);
      return known.empty() ? std::nullopt : std::optional(known.begin()->second);
    }
    for (const Standing standing : {Standing::unproven, Standing::proven, Standing::used}) {
      const Queue& queue = queues.of(standing);
      if (!queue.empty()) return queue.begin()->second;
    }
    return std::nullopt;
  }

  // Calls `look(queues)` for networks that hold more than `least`, the fullest first, until it
  // gives an answer.
  template <class Look>
  std::optional<Id> look_at_fullest(std::size_t least, Look look) const {
    std::size_t looked_at = 0;
    for (auto at = by_size_.rbegin(); at != by_size_.rend(); ++at) {
      if (at->first <= least || ++looked_at > looks) break;
      if (auto found = look(networks_.at(at->second))) return found;
    }
    return std::nullopt;
  }

  // Rules 1 and 2.
  std::optional<Id> find_idle(Standing standing, const Newcomer& newcomer) const {
    const std::size_t least = standing == Standing::unproven ? 0 : newcomer.fair_share;
    auto of_fullest = look_at_fullest(
        least, [&](const Queues& queues) { return first_idle(queues.of(standing), newcomer.now); });
    if (of_fullest) return of_fullest;
    const bool has_its_share = newcomer.held > 0 && newcomer.held >= newcomer.even_share;
    const Queues& where = has_its_share ? networks_.at(*newcomer.network) : all_;
    return first_idle(where.of(standing), newcomer.now);
  }

  // Rule 3: places move only from a network that holds more afterwards, too.
  std::optional<Id> find_beyond_share(Class which, const Newcomer& newcomer) const {
    return look_at_fullest(std::max(newcomer.fair_share, newcomer.held + 1),
                           [&](const Queues& queues) { return first(queues, which); });
  }

  // Rule 4. Who was here before the crowd came keeps what it has.
  std::optional<Id> find_for_foothold(Class which, const Newcomer& newcomer) const {
    if (newcomer.held >= std::max(shape_.foothold, newcomer.even_share / 2)) return std::nullopt;
    for (const std::size_t least :
         {std::max(shape_.foothold, newcomer.held + 1), newcomer.held + 1}) {
      std::optional<Id> found;
      std::uint64_t since = 0;
      look_at_fullest(least, [&](const Queues& queues) -> std::optional<Id> {
        const auto id = first(queues, which);
        if (id && queues.since > since) {
          found = id;
          since = queues.since;
        }
        return std::nullopt;  // on to the next
      });
      if (found) return found;
    }
    return std::nullopt;
  }

  Shape shape_;
  std::uint64_t arrivals_ = 0;
  std::map<Id, Entry> entries_;
  std::map<Network, Queues> networks_;
  std::set<std::pair<std::size_t, Network>> by_size_;
  Queues all_;
};

}  // namespace goop
