#include "peer/links/rendezvous_link.h"

#include "base/log.h"
#include "base/supervised.h"
#include "net/http/target.h"

namespace goop::peer::links {

namespace http = net::http;
namespace ws = net::http::ws;

namespace {

constexpr std::string_view delta_protocol = "goop.presence.delta";
constexpr std::string_view replaced_reason = "replaced";  // another socket of ours took its place

// Of a server whose address is not seen yet, or never: by its name alone.
p2p::AddressScope scope_of(const http::HttpUrl& url) {
  if (const auto address = url.address()) return p2p::scope_of(*address);
  return p2p::scope_of_name(url.host());
}

http::WebSocketWish wish() {
  http::WebSocketWish wish;
  wish.subprotocols = {delta_protocol};
  wish.options.max_message = limits::frame_bytes;
  wish.options.silence = limits::silence;
  wish.options.ping_every = limits::ping_every;
  wish.options.write_time = limits::write_time;
  return wish;
}

Task<> keep_alive(std::shared_ptr<http::WebSocket> socket) { co_await socket->keep_alive(); }

}  // namespace

RendezvousLink::RendezvousLink(Runtime& runtime, http::Dialer& dialer, http::HttpUrl url,
                               p2p::PeerId self, Out out)
    : runtime_(runtime),
      dialer_(dialer),
      url_(std::move(url)),
      self_(self),
      out_(std::move(out)),
      server_{url_.text(), scope_of(url_)},
      outbox_news_(runtime),
      stage_news_(runtime),
      told_(runtime),
      hurried_(runtime),
      stage_(runtime, "link stream"),
      tasks_(runtime, "link") {
  while (server_.url.ends_with('/')) server_.url.pop_back();
}

LinkState::Moment RendezvousLink::moment() {
  constexpr std::uint64_t fine = 1 << 20;
  const double chance = static_cast<double>(runtime_.random_below(fine)) / fine;
  return {runtime_.now(), runtime_.wall(), chance};
}

LinkStatus RendezvousLink::status() const {
  auto status = state_.status();
  status.url = server_.url;
  return status;
}

void RendezvousLink::tell() {
  auto status = this->status();
  if (status == shown_) return;
  if (status.phase != shown_.phase || status.error != shown_.error) {
    log::debug("link." + std::string(name(status.phase)),
               {{"server", status.url}, {"error", status.error}});
  }
  shown_ = std::move(status);
  out_.status_changed(shown_);
}

// --- life ---

void RendezvousLink::start() {
  state_.begin(moment());
  tasks_.spawn(supervised(runtime_, "link", [this] { return run(); }));
  tasks_.spawn(supervised(runtime_, "link sender", [this] { return send(); }));
}

Task<> RendezvousLink::stop(Deadline by) {
  if (stopping_) co_return;
  stopping_ = true;
  if (const auto socket = socket_) {
    const auto farewell = Deadline::after(runtime_.now(), limits::farewell_time).sooner(by);
    ws::Close why{ws::close_code::going_away, {}};
    auto closing = socket->close(std::move(why), farewell);
    co_await attempt(std::move(closing));
  }
  co_await tasks_.close();
  co_await stage_.close();
  socket_.reset();
  found_.reset();
  state_.stopped(moment());
  tell();
}

Task<> RendezvousLink::run() {
  stage_.cancel();  // of a run that failed
  co_await stage_.join();
  socket_.reset();
  while (!stopping_) {
    switch (state_.next()) {
      case LinkState::Step::socket:
        co_await try_socket();
        break;
      case LinkState::Step::introduce:
        co_await introduce();
        break;
      case LinkState::Step::events:
        co_await try_events();
        break;
      case LinkState::Step::wait:
        co_await wait();
        break;
    }
    tell();
  }
}

Task<> RendezvousLink::wait() {
  while (runtime_.now() < state_.due()) {
    const Deadline due{state_.due()};
    co_await hurried_.wait_until(due);
  }
  state_.begin(moment());
}

void RendezvousLink::hurry() {
  state_.hurry(moment());
  hurried_.notify_all();
  tell();
}

// --- WebSocket ---

Task<http::WebSocketAnswer> RendezvousLink::open_socket(Deadline by) {
  auto target = fmt::format("/ws?peer_id={}", self_);
  if (const auto id = resume_id(); !id.empty()) {
    target += "&last_event_id=" + http::percent_encode(id);
  }
  auto asked = wish();
  co_return co_await http::open_websocket(dialer_, url_.below(target), std::move(asked), by);
}

Task<> RendezvousLink::try_socket() {
  tell();
  auto opening = open_socket(Deadline::after(runtime_.now(), limits::open_time));
  auto opened = co_await attempt(std::move(opening));
  if (!opened) {
    state_.socket_failed(opened.error(), moment());
  } else if (!opened->socket) {
    state_.socket_refused(refusal_of(opened->answer), moment());
  } else {
    co_await run_socket(std::move(*opened));
  }
}

Task<> RendezvousLink::run_socket(http::WebSocketAnswer opened) {
  ++counters_.sockets;
  socket_ = std::move(opened.socket);
  delta_ = opened.subprotocol == delta_protocol;
  in_snapshot_ = refused_ = false;
  twin_.reset();
  server_.scope = p2p::scope_of(socket_->remote().address);
  state_.socket_opened(moment());
  tell();
  stage_.spawn(keep_alive(socket_));
  stage_.spawn(remind());
  if (outbox_.empty()) out_.wanted();
  send_after_ = {Instant::min()};
  outbox_news_.notify_all();

  auto reading = read_socket(socket_);
  const auto read = co_await attempt(std::move(reading));
  std::optional<Error> error;
  if (!read) {
    error = read.error();
  } else if (const auto& close = socket_->their_close(); close && !close->reason.empty()) {
    error = Error{Errc::closed, "the server ended the connection: " +
                                    printable(close->reason, limits::error_bytes)};
  }
  const auto& close = socket_->their_close();
  if (twin_ && close && close->reason == replaced_reason) {
    state_.displaced(*std::exchange(twin_, std::nullopt), moment());
  } else {
    state_.ended(error, moment());
  }
  stream_ends();
  stage_.cancel();
  co_await stage_.join();
  socket_.reset();
}

Task<> RendezvousLink::read_socket(Socket socket) {
  // Who stops may find nobody reading, and then reads the closing handshake itself.
  while (!stopping_) {
    const auto message = co_await socket->read(Deadline::never());
    if (!message) co_return;
    auto told = read_frame(message->text());
    co_await take(std::move(told));
  }
}

// --- introduction ---

// A server lets only peers open a socket that it knows already.
Task<> RendezvousLink::introduce() {
  tell();
  const auto by = Deadline::after(runtime_.now(), limits::introduce_time);
  const bool anew = state_.wants_news() && outbox_.empty();
  if (anew) out_.wanted();
  while (!outbox_.newest() || (anew && outbox_.empty())) {
    const auto why = co_await outbox_news_.wait_until(by);
    if (why == Wake::deadline && !outbox_.newest()) co_return state_.nothing_to_say(moment());
    if (why == Wake::deadline) break;
  }
  const Letter letter = *outbox_.newest();
  auto words = co_await words_of(letter);
  auto posting = post(std::move(words), Deadline::after(runtime_.now(), limits::publish_time));
  const auto answer = co_await attempt(std::move(posting));
  posted(letter, answer);
  if (!answer) {
    state_.introduction_failed(answer.error(), moment());
  } else if (wants_registration(*answer)) {
    state_.unseen(moment());
  } else if (answer->status / 100 == 2 || answer->status == 409) {  // 409: it has a newer one
    state_.introduced(moment());
  } else {
    state_.introduction_refused(refusal_of(*answer), moment());
  }
}

// --- event stream ---

Task<> RendezvousLink::try_events() {
  tell();
  const auto by = Deadline::after(runtime_.now(), limits::open_time);
  auto opening = http::open_events(dialer_, url_.below("/events?mode=delta"), resume_id(), by);
  auto opened = co_await attempt(std::move(opening));
  if (!opened) {
    state_.events_failed(opened.error(), moment());
  } else if (!opened->events) {
    state_.events_refused(refusal_of(opened->answer), moment());
  } else {
    co_await run_events(std::move(opened->events));
  }
}

Task<> RendezvousLink::run_events(std::unique_ptr<http::EventReader> events) {
  ++counters_.streams;
  server_.scope = scope_of(url_);
  state_.events_opened(moment());
  tell();
  delta_ = in_snapshot_ = false;  // until a word says that the server knows the mode
  stream_end_.reset();
  send_after_ = {Instant::min()};
  outbox_news_.notify_all();
  auto ended = [this](std::optional<Error> error) {
    stream_end_ = StreamEnd{std::move(error)};
    stage_news_.notify_all();
  };
  stage_.spawn(read_events(std::move(events)), ended);
  stage_.spawn(probe());
  stage_.spawn(remind());
  while (!stream_end_ && !found_) co_await stage_news_.wait_until(Deadline::never());

  if (!found_) state_.ended(stream_end_->error, moment());
  stream_ends();
  stage_.cancel();
  co_await stage_.join();
  if (!found_) co_return;
  auto found = *std::exchange(found_, std::nullopt);
  co_await run_socket(std::move(found));
}

Task<> RendezvousLink::read_events(std::unique_ptr<http::EventReader> events) {
  for (;;) {
    const auto event = co_await events->next();
    if (!event) co_return;
    auto told = read_event(*event);
    co_await take(std::move(told));
  }
}

// Whether WebSockets work by now; until one does.
Task<> RendezvousLink::probe() {
  auto pause = limits::first_probe;
  for (;;) {
    co_await runtime_.sleep_for(pause);
    pause = limits::probe_every;
    auto finding = find_socket();
    const auto found = co_await attempt(std::move(finding));
    if (found && *found) co_return;
  }
}

Task<bool> RendezvousLink::find_socket() {
  if (!outbox_.newest()) co_return false;  // who does not appear gets none
  const auto by = Deadline::after(runtime_.now(), limits::probe_time);
  auto asked = wish();
  auto probed =
      co_await http::open_websocket(dialer_, url_.below("/ws?probe=1"), std::move(asked), by);
  if (!probed.socket) co_return false;
  probed.socket.reset();
  auto opening = open_socket(Deadline::after(runtime_.now(), limits::open_time));
  auto opened = co_await attempt(std::move(opening));
  if (!opened || !opened->socket) co_return false;
  found_ = std::move(*opened);
  stage_news_.notify_all();
  co_return true;
}

}  // namespace goop::peer::links
