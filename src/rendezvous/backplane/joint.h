// One board that several servers have in common: what the others must hear from here, and what
// their words do to the board here.
//
//   joint.changed(changes, now);                    // by clients of this server, or silence
//   for (auto& frame : joint.send(now)) publish(frame);
//
//   auto work = joint.take(frame, now, wall);       // what needs a look at its signature
//   … check_signature(each.message) …
//   auto told = joint.finish(work, now, wall);      // what that did to the board
//
// A server vouches for the peers whose word came to it; as long as it does, their rows stay
// everywhere. It is believed in nothing else: a row is made and changed by the peer's own message
// alone, whose signature is checked again here, and a word of another server keeps a row for five
// minutes at most after such a message. Whoever forges frames can bring unsigned rows, delay the
// end of a row and let it end sooner where nobody contradicts; see the decision record.
//
// Pure.   Borrows: Board.   Limits: limits.h.   Times: timing.h
// Spec:   docs/dev/protocols/backplane.md, docs/dev/decisions/0006-servers-of-one-board.md
#pragma once

#include "rendezvous/backplane/others.h"
#include "rendezvous/backplane/own_share.h"

namespace goop::rendezvous::backplane {

// A message of another server that may change the board.
struct Candidate {
  wire::PresenceMessage message;
  net::IpAddress address;
  std::size_t bytes = 0;
  bool left = false;  // that server has its peer no more
  bool good = true;   // for the one who checks: its signature, where it has one
};

struct Told {
  p2p::PeerId peer;
  Outcome outcome;
};

struct JointCounters {
  std::uint64_t frames_in = 0, frames_out = 0, malformed = 0, strangers = 0, taken = 0, known = 0,
                refused = 0, forged = 0, asked = 0, said_again = 0;
};

class Joint {
 public:
  Joint(ServerId self, Board& board);

  void changed(std::span<const Change> changes, Instant now) { own_.changed(changes, now); }

  // NATS is there, or away: then nothing is to be sent, and the others are waited for longer.
  void connected(Instant now);
  void disconnected();

  // To be said about a peer with a socket here. Lost when there is no room, or no NATS.
  void meet(Meet meeting);
  // What others said of that, since the last call.
  std::vector<Meet> met() { return std::exchange(met_, {}); }

  std::vector<Bytes> send(Instant now);
  Bytes farewell() const;

  std::vector<Candidate> take(BytesView frame, Instant now, WallTime wall);
  std::vector<Told> finish(std::vector<Candidate> checked, Instant now, WallTime wall);

  // Lets go of servers that are silent. Gives them, for the log.
  std::vector<ServerId> expire(Instant now);

  std::size_t servers() const { return others_.servers(); }
  bool whole() const { return others_.in_step() == others_.servers(); }
  const OwnShare& own() const { return own_; }
  const Timing& timing() const { return timing_; }
  const JointCounters& counters() const { return counters_; }

 private:
  void take(ServerId from, const Pulse& pulse, Instant now);
  void take(ServerId from, const Ask& ask);
  std::vector<Candidate> take(ServerId from, const News& news, Instant now, WallTime wall);
  std::optional<Candidate> consider(const Entry& entry, Instant now, WallTime wall);
  void let_go(const Others::Gone& gone, Instant now);
  Bytes frame(std::variant<Pulse, News, Ask, Meet, Bye> what);

  const ServerId self_;
  Board& board_;
  Timing timing_;
  OwnShare own_;
  Others others_;
  bool connected_ = false;
  bool hail_ = false;  // the next pulse asks for everybody's
  Instant pulse_at_{};
  std::vector<Meet> meetings_, met_;  // to be said, heard
  JointCounters counters_;
};

}  // namespace goop::rendezvous::backplane
