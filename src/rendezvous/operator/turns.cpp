#include "rendezvous/operator/turns.h"

#include <algorithm>

#include "net/network_prefix.h"
#include "rendezvous/operator/limits.h"

namespace goop::rendezvous {
namespace {

constexpr auto by_order = [](const auto* a, const auto* b) { return a->order() < b->order(); };

// Counts one more time that `key` asks; gives how long it takes to forget the times before.
Duration count(KeyedLimit<net::IpAddress>& asked, const net::IpAddress& key, Instant now) {
  const auto owed = asked.take(key, now);
  if (owed > Duration::zero() && owed < limits::tries_remembered) asked.charge(key, now, 1);
  return owed;
}

TokenBucket share() {
  return {limits::password_share, std::chrono::duration<double>(limits::password_burst).count()};
}

}  // namespace

// Counts `place` among those that wait, while it lives.
class Turns::Waiting {
 public:
  Waiting(Turns& turns, Place& place) : turns_(turns), place_(place) {
    turns_.waiting_.push_back(&place_);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    std::erase(turns_.waiting_, &place_);
    turns_.changed_.notify_all();
  }

 private:
  Turns& turns_;
  Place& place_;
};

Turns::Turn::Turn(Turns& turns, Standing standing)
    : turns_(turns), standing_(standing), since_(turns.runtime_.now()) {
  turns_.taken_ = true;
}

Turns::Turn::~Turn() {
  const auto now = turns_.runtime_.now();
  // On a busy machine a check takes longer and costs no more.
  const auto took =
      std::clamp<Duration>(now - since_, limits::password_time, limits::password_time_most);
  auto& share = turns_.shares_[static_cast<std::size_t>(standing_)];
  share.spend(now, std::chrono::duration<double>(took).count());
  turns_.taken_ = false;
  turns_.changed_.notify_all();
}

Turns::Turns(Runtime& runtime)
    : runtime_(runtime),
      networks_({limits::tries_forgotten_per_second, 1, limits::limited_keys}),
      clients_({limits::tries_forgotten_per_second, 1, limits::limited_keys}),
      shares_{share(), share(), share()},
      changed_(runtime) {}

Turns::Place Turns::place_for(Standing standing, const Asker& asker) {
  const auto now = runtime_.now();
  const auto block = net::network_of(asker.address, net::prefix::network);
  const auto network = count(networks_, block, now);
  const auto client = count(clients_, asker.client, now);
  return {standing, network, client, ++number_};
}

Duration Turns::pause_of(const Place& place) {
  return shares_[static_cast<std::size_t>(place.standing)].wait(runtime_.now(), 0);
}

// Who has used up the share of their standing holds up nobody of another.
bool Turns::is_next(const Place& place) {
  return std::ranges::none_of(waiting_, [&](const Place* other) {
    return by_order(other, &place) && pause_of(*other) == Duration::zero();
  });
}

void Turns::drop_last() {
  const auto last = std::ranges::max_element(waiting_, by_order);
  (*last)->dropped = true;
  waiting_.erase(last);
  changed_.notify_all();
}

Task<std::unique_ptr<Turns::Turn>> Turns::take(Standing standing, Asker asker) {
  auto place = place_for(standing, asker);
  const Waiting counted(*this, place);
  if (waiting_.size() > limits::password_queue) drop_last();
  while (!place.dropped) {
    auto until = Deadline::never();
    if (!taken_) {
      const auto pause = pause_of(place);
      if (pause > Duration::zero()) {
        until = Deadline::after(runtime_.now(), std::max<Duration>(pause, 1ms));
      } else if (is_next(place)) {
        co_return std::make_unique<Turn>(*this, standing);
      }
    }
    co_await changed_.wait_until(until);
  }
  co_return nullptr;
}

}  // namespace goop::rendezvous
