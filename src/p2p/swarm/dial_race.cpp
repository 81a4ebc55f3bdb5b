#include <algorithm>

#include "p2p/swarm/dial_plan.h"
#include "p2p/swarm/limits.h"

namespace goop::p2p {
namespace {

// How much a reason says about the peer; `busy` and `cancelled` are our own doing.
int telling(Errc code) {
  if (code == Errc::unverified) return 3;
  if (code == Errc::unreachable || code == Errc::timeout) return 1;
  if (code == Errc::busy || code == Errc::cancelled) return 0;
  return 2;
}

}  // namespace

DialRace::DialRace(std::vector<DialAttempt> attempts, Instant start, Attempts attempts_known)
    : attempts_(std::move(attempts)),
      lanes_(attempts_.size()),
      start_(start),
      known_(attempts_known) {}

void DialRace::add(std::vector<DialAttempt> attempts, Instant now) {
  // Those that wait are in the order of their turns, behind those that were started.
  const auto started = static_cast<std::ptrdiff_t>(lanes_.size() - count(State::waiting));
  for (DialAttempt& attempt : attempts) {
    if (attempts_.size() == limits::dial_addresses) break;
    if (std::ranges::find(attempts_, attempt.address, &DialAttempt::address) != attempts_.end()) {
      continue;
    }
    attempt.delay += now - start_;
    const auto waiting = std::ranges::subrange(attempts_.begin() + started, attempts_.end());
    const auto turn = std::ranges::upper_bound(waiting, attempt.delay, {}, &DialAttempt::delay);
    attempts_.insert(turn, std::move(attempt));
    lanes_.emplace_back();
  }
}

std::size_t DialRace::count(State state) const {
  return static_cast<std::size_t>(std::ranges::count(lanes_, state, &Lane::state));
}

DialRace::Step DialRace::next(Instant now) {
  Step step;
  if (winner_) return step;
  std::size_t running = count(State::running);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i].state != State::waiting) continue;
    if (running == limits::dial_parallel) break;  // a report comes first
    const Instant due = saturating_add(start_, attempts_[i].delay);
    if (due > now && running > 0) {
      step.again = due;
      break;
    }
    // With nothing under way there is nothing to give a head start to: the clock moves on to it.
    if (due > now) start_ = now - attempts_[i].delay;
    lanes_[i].state = State::running;
    step.start.push_back(i);
    ++running;
  }
  return step;
}

void DialRace::failed(std::size_t i, Error why) {
  if (lanes_[i].state != State::running) return;
  lanes_[i].state = State::failed;
  lanes_[i].why = std::move(why);
}

void DialRace::connected(std::size_t i) {
  if (lanes_[i].state != State::running || winner_) return;
  lanes_[i].state = State::won;
  winner_ = i;
}

bool DialRace::over() const {
  return winner_ || (known_ == Attempts::all_known && count(State::failed) == lanes_.size());
}

std::vector<std::size_t> DialRace::running() const {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i].state == State::running) result.push_back(i);
  }
  return result;
}

Error DialRace::error() const {
  Error error{Errc::unreachable, {}};
  int best = -1;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i].why) continue;
    if (const int weight = telling(lanes_[i].why->code); weight > best) {
      best = weight;
      error.code = lanes_[i].why->code;
    }
    if (!error.detail.empty()) error.detail += "; ";
    error.detail += fmt::format("{}: {}", attempts_[i].address, *lanes_[i].why);
  }
  return error;
}

}  // namespace goop::p2p
