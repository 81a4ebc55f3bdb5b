// The one way in for a message, whether it was posted or came over a socket.
//
//   address's budget → parse → what the board would refuse anyway → signature → identity's budget
//   → board → those who listen → disk
//
// Cheap steps first, so that a flood costs little. Budgets go by who it is: a proven identity has
// its own, an address (or IPv6 /64) has one wide enough for a school behind one router.
//
// Borrows: Runtime, Board, Journal.   Owns: budgets, verifier.   Thread: loop only.
// Limits: limits.h, "what comes in"
#pragma once

#include <functional>

#include "base/keyed_limit.h"
#include "rendezvous/board.h"
#include "rendezvous/client_rates.h"
#include "rendezvous/verifier.h"

namespace goop::rendezvous {

class Journal;

namespace registration {
class Registration;
}

struct Answer {
  std::optional<Error> refused;  // invalid, unverified, conflict, forbidden, busy, storage
  Duration retry_after{};        // of busy
  std::optional<std::int64_t> clock_difference_ms;
  bool proves = false;        // a fresh message that its peer has signed
  std::int64_t ts = 0;        // of what proves
  bool unregistered = false;  // so nobody hears of it
};

struct IngestCounters {
  std::uint64_t accepted = 0, duplicates = 0, malformed = 0, refused = 0, over_budget = 0,
                unregistered = 0;
};

class Ingest {
 public:
  using Told = std::function<void(const p2p::PeerId& peer, const Outcome& outcome)>;

  // `told` hears of everything that was applied.
  Ingest(Runtime& runtime, Board& board, Told told);

  // From now on nothing is acknowledged before it is on disk.
  void use(Journal* journal) { journal_ = journal; }

  // From now on only who has registered appears; of others nothing is kept or passed on.
  void ask(const registration::Registration& registration) { registration_ = &registration; }

  // `only`: whom a message over this socket may be about. `address`: see counted_as().
  // When it returns without a refusal the message is on the board and, with a journal, on disk.
  Task<Answer> publish(std::string text, net::IpAddress address, std::optional<p2p::PeerId> only);

  Task<> stop() { return verifier_.stop(); }
  const IngestCounters& counters() const { return counters_; }
  std::uint64_t signatures_checked() const { return verifier_.checked(); }

 private:
  Answer refuse(Error error);
  Answer busy(std::string text, Duration wait);
  Result<wire::PresenceMessage> read(const std::string& text,
                                     const std::optional<p2p::PeerId>& only) const;
  bool is_registered(const wire::PresenceMessage& message) const;
  std::optional<Answer> answer_to(const Outcome& outcome);
  Duration identity_wait(const wire::PresenceMessage& message, const net::IpAddress& address);

  Runtime& runtime_;
  Board& board_;
  Journal* journal_ = nullptr;
  const registration::Registration* registration_ = nullptr;  // null: everybody appears
  Told told_;
  Verifier verifier_;
  ClientRates by_client_;
  KeyedLimit<p2p::PeerId> by_identity_;
  KeyedLimit<std::string> by_claim_;  // of unsigned messages: the id together with the address
  IngestCounters counters_;
};

}  // namespace goop::rendezvous
