// What one connection holds for its peer, and what that costs the peer's budget.
//
// There are two claims: window growth, promised before the other side may use it, and the blocks
// that unread data keeps alive, counted as they come in. Data fills promised room first, so the
// larger of the two is charged. It is charged in steps and given back late, so a stream that is
// read as fast as it comes asks for nothing.
//
// Shared with the streams: a reader may empty one after its connection has ended.
// Thread: loop only.   Limits: limits::charge_step, limits::charge_slack.
#pragma once

#include <cstddef>
#include <functional>

namespace goop::p2p::mux {

class Holdings {
 public:
  enum class Use { growth, data };  // growth is a favour, and refused earlier

  // Asked for a new total; false: it stays as it was. A smaller total is never refused.
  using Charge = std::function<bool(std::size_t total, Use use)>;
  explicit Holdings(Charge charge) : charge_(std::move(charge)) {}
  Holdings(const Holdings&) = delete;
  Holdings& operator=(const Holdings&) = delete;

  [[nodiscard]] bool promise(std::size_t growth);
  void take_back(std::size_t growth);
  [[nodiscard]] bool hold(std::size_t bytes);
  void release(std::size_t bytes);
  void settle();  // gives back whatever is charged and not needed; now and then

  std::size_t promised() const { return promised_; }
  std::size_t held() const { return held_; }
  std::size_t charged() const { return charged_; }

 private:
  std::size_t needed() const;
  bool cover(Use use);
  void shrink();

  Charge charge_;  // empty: nothing is refused
  std::size_t promised_ = 0, held_ = 0, charged_ = 0;
};

}  // namespace goop::p2p::mux
