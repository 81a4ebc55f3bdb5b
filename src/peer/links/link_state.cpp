#include "peer/links/link_state.h"

#include <charconv>
#include <cmath>
#include <utility>

namespace goop::peer::links {
namespace {

std::string describe(std::string_view what, const LinkState::Refusal& refusal) {
  auto text = fmt::format("{}: {}", what, refusal.status);
  if (!refusal.text.empty()) text.append(" ").append(refusal.text);
  return text;
}

bool is_overload(int status) { return status == 429 || status == 503; }
bool is_gateway_error(int status) { return status == 502 || status == 504; }

std::chrono::milliseconds in_ms(Duration span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span);
}

}  // namespace

std::string_view name(Phase phase) {
  switch (phase) {
    case Phase::connecting:
      return "connecting";
    case Phase::introducing:
      return "introducing";
    case Phase::socket:
      return "websocket";
    case Phase::events:
      return "events";
    case Phase::waiting:
      return "waiting";
    case Phase::stopped:
      return "stopped";
  }
  return "";
}

std::optional<Duration> parse_retry_after(std::optional<std::string_view> field) {
  if (!field) return std::nullopt;
  std::uint32_t seconds = 0;
  const auto* end = field->data() + field->size();
  const auto read = std::from_chars(field->data(), end, seconds);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return std::min<Duration>(std::chrono::seconds(seconds), limits::retry_after_most);
}

// --- moving ---

void LinkState::enter(Phase phase, Step step, Moment now) {
  if (is_up(status_.phase)) last_up_ = now.at;
  if (phase != status_.phase || status_.since == WallTime{}) status_.since = now.wall;
  status_.phase = phase;
  status_.next_try.reset();
  step_ = step;
}

void LinkState::wait(Duration span, std::string why, Moment now) {
  enter(Phase::waiting, Step::wait, now);
  status_.error = std::move(why);
  status_.next_try = now.wall + in_ms(span);
  due_ = saturating_add(now.at, span);
}

void LinkState::back_off(std::string why, Moment now) {
  const int doublings = std::min(failures_++, 10);
  const auto most =
      std::min<Duration>(limits::back_off_first * (1 << doublings), limits::back_off_most);
  const auto room = std::chrono::duration<double>(most - limits::back_off_least) * now.chance;
  obeying_ = false;
  wait(limits::back_off_least + std::chrono::duration_cast<Duration>(room), std::move(why), now);
}

void LinkState::refused(const Refusal& refusal, std::string_view what, Moment now) {
  if (!refusal.retry_after) return back_off(describe(what, refusal), now);
  // A crowd that was told the same time comes back one after the other.
  const auto span = std::max<Duration>(*refusal.retry_after, limits::back_off_least);
  const auto more = std::chrono::duration<double>(span) * (now.chance / 4);
  ++failures_;
  obeying_ = true;
  wait(span + std::chrono::duration_cast<Duration>(more), describe(what, refusal), now);
}

void LinkState::doubt(std::string why, Moment now) {
  if (++doubtful_ < limits::doubtful_failures) return back_off(std::move(why), now);
  doubtful_ = 0;
  enter(Phase::connecting, Step::events, now);
  status_.error = std::move(why);
}

void LinkState::begin(Moment now) {
  enter(Phase::connecting, Step::socket, now);
  unseen_ = false;
}

void LinkState::stopped(Moment now) {
  enter(Phase::stopped, Step::wait, now);
  due_ = Instant::max();
}

void LinkState::hurry(Moment now) {
  if (phase() != Phase::waiting || obeying_) return;
  failures_ = 0;
  const auto soon = saturating_add(
      now.at, std::chrono::duration_cast<Duration>(
                  std::chrono::duration<double>(limits::back_off_first) * now.chance));
  if (soon >= due_) return;
  due_ = soon;
  status_.next_try = now.wall + in_ms(due_ - now.at);
}

// --- WebSocket ---

void LinkState::socket_opened(Moment now) {
  enter(Phase::socket, Step::wait, now);
  status_.error.clear();
  opened_ = now.at;
  early_ = doubtful_ = 0;
}

void LinkState::socket_refused(const Refusal& refusal, Moment now) {
  constexpr std::string_view what = "WebSocket refused";
  if (refusal.status == 425) {
    if (++early_ <= limits::introductions) return enter(Phase::introducing, Step::introduce, now);
    early_ = 0;
    return back_off("the server does not show us", now);
  }
  if (is_overload(refusal.status)) return refused(refusal, what, now);
  if (is_gateway_error(refusal.status)) return doubt(describe(what, refusal), now);
  enter(Phase::connecting, Step::events, now);
  status_.error = describe(what, refusal);
}

void LinkState::socket_failed(const Error& error, Moment now) {
  switch (error.code) {
    case Errc::timeout:
      return doubt(to_string(error), now);
    // Something answered, and it was no WebSocket.
    case Errc::closed:
    case Errc::violation:
    case Errc::invalid:
    case Errc::too_large:
      enter(Phase::connecting, Step::events, now);
      status_.error = to_string(error);
      return;
    case Errc::not_found:
    case Errc::forbidden:
    case Errc::busy:
    case Errc::conflict:
    case Errc::unsupported:
    case Errc::unreachable:
    case Errc::cancelled:
    case Errc::unverified:
    case Errc::storage:
    case Errc::internal:
      doubtful_ = 0;
      return back_off(to_string(error), now);
  }
}

// --- introduction ---

void LinkState::introduced(Moment now) { enter(Phase::connecting, Step::socket, now); }

void LinkState::introduction_refused(const Refusal& refusal, Moment now) {
  refused(refusal, "presence refused", now);
}

void LinkState::introduction_failed(const Error& error, Moment now) {
  back_off(to_string(error), now);
}

void LinkState::nothing_to_say(Moment now) { enter(Phase::connecting, Step::events, now); }

void LinkState::unseen(Moment now) {
  enter(Phase::connecting, Step::events, now);
  unseen_ = true;
}

// --- event stream ---

void LinkState::events_opened(Moment now) {
  enter(Phase::events, Step::wait, now);
  if (!std::exchange(unseen_, false)) status_.error.clear();
  opened_ = now.at;
  early_ = doubtful_ = 0;
}

void LinkState::events_refused(const Refusal& refusal, Moment now) {
  refused(refusal, "event stream refused", now);
}

void LinkState::events_failed(const Error& error, Moment now) { back_off(to_string(error), now); }

void LinkState::ended(const std::optional<Error>& error, Moment now) {
  if (now.at - opened_ >= limits::settled_after) failures_ = 0;
  back_off(error ? to_string(*error) : "the server ended the connection", now);
}

void LinkState::displaced(std::string why, Moment now) {
  if (now.at - opened_ >= 2 * limits::twin_most) displaced_ = 0;
  const int doublings = std::min(displaced_++, 10);
  const auto span = std::min<Duration>(limits::twin_first * (1 << doublings), limits::twin_most);
  const auto more = std::chrono::duration<double>(span) * (now.chance / 4);
  obeying_ = true;
  wait(span + std::chrono::duration_cast<Duration>(more), std::move(why), now);
}

// --- our messages ---

void LinkState::taken() {
  status_.clock_ahead.reset();
  if (is_up(phase())) status_.error.clear();
}

void LinkState::not_taken(std::string why, std::optional<std::chrono::milliseconds> clock_ahead) {
  status_.error = std::move(why);
  status_.clock_ahead = clock_ahead;
}

}  // namespace goop::peer::links
