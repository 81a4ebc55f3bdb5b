// The own share of the board: the peers whose word came to this server, and what others must hear
// of them.
//
// What is to be told is a set of peers, not a queue of messages: whatever happens while nothing can
// be sent costs one place per peer, and what goes out then is the newest. A heartbeat that says
// nothing new is not told; each row's newest message goes out once a minute, so that everybody's
// signature stays fresh everywhere.
//
// Pure.   Borrows: Board.   Limits: limits.h, "what is sent". Beyond `waiting` everything that
// waits is dropped and a number skipped, at which the others ask for the whole share.
#pragma once

#include <unordered_map>

#include "rendezvous/backplane/frame.h"
#include "rendezvous/board.h"

namespace goop::rendezvous::backplane {

class OwnShare {
 public:
  explicit OwnShare(const Board& board) : board_(board) {}

  // What clients of this server, silence or the operator did to the board.
  void changed(std::span<const Change> changes, Instant now);
  // Looks for rows that began or ended to live here without a change, and for those to be repeated.
  void look(Instant now);
  // Says the whole share again, unless that is going on.
  void say_again();

  // The next news, if there are any.
  std::optional<News> next(Instant now);
  Pulse pulse() const { return {number_, mine_.size(), sum_}; }

  std::size_t size() const { return mine_.size(); }
  std::size_t waiting() const { return waiting_.size(); }
  std::uint64_t overflows() const { return overflows_; }

 private:
  struct Mine {
    Instant sent{};
  };

  void wait(const p2p::PeerId& peer, Message last);
  std::optional<Entry> entry_for(const p2p::PeerId& peer, const Message& last, Instant now);
  void fill(News& news, Instant now);
  void fill_again(News& news, Instant now);

  const Board& board_;
  std::unordered_map<p2p::PeerId, Mine> mine_;  // what others were told to be here
  std::unordered_map<p2p::PeerId, Message>
      waiting_;                     // of those that left: their last word, or null
  std::vector<p2p::PeerId> again_;  // of the share that is being said again: what is left of it
  bool begin_again_ = false;
  bool saying_again_ = false;
  std::uint64_t number_ = 0, sum_ = 0, overflows_ = 0;
};

}  // namespace goop::rendezvous::backplane
