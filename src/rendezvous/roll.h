// Who is here, in the order of labels and to be searched: what the operator's page asks for every
// few seconds.
//
//   co_await roll.ready();
//   auto found = roll.find("ann", 200);
//   roll.hear(changes);                  // every change of the board
//
// To sort and search a board of thousands takes milliseconds in which nobody else is served. So the
// order is made once, some at a time, for the first question, and follows the changes from then on.
// When nobody has asked for a while it is forgotten: most of the time no operator looks.
//
// Borrows: Runtime, Board.   Thread: loop only.   Limits: operator/limits.h, "what is shown"
#pragma once

#include <set>
#include <span>
#include <unordered_map>

#include "base/runtime.h"
#include "rendezvous/board.h"

namespace goop::rendezvous {

class Roll {
 public:
  Roll(Runtime& runtime, const Board& board) : runtime_(runtime), board_(board) {}

  Task<> ready();  // to be asked; stays so until forget_unasked

  struct Found {
    std::size_t count = 0;
    std::vector<p2p::PeerId> first;  // by label
  };
  // Whose label, e-mail or id holds `search`, whatever the case of its ASCII letters. Empty: all.
  Found find(std::string_view search, std::size_t room) const;

  void hear(std::span<const Change> changes);
  void forget_unasked();
  std::size_t size() const { return order_.size(); }

 private:
  struct Entry {
    std::string label;
    p2p::PeerId peer;
    std::string text;  // to search in

    bool operator<(const Entry& other) const {
      return std::tie(label, peer) < std::tie(other.label, other.peer);
    }
  };
  using Order = std::set<Entry>;

  void enter(const wire::Presence& presence);
  void leave(const p2p::PeerId& peer);

  Runtime& runtime_;
  const Board& board_;
  bool kept_ = false;
  std::vector<p2p::PeerId> missing_;  // of a board that was there before
  Instant asked_{};
  Order order_;
  std::unordered_map<p2p::PeerId, Order::iterator> places_;
};

}  // namespace goop::rendezvous
