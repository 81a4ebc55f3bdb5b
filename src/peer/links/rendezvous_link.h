// The link to one rendezvous server: tells it that we are here, and hears from it who else is.
//
//   run():   LinkState says what to do next ─> connect, introduce, listen, wait ─┐
//              ^──────────────────────── how it went ────────────────────────────┘
//   send():  Outbox ─> WebSocket while there is one, else POST /publish
//
// The name is resolved at every attempt and for ever, so a peer that was started offline, or whose
// server moved, comes online by itself. A socket is opened while the event stream that it replaces
// still runs: nothing is missed in between.
//
// What a server sends faster than it can be taken is left in the socket: the server waits, not we.
//
// Owns: connection, outbox, roster.   Borrows: Runtime, Dialer.   Thread: loop only.
// Spec: docs/dev/protocols/rendezvous-client.md.   Limits: limits.h
#pragma once

#include <functional>

#include "base/rate_limit.h"
#include "base/task_scope.h"
#include "net/http/fetch.h"
#include "p2p/multi/address_scope.h"
#include "peer/links/link_state.h"
#include "peer/links/outbox.h"
#include "peer/links/roster.h"
#include "peer/links/stream_words.h"

namespace goop::peer::links {

// Which server spoke, and how far away it is.
struct Server {
  std::string url;
  p2p::AddressScope scope = p2p::AddressScope::public_net;
};

LinkState::Refusal refusal_of(const net::http::Answer& answer);
// It took the message and shows it to nobody, until we have registered there.
bool wants_registration(const net::http::Answer& answer);

class RendezvousLink {
 public:
  struct Out {
    // An error: not now. The message is offered again in a moment, and the server waits: a delta
    // stream would not repeat it.
    std::function<Result<void>(const Server&, const wire::PresenceMessage&)> heard;
    // The server says that these are still here, although there is no news of them; now and then.
    std::function<void(const std::vector<p2p::PeerId>&)> still_here;
    // It does not name them any more.
    std::function<void(const std::vector<p2p::PeerId>&)> gone;
    // A new message of ours would be welcome: it proves a socket that was just opened.
    std::function<void()> wanted;
    std::function<void(const LinkStatus&)> status_changed;
    // Our socket and another of our identity meet at the server: where the other one comes from,
    // and the number of the message that proved it. What to tell a person; nothing: it was our own.
    std::function<std::optional<std::string>(std::int64_t ts, const std::string& address)> twin =
        [](std::int64_t, const std::string&) { return std::nullopt; };
  };
  RendezvousLink(Runtime& runtime, net::http::Dialer& dialer, net::http::HttpUrl url,
                 p2p::PeerId self, Out out);

  void start();
  Task<> stop(Deadline by);  // says nothing: flush first

  // Takes the place of an untold one of its kind. `with_registration`: the same with our e-mail
  // address and token, told only to a server that says that it registers; empty: there is none.
  void publish(wire::PresenceType type, std::string text, std::string with_registration = {});
  // Until all that was published is told. Where the server cannot be reached it is tried once, if
  // it may still show us, and given up.
  Task<> flush(Deadline by);

  void hurry();  // the network changed

  LinkStatus status() const;
  bool delta() const { return delta_; }  // it tells changes only
  bool lists(const p2p::PeerId& peer) const { return up() && delta_ && roster_.has(peer); }

  struct Counters {
    std::uint64_t heard = 0, malformed = 0, held_back = 0;
    std::uint64_t sent = 0, posted = 0, refused = 0, sockets = 0, streams = 0;
  };
  const Counters& counters() const { return counters_; }

 private:
  using Socket = std::shared_ptr<net::http::WebSocket>;
  struct StreamEnd {
    std::optional<Error> error;
  };

  LinkState::Moment moment();
  bool up() const { return is_up(state_.phase()); }
  void tell();  // after anything that may have changed the status

  Task<> run();
  Task<> wait();
  Task<> try_socket();
  Task<net::http::WebSocketAnswer> open_socket(Deadline by);
  Task<> introduce();
  Task<> try_events();
  Task<> run_socket(net::http::WebSocketAnswer opened);
  Task<> read_socket(Socket socket);
  Task<> run_events(std::unique_ptr<net::http::EventReader> events);
  Task<> read_events(std::unique_ptr<net::http::EventReader> events);
  Task<> probe();
  Task<bool> find_socket();
  Task<> remind();
  Task<> send();
  Task<std::string> words_of(Letter letter);
  Task<net::http::Answer> post(std::string text, Deadline by);
  Task<> send_front();
  void posted(const Letter& letter, const Result<net::http::Answer>& answer);
  bool can_send() const;

  void stream_ends();
  std::string resume_id();
  Task<> take(Result<Told> told);
  bool take_told(const Told& told);  // false: not now
  Task<> ask_whether_it_registers();
  Task<> weigh(wire::PresenceMessage& message);
  void take_change(const wire::PresenceMessage& message);

  Runtime& runtime_;
  net::http::Dialer& dialer_;
  net::http::HttpUrl url_;
  p2p::PeerId self_;
  Out out_;
  Server server_;
  LinkState state_;
  LinkStatus shown_;  // as last told

  Socket socket_;
  std::optional<net::http::WebSocketAnswer> found_;  // by the probe
  std::optional<StreamEnd> stream_end_;
  bool delta_ = false, in_snapshot_ = false, stopping_ = false;
  std::string last_id_;
  Roster roster_;
  TokenBucket flow_{limits::message_rate, limits::message_burst};
  std::size_t in_turn_ = 0;

  Outbox outbox_;
  std::optional<bool> registers_;       // whether it does; nothing: not known, or not any more
  Deadline ask_after_{Instant::min()};  // whether it registers, for the sake of what it tells
  Deadline send_after_{Instant::min()};
  std::optional<Instant> last_told_;  // something of ours was taken
  bool refused_ = false;              // the last frame
  std::optional<std::string> twin_;   // another computer with our identity is at the server
  Counters counters_;
  Signal outbox_news_, stage_news_, told_, hurried_;
  TaskScope stage_;  // what runs while one stream is open
  TaskScope tasks_;
};

}  // namespace goop::peer::links
