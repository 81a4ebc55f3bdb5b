// Where each peer was said to be reachable, by whom, and until when.
//
// Three kinds of word count differently: what our own side gives (a person, the configuration),
// what the peer says of itself over a connection that proved it (its identify, better its signed
// record), and what third parties tell. Given addresses last as long as the giver says; the peer's
// own last while it is connected and a while longer; told ones as long as told, never against the
// rules of dial_address.h. When room is short the weakest word goes first, and a stranger's talk
// never pushes out a peer that our own side gave.
//
// Only what some transport of ours could dial is kept; the full list is in the peer's facts.
//
// Pure state: `now` is passed in.   Thread: loop only.   Limits: limits::book_*.
#pragma once

#include <list>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "p2p/multi/envelope.h"
#include "p2p/swarm/dial_address.h"

namespace goop::p2p {

class AddressBook {
 public:
  explicit AddressBook(PeerId self) : self_(self) {}  // our own addresses are never kept

  // Our own side names them.
  void give(const PeerId& peer, std::span<const Multiaddr> addresses, Duration ttl, Instant now);

  // A third party at distance `teller` names them.
  void tell(const PeerId& peer, std::span<const Multiaddr> addresses, AddressScope teller,
            Duration ttl, Instant now);

  // The peer's identify without a signed record: replaces its earlier one. Ignored while a signed
  // record of the peer is held.
  void identified(const PeerId& peer, std::span<const Multiaddr> addresses, AddressScope teller,
                  Instant now);

  // The peer's signed record; the caller has checked the signature. forbidden: it is not about
  // `sender`. conflict: older than the one we hold. One with the same seq changes nothing.
  Result<void> record(const PeerId& sender, const PeerRecord& record, AddressScope teller,
                      Instant now);

  // A handshake with the peer succeeded at this address, which we dialled. Whatever said so, it may
  // be dialled again.
  void proven(const PeerId& peer, const Multiaddr& address, Instant now);

  // Another peer, or none that proves itself, is there now: forgets this address of this peer.
  void drop(const PeerId& peer, const Multiaddr& address);

  void connected(const PeerId& peer);                  // its first connection is up
  void disconnected(const PeerId& peer, Instant now);  // its last connection is gone

  // What is known, best first: proven, given, signed, said, told.
  std::vector<DialAddress> to_dial(const PeerId& peer, Instant now) const;
  std::vector<Multiaddr> addresses(const PeerId& peer, Instant now) const;
  std::optional<std::uint64_t> record_seq(const PeerId& peer) const;

  void expire(Instant now);  // forgets what has run out; call it every minute or so
  std::size_t size() const { return peers_.size(); }  // peers

 private:
  enum class Own { no, said, signed_record };  // the peer's own word, over a proven connection

  struct Entry {
    Multiaddr address;
    AddressScope teller;
    bool given = false;
    Own own = Own::no;
    bool proven = false;
    Instant expires{};
    std::uint64_t number = 0;  // of its peer's addresses, in the order in which they came
  };
  // How much a peer that is not connected is worth keeping; strangers' talk is worth least.
  enum Worth : std::size_t { told, own, given, worths };

  struct Peer {
    std::vector<Entry> entries;  // best first
    std::uint64_t next_number = 0;
    std::optional<std::uint64_t> seq;
    bool connected = false;
    Worth worth = told;
    std::list<PeerId>::iterator place;  // in order_[worth], unless connected
  };
  using Peers = std::unordered_map<PeerId, Peer>;

  Peers::iterator find_or_make(const PeerId& id, Worth worth);  // end: there is no room
  void set_own(Peers::iterator at, Own own, std::span<const Multiaddr> addresses,
               AddressScope teller, Instant now);
  // Puts a changed peer in order: what has run out goes, then the caps. Forgets it when empty.
  Peers::iterator settle(Peers::iterator at, Instant now);
  static void put(Peer& peer, Entry entry);
  static bool alive(const Peer& peer, const Entry& entry, Instant now);
  static bool better(const Entry& a, const Entry& b);

  PeerId self_;
  Peers peers_;
  std::list<PeerId> order_[worths];  // not connected ones, least recently touched first
};

}  // namespace goop::p2p
