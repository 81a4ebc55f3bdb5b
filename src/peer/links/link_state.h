// What a link to one rendezvous server does next, and what a person is told about it.
//
//   connecting ─101─> socket ─ended─> waiting ─time─> connecting
//     │ 425 ─> introducing (POST /publish) ─taken─> connecting
//     │                                     └─not registered─> events
//     │ any other answer ─> events (a stream, and POST) ─a WebSocket after all─> socket
//     │ nobody there, 429, 503 ─> waiting              └─ended─> waiting
//
// Answers are told apart by their number, never by their text. Waiting grows from a quarter of a
// second to half a minute, at random, so that ten thousand peers do not come back in one moment;
// it begins anew after a link that held for a while. A server that says `Retry-After` is obeyed.
// Two time-outs or gateway errors in a row count as "no WebSocket here": some proxies swallow the
// handshake.
//
// Pure.   Spec: docs/dev/protocols/rendezvous-client.md.   Limits: limits.h
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "peer/links/limits.h"

namespace goop::peer::links {

enum class Phase { connecting, introducing, socket, events, waiting, stopped };
std::string_view name(Phase phase);
constexpr bool is_up(Phase phase) { return phase == Phase::socket || phase == Phase::events; }

struct LinkStatus {
  std::string url;
  Phase phase = Phase::connecting;
  WallTime since{};                  // of the phase
  std::string error;                 // why it is not up, or the last message was not taken
  std::optional<WallTime> next_try;  // while waiting
  // Our clock less theirs, where that is why the server takes nothing of us.
  std::optional<std::chrono::milliseconds> clock_ahead;

  bool operator==(const LinkStatus&) const = default;
};

class LinkState {
 public:
  // Both clocks, and a number in [0, 1) from the runtime's generator.
  struct Moment {
    Instant at;
    WallTime wall;
    double chance;
  };
  struct Refusal {
    int status;
    std::optional<Duration> retry_after;
    std::string text;
  };

  enum class Step { socket, introduce, events, wait };
  Step next() const { return step_; }
  Instant due() const { return due_; }  // of the step `wait`
  // What we said last has not made the server show us: it may have heard it before.
  bool wants_news() const { return early_ > 1; }

  void begin(Moment now);  // the first try, or the next one: the wait is over
  void stopped(Moment now);
  // The network changed: what failed may work now. Not for a server that asked us to wait.
  void hurry(Moment now);

  void socket_opened(Moment now);
  void socket_refused(const Refusal& refusal, Moment now);
  void socket_failed(const Error& error, Moment now);

  void introduced(Moment now);
  void introduction_refused(const Refusal& refusal, Moment now);
  void introduction_failed(const Error& error, Moment now);
  void nothing_to_say(Moment now);  // we do not appear; listening needs no introduction
  // It shows us to nobody before we have registered, and a socket is only for those it shows. Why
  // is in the status already, and stays.
  void unseen(Moment now);

  void events_opened(Moment now);
  void events_refused(const Refusal& refusal, Moment now);
  void events_failed(const Error& error, Moment now);

  // The socket or stream that was opened is over; no error: the server closed it.
  void ended(const std::optional<Error>& error, Moment now);

  // Another computer with our identity has the socket now: whichever of the two comes back throws
  // the other out, so both wait long, and longer each time.
  void displaced(std::string why, Moment now);

  // How a message of ours fared while the link is up.
  void taken();
  void not_taken(std::string why, std::optional<std::chrono::milliseconds> clock_ahead);

  Phase phase() const { return status_.phase; }
  const LinkStatus& status() const { return status_; }  // without url
  std::optional<Instant> last_up(Instant now) const { return is_up(phase()) ? now : last_up_; }

 private:
  void enter(Phase phase, Step step, Moment now);
  void back_off(std::string why, Moment now);
  void wait(Duration span, std::string why, Moment now);
  void refused(const Refusal& refusal, std::string_view what, Moment now);
  void doubt(std::string why, Moment now);

  LinkStatus status_;
  Step step_ = Step::socket;
  Instant due_{}, opened_{};
  std::optional<Instant> last_up_;
  int failures_ = 0;      // since the last success
  int displaced_ = 0;     // since a socket that held for long
  int early_ = 0;         // 425 since the last success
  int doubtful_ = 0;      // failures that may be a proxy's
  bool obeying_ = false;  // the wait was asked for
  bool unseen_ = false;   // the stream to be opened ends nothing that the status says
};

// What `Retry-After` says; nothing where it is missing or a date.
std::optional<Duration> parse_retry_after(std::optional<std::string_view> field);

}  // namespace goop::peer::links
