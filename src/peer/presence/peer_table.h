// Who is here: one row per peer, whatever channel it was heard on.
//
//   absent ──message or connection──> online ──time to live passed, `offline`──> offline
//   offline ──message or connection──> online;   offline ──grace passed──> absent
//   seeded (a favourite, or known from an earlier run) ──> offline
//
// Pure state: commands in, events out, both clocks passed in; nobody writes around it.
//
// What a signed message says, only a newer one of the same signer changes or ends: an unsigned
// one counts only when the signed one's time to live has passed (its sender may be reachable now
// through a server that drops signatures), and then the peer is shown as hearsay and without its
// key. The newest `ts` outlives its row for twice the skew window, so that nothing recorded can be
// played again. A signed message too far from our clock is worth as much as an unsigned one, and a
// kept `ts` too far ahead of it was taken while a clock was wrong, and keeps nobody out.
//
// When the table is full a newcomer takes the place of the least valuable row: offline before
// hearsay before signed before connected, and of equals the latest, since that is what a flood of
// invented peers looks like. Favourites are never removed.
//
// Spec:   docs/dev/protocols/presence.md.   Limits: limits.h.   Thread: loop only.
#pragma once

#include <map>
#include <set>
#include <span>
#include <unordered_map>

#include "base/rate_limit.h"
#include "peer/presence/limits.h"
#include "peer/presence/sighting.h"

namespace goop::peer::presence {

class PeerTable {
 public:
  struct Settings {
    Duration ttl = 20s;      // of who announces no longer one
    Duration grace = 15min;  // how long who is offline stays in the table
    std::size_t peers = limits::table_peers;
  };
  PeerTable(p2p::PeerId self, Settings settings) : self_(self), settings_(settings) {}
  void set_times(Duration ttl, Duration grace);

  enum class Verdict {
    fresh,      // it counts
    duplicate,  // the very message that came before, perhaps by another channel
    stale,      // older than what is known
    outranked,  // unsigned, where a signed one holds
    own,        // about ourselves
    limited,    // more messages of this peer than its rate allows
    full,       // no row is worth less than this newcomer's would be
  };
  static std::string_view name(Verdict verdict);

  // What apply() would say, limits aside: of a `fresh` message the signature is still to be
  // checked.
  Verdict judge(const Sighting& sighting, Now now) const;

  struct Applied {
    Verdict verdict;
    PeerEvents events;
  };
  Applied apply(const Sighting& sighting, Now now);

  // A libp2p connection to the peer is up, or its last one is gone.
  PeerEvents connected(const p2p::PeerId& peer, Now now);
  PeerEvents disconnected(const p2p::PeerId& peer, Now now);
  // What a connected peer calls itself; of use only where no message says it.
  PeerEvents labelled(const p2p::PeerId& peer, std::string label, Now now);

  // A server that tells changes alone says that these are still on its board; or none that we ask
  // has them any more, which ends a peer that nothing else speaks for. Gossip that was heard before
  // its last connection ended does not, and other gossip only half as long as otherwise.
  PeerEvents still_listed(std::span<const p2p::PeerId> peers, Now now);
  PeerEvents unlisted(std::span<const p2p::PeerId> peers, Now now);

  enum class Probe { answered, failed };
  PeerEvents probed(const p2p::PeerId& peer, Probe result, Now now);

  // Known from an earlier run: an offline row, unless there is one. `signed_ts`: of its newest
  // signed message, whose key is pinned; 0: none.
  PeerEvents seed(KnownPeer peer, std::int64_t signed_ts, Now now);

  enum class Favourite { no, yes };
  PeerEvents set_favourite(const p2p::PeerId& peer, Favourite wanted, Now now);

  PeerEvents expire(Now now);  // every second

  const KnownPeer* find(const p2p::PeerId& peer) const;   // until the next command; null: no row
  std::int64_t signed_ts(const p2p::PeerId& peer) const;  // 0: nothing signed was seen
  bool said_goodbye(const p2p::PeerId& peer) const;       // its last word was `offline`
  std::vector<KnownPeer> list() const;                    // in no order
  std::size_t size() const { return rows_.size(); }
  std::size_t ended() const { return ended_.size(); }

 private:
  enum class Worth { offline, hearsay, signed_message, connected, favourite };

  // What is kept of signed messages, with the row and for a while without it.
  struct Signed {
    std::int64_t ts = 0;
    crypto::Sha256Digest envelope{};
    Instant holds_until{};  // until then unsigned messages say nothing
    std::string key = {};   // pinned
  };
  struct Row {
    KnownPeer peer;
    Signed proof = {};
    std::optional<Instant> heard, by_gossip, by_rendezvous;  // the last message that counted
    Instant left{};                                          // when it went offline
    std::optional<Instant> disconnected;                     // its last connection ended
    Duration ttl{};
    bool said_offline = false;
    std::int64_t unsigned_offline_ts = 0;
    std::set<std::string> vouching = {};  // servers
    int failures = 0;
    Instant last_failure{};
    TokenBucket signed_rate{limits::updates_per_second, limits::updates_burst};
    TokenBucket unsigned_rate{limits::updates_per_second, limits::updates_burst};
    std::uint64_t number = 0;
    std::pair<Worth, std::uint64_t> place{};  // in order_
  };
  struct Ended {
    Signed proof;
    Instant until;
  };
  class Change;  // compares a row before and after, and tells

  static bool counts_as_signed(const Sighting& sighting, Now now);
  static bool in_order(const Sighting& sighting, const Signed* known, Now now);
  const Signed* proof_of(const p2p::PeerId& peer) const;
  Row* find_row(const p2p::PeerId& peer);
  Row* find_or_make(const p2p::PeerId& peer, Worth worth, Now now, PeerEvents& events);
  static void prove(Signed& proof, const Sighting& sighting, Now now, Duration ttl);
  void take_fields(Row& row, const Sighting& sighting, bool is_signed) const;
  void note_channel(Row& row, const Sighting& sighting, Now now) const;
  void go_offline(Row& row, Now now) const;
  static bool came_and_went(const Row& row);
  void settle(Row& row);  // after any change: its place in order_
  void refresh(Row& row, Now now) const;
  void remove(const p2p::PeerId& peer, Now now);
  void remember_ended(const p2p::PeerId& peer, const Signed& proof, Now now);
  static Worth worth(const Row& row);

  p2p::PeerId self_;
  Settings settings_;
  std::unordered_map<p2p::PeerId, Row> rows_;
  std::map<std::pair<Worth, std::uint64_t>, p2p::PeerId> order_;  // the first one goes first
  std::unordered_map<p2p::PeerId, Ended> ended_;
  std::set<std::pair<Instant, p2p::PeerId>> ended_order_;
  std::set<p2p::PeerId> favourites_;
  std::uint64_t numbers_ = 0;
};

}  // namespace goop::peer::presence
