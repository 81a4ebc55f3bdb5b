// The board: which peers are here, by their own word.
//
//   auto outcome = board.apply(std::move(message), {Proof::checked, address}, now, wall);
//   for (auto& change : outcome.changes) …tell it…
//
// Pure state in whatever time it is given. Each command returns what changed, numbered, and nobody
// writes around the commands. What makes forging useless:
//
// * A signed message is ordered by its `ts`: only a newer one counts, an equal one is a duplicate,
//   and one outside the clock window is refused with the difference. The last `ts` outlives the
//   entry, so that an old message cannot bring a peer back; one that is ahead of the window, since
//   a clock was wrong when it was taken, does not count.
// * An unsigned message never changes or ends what a signed one said. When the signed entry's time
//   is over, it may show the peer again, without a key.
// * A row ends by the peer's signed `offline`, by silence over its TTL, or a grace after its proven
//   socket broke. As long as that socket lives, so does the row. A TTL that the peer announces
//   counts up to limits::announced_ttl, beyond that while an event stream is open at its address.
// * Where several servers make one board (backplane/), another one's word that the peer is with it
//   keeps the row, too, but only within limits::elsewhere of a message that the peer has signed.
//
// Spec:   docs/dev/protocols/rendezvous.md.   Thread: one.   Owns: the rows.
// Limits: limits.h, "the board". Who makes room on a full board: places.h
// Errors: invalid (the clock; with the difference), conflict (older, or unsigned where a signed
// entry holds), forbidden (blocked), busy (full).
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "net/network.h"
#include "rendezvous/limits.h"
#include "rendezvous/places.h"
#include "wire/presence.h"

namespace goop::rendezvous {

class Blocks;

using Message = std::shared_ptr<const wire::PresenceMessage>;

enum class Proof { none, checked };  // the signature: missing, or checked and good

enum class Via { client, backplane };

struct Source {
  Proof proof = Proof::none;
  net::IpAddress address;  // of the client, see client_address.h
  Via via = Via::client;
};

struct Row {
  Message message;  // the newest
  bool is_signed = false;
  bool held = false;                 // by a proven socket
  bool elsewhere = false;            // another server says that the peer is with it
  std::optional<std::int64_t> here;  // `ts` of what a client of this server said; none: nobody did
  net::IpAddress address;
  Instant expires{};
  Instant announced_until{};  // the same by its peer's announcement alone, if that is later
  Instant heard{};            // when the message came
  Instant told{};             // when full streams last heard of it
  std::optional<Instant> released_alone = {};  // its socket broke while the backplane was away
  WallTime last_seen{};
  std::uint64_t bytes_in = 0;    // of its messages
  std::uint64_t bytes_base = 0;  // of Board::bytes_told() when it came
};

struct Change {
  // beat: heard again, nothing new; only streams without delta pass it on.
  enum class Kind { changed, beat, gone };
  Kind kind;
  std::uint64_t number;    // of the newest change or end; a beat has none of its own
  Message message;         // to pass on; of `gone` an offline, signed if the peer itself said it
  net::IpAddress address;  // where the row came from
  Message last = {};       // of a `gone` that the peer did not say itself: what it said last
};

struct Outcome {
  std::optional<Error> refused = {};
  std::optional<std::int64_t> clock_difference_ms = {};  // refused for the clock: theirs less ours
  bool duplicate = false;
  bool arrived = false;                           // the peer was not on the board
  bool addresses_new = false;                     // arrived, or with other addresses than before
  std::optional<net::IpAddress> moved_from = {};  // it is another client's row now
  std::vector<Change> changes;
};

struct BoardOptions {
  std::size_t peers = limits::peers;
  Duration ttl = limits::ttl;
};

class Board {
 public:
  using Rows = std::unordered_map<p2p::PeerId, Row>;

  explicit Board(BoardOptions options = {}) : options_(options), places_(options.peers) {}

  // From now on nothing is taken of whom the operator has blocked, whoever passes it on.
  void refuse_those_in(const Blocks& blocks) { blocks_ = &blocks; }

  // What apply would refuse or drop, so that no signature is checked for it. A message that is
  // signed, but unchecked, is judged as if it were good. Nothing: worth the check.
  std::optional<Outcome> judge(const wire::PresenceMessage& message, const net::IpAddress& from,
                               Instant now, WallTime wall, Via via = Via::client) const;

  // `bytes`: the size to account for.
  Outcome apply(wire::PresenceMessage message, const Source& source, std::size_t bytes, Instant now,
                WallTime wall);

  // A proven socket of the peer: from now on the row does not end by silence.
  void hold(const p2p::PeerId& peer);
  void release(const p2p::PeerId& peer, Instant now);  // it broke
  // An unproven socket of the peer ended: ends an unsigned row.
  std::vector<Change> abandon(const p2p::PeerId& peer, Instant now, WallTime wall);
  // By order of the operator; until the TTL has passed nothing unsigned brings it back.
  std::vector<Change> remove(const p2p::PeerId& peer, Instant now, WallTime wall);

  // Another server has the peer: until it takes that back the row does not end by silence. Applying
  // a message of the backplane says the same.
  void vouch(const p2p::PeerId& peer);
  // No other server has it any more: unless it lives here, its row ends at `until`. `ts` is that of
  // the newest message which that server had of it: a socket here that has heard nothing newer may
  // be a replay of what was said there, and holds the row for no more than the TTL.
  void withdraw(const p2p::PeerId& peer, std::optional<std::int64_t> ts, Instant until,
                Instant now);
  // By a client of this server, whatever others say.
  bool lives_here(const Row& row, Instant now) const { return row.here && speaks(row, now); }
  // The other servers are away: nobody can say whether a peer whose socket broke has gone to one of
  // them, and it gets its TTL. When they are back, that is soon known.
  void left_alone() { alone_ = true; }
  void joined(Instant now);

  // An event stream is open at the address; the last one there ended.
  void listens(const net::IpAddress& address) {
    listeners_.insert_or_assign(address, std::nullopt);
  }
  void stops_listening(const net::IpAddress& address, Instant now);

  // Rows whose time is over, and beats of silent ones. To be called at next_due() at the latest.
  std::vector<Change> expire(Instant now, WallTime wall);
  Instant next_due() const;

  // From a database. False: not taken (full, or over).
  bool restore(wire::PresenceMessage message, bool is_signed, WallTime last_seen, Instant now,
               WallTime wall);
  void restore_ended(const p2p::PeerId& peer, std::int64_t ts, Instant now);

  const Rows& rows() const { return rows_; }
  const Row* find(const p2p::PeerId& peer) const;
  // How long the message holds; `announced_ttl`: by its peer's word alone.
  Duration ttl_of(const wire::PresenceMessage& message) const;
  Duration announced_ttl(const wire::PresenceMessage& message) const;
  const BoardOptions& options() const { return options_; }
  std::size_t size() const { return rows_.size(); }
  std::size_t unsigned_size() const { return places_.unsigned_rows(); }
  std::size_t ended_size() const { return ended_.size(); }
  std::size_t rows_at(const net::IpAddress& address) const { return places_.rows_at(address); }
  std::uint64_t last_number() const { return number_; }
  std::optional<std::int64_t> last_ts(const p2p::PeerId& peer) const;  // of what was signed
  // The same, if a message with it would be taken now.
  std::optional<std::int64_t> believed_ts(const p2p::PeerId& peer, WallTime wall) const;

  std::uint64_t bytes_told() const { return bytes_told_; }
  void count_told(std::size_t bytes) { bytes_told_ += bytes; }

 private:
  struct Ended {
    std::int64_t ts;
    Instant forget;          // when the `ts` may be forgotten
    Instant unsigned_after;  // until then nothing unsigned
    std::list<p2p::PeerId>::iterator in_order;
  };

  std::optional<Outcome> judge_signed(const wire::PresenceMessage& message,
                                      const net::IpAddress& from, Instant now, WallTime wall,
                                      Via via) const;
  std::optional<Outcome> judge_unsigned(const wire::PresenceMessage& message,
                                        const net::IpAddress& from, Instant now) const;
  std::optional<Outcome> judge_room(const wire::PresenceMessage& message,
                                    const net::IpAddress& from, Instant now) const;
  net::IpAddress place_of(const Row& row, const Source& source, bool is_signed, Instant now) const;
  bool speaks(const Row& row, Instant now) const;  // its own word holds still
  bool listening(const net::IpAddress& address, Instant now) const;
  bool over(const Row& row, Instant now) const;
  void enter(const p2p::PeerId& peer, const Row& row);
  void make_room(const Source& source, Outcome& outcome, Instant now, WallTime wall);
  void remember_end(const p2p::PeerId& peer, std::int64_t ts, Instant unsigned_after, Instant now);
  Change end(Rows::iterator at, Message farewell, Instant now);
  Change end_silent(Rows::iterator at, Instant now, WallTime wall);

  BoardOptions options_;
  const Blocks* blocks_ = nullptr;
  Rows rows_;
  Places places_;
  std::unordered_map<p2p::PeerId, Ended> ended_;
  std::list<p2p::PeerId> ended_order_;  // the first to be forgotten at the cap
  std::set<std::pair<Instant, p2p::PeerId>> graces_;
  Instant next_look_{};
  bool alone_ = false;
  std::unordered_map<net::IpAddress, std::optional<Instant>> listeners_;  // since when no more
  std::uint64_t number_ = 0;
  std::uint64_t bytes_told_ = 0;
};

// An offline that only the server says.
Message server_offline(const p2p::PeerId& peer, WallTime wall);

}  // namespace goop::rendezvous
