// What is still to be told to one server: the newest message of each kind, in the order of asking.
//
// A message says all there is to say of us, so an older one of the same kind is of no use any more;
// and who leaves has nothing else to say. It never holds more than one of each kind.
//
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/presence.h"

namespace goop::peer::links {

struct Letter {
  wire::PresenceType type = wire::PresenceType::update;
  std::string text;
  std::string with_registration;  // for a server that registers; empty: we are registered nowhere
  std::uint64_t number = 0;
};

class Outbox {
 public:
  void put(wire::PresenceType type, std::string text, std::string with_registration = {}) {
    if (type == wire::PresenceType::offline) {
      waiting_.clear();
      newest_.reset();
    }
    std::erase_if(waiting_, [type](const Letter& letter) { return letter.type == type; });
    waiting_.push_back({type, std::move(text), std::move(with_registration), ++numbers_});
    if (type != wire::PresenceType::offline) newest_ = waiting_.back();
  }

  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  const Letter& front() const { return waiting_.front(); }

  // It and everything older is told; what was put meanwhile stays.
  void told(const Letter& letter) {
    std::erase_if(waiting_, [&](const Letter& each) { return each.number <= letter.number; });
  }

  // What we last said of us, told or not; nothing when that was goodbye.
  const std::optional<Letter>& newest() const { return newest_; }

 private:
  std::vector<Letter> waiting_;
  std::optional<Letter> newest_;
  std::uint64_t numbers_ = 0;
};

}  // namespace goop::peer::links
