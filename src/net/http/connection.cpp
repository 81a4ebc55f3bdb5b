#include "net/http/connection.h"

#include "base/log.h"
#include "net/http/cookie_refusal.h"
#include "net/http/limits.h"
#include "net/http/preconditions.h"
#include "net/http/status.h"

namespace goop::net::http {
namespace {

bool has_no_body(int status) { return status == 204 || status == 304; }

}  // namespace

Connection::Connection(Server& server, std::unique_ptr<ByteStream> stream, PeerUser user,
                       ClientKey client)
    : server_(server),
      stream_(std::move(stream)),
      buffer_(limits::head_bytes),
      number_(++server.last_number_),
      network_(std::move(client.network)),
      active_(server.runtime_.now()),
      timer_(server.runtime_.timers(), [this] { on_timer(); }) {
  request_.remote = stream_->remote();
  request_.user = user;
  server_.all_.emplace(number_, this);
  server_.places_.add(number_, network_, client.standing, busy_until());
}

Connection::~Connection() {
  server_.places_.remove(number_);
  server_.all_.erase(number_);
  server_.fewer_.notify_all();
}

// --- the place ---

// Marks the place as used, by the client that the request names: a proxy's connection carries the
// requests of several clients.
void Connection::use_place() {
  active_ = server_.runtime_.now();
  auto network = server_.options_.client_key ? server_.client_of(request_).network : network_;
  const auto standing = server_.places_.standing(number_);
  const bool same = ++requests_ > 1 && network == network_;
  if (same || !standing) return;  // without a standing it has given way
  network_ = std::move(network);
  server_.places_.remove(number_);
  server_.places_.add(number_, network_, std::max(*standing, Standing::used), active_);
}

Instant Connection::busy_until() const {
  if (requests_ == 0) return active_ + limits::newcomer_time;
  return phase_ == Phase::idle ? active_ : active_ + limits::busy_time;
}

void Connection::give_way() {
  keep_ = false;
  const bool awaited = requests_ == 0 || phase_ != Phase::idle;
  if (awaited && !answering_ && !leaving_ && phase_ != Phase::writing) {
    const std::string text = server_.busy_answer();
    if (server_.refusing_ < limits::refusals) {
      told_.emplace(&server_.refusing_);
      return take_leave(text, limits::refusal_time);
    }
    const BytesView part = as_bytes(text);
    stream_->try_write(std::span(&part, 1));
  }
  leaving_ = true;
  abort();
}

// --- time ---

void Connection::enter(Phase phase, Duration span) {
  enter(phase, Deadline::after(server_.runtime_.now(), span));
}

void Connection::enter(Phase phase, Deadline due) {
  phase_ = phase;
  due_ = due.at;
  if (due_ < armed_at_) {
    armed_at_ = due_;
    timer_.arm(due_);
  }
}

void Connection::on_timer() {
  armed_at_ = Instant::max();
  if (server_.runtime_.now() < due_) {  // pushed back since it was armed
    if (due_ == Instant::max()) return;
    armed_at_ = due_;
    timer_.arm(due_);
    return;
  }
  const bool waits_for_request = phase_ == Phase::head || phase_ == Phase::body;
  if (!waits_for_request || leaving_) return abort();
  take_leave(server_.last_answer(408, reason(408)), limits::farewell_time);
}

// Says it while a read or the handler is pending, and lets the client end the connection, since an
// end of ours could overtake what was said (a reset); after `span` it ends in any case.
void Connection::take_leave(std::string text, Duration span) {
  keep_ = false;
  leaving_ = true;
  enter(Phase::writing, span);
  server_.tasks_.spawn(farewell(shared_from_this(), std::move(text)));
}

Task<> Connection::farewell(std::shared_ptr<Connection> self, std::string text) {
  const BytesView part = as_bytes(text);
  auto saying = self->write_parts(std::span(&part, 1));
  const auto said = co_await attempt(std::move(saying));
  if (!said) co_return self->abort();
  self->stream_->shutdown_write();
}

void Connection::finish() {
  keep_ = false;
  if (phase_ == Phase::idle) abort();
}

// --- reading ---

Task<bool> Connection::read_more() {
  if (at_ == end_) {
    at_ = end_ = 0;
  } else if (end_ == buffer_.size()) {
    if (at_ == 0) co_return false;
    std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
    end_ -= at_;
    at_ = 0;
  }
  const auto got = co_await stream_->read_some(MutBytes(buffer_).subspan(end_));
  end_ += got;
  co_return got > 0 && !leaving_;
}

// False: the connection is over, and everything was said.
Task<bool> Connection::read_head() {
  parser_.start(request_, server_.options_.cookies);
  answering_ = false;
  enum class Waiting { no, for_request, for_head } waiting = Waiting::no;
  for (;;) {
    if (at_ < end_) {
      auto fed = parser_.feed(unread());
      if (!fed) {
        co_await refuse(std::move(fed.error()));
        co_return false;
      }
      at_ += fed->taken;
      if (parser_.head_done()) break;
    }
    const auto now = parser_.started() ? Waiting::for_head : Waiting::for_request;
    if (now == Waiting::for_request && !keep_) co_return false;
    if (now != std::exchange(waiting, now)) {
      const bool begun = now == Waiting::for_head;
      enter(begun ? Phase::head : Phase::idle, begun ? limits::head_time : limits::idle_time);
    }
    const bool more = co_await read_more();
    if (!more) co_return false;
  }
  enter(Phase::working, Deadline::never());
  use_place();
  keep_ = keep_ && request_.keep_alive;
  if (request_.has_body) {
    request_.body = this;
    const auto expect = request_.field("Expect");
    expect_continue_ =
        expect && iequals(*expect, "100-continue") && request_.version == Version::http11;
  }
  co_return true;
}

Task<BytesView> Connection::next(Deadline by) {
  if (expect_continue_) {
    expect_continue_ = false;
    const BytesView go_on = as_bytes("HTTP/1.1 100 Continue\r\n\r\n");
    enter(Phase::writing, limits::write_time);
    co_await write_parts(std::span(&go_on, 1));
  }
  enter(Phase::body, by);
  while (!parser_.done()) {
    if (at_ < end_) {
      auto fed = parser_.feed(unread());
      if (!fed) throw Failure(std::move(fed.error()));
      at_ += fed->taken;
      if (!fed->body.empty()) {
        active_ = server_.runtime_.now();
        enter(Phase::working, Deadline::never());
        co_return fed->body;
      }
      if (fed->taken > 0) continue;
      if (end_ - at_ == buffer_.size()) raise(Errc::invalid, "chunk head over its limit");
    }
    const bool more = co_await read_more();
    if (!more) raise(Errc::closed, "request body cut short");
  }
  enter(Phase::working, Deadline::never());
  co_return BytesView{};
}

// --- the exchange ---

Task<> Connection::run() {
  for (;;) {
    const bool asked = co_await read_head();
    if (!asked) break;
    ++server_.counters_.requests;
    auto response = co_await answer_to_request();
    if (leaving_) co_return;
    if (std::holds_alternative<Response::Takeover>(response.body)) {
      keep_ = false;
      if (may_hand_over(response)) {
        co_await hand_over(std::move(response));
        if (!stream_) co_return;
        break;
      }
    }
    if (server_.stopping_ || response.close) keep_ = false;
    // A body that nobody wanted: read the rest of a small one, else end the connection.
    if (request_.body && !parser_.done()) {
      const auto length = request_.content_length.value_or(limits::drained_body_bytes + 1);
      if (expect_continue_ || length > limits::drained_body_bytes) keep_ = false;
    }
    co_await send(response, request_.method == Method::head);
    if (leaving_) co_return;
    if (keep_ && request_.body && !parser_.done()) co_await drain_body();
    if (!keep_) break;
    if (at_ < end_) co_await server_.runtime_.yield();  // others have a turn between two requests
  }
  if (!leaving_) co_await linger();
}

// Replaces the answer where the connection cannot leave: at the end of the server, and when nobody
// knows where the request ends.
bool Connection::may_hand_over(Response& response) const {
  if (server_.stopping_) {
    response = plain(503);
  } else if (request_.body && !parser_.done()) {
    response = plain(400);
  } else {
    return true;
  }
  return false;
}

// No field of ours in the head: what follows is framed by the taker.
Task<> Connection::hand_over(Response response) {
  enter(Phase::writing, limits::write_time);
  write_head(response, std::nullopt, Framing::own);
  const BytesView head = as_bytes(out_);
  co_await write_parts(std::span(&head, 1));
  if (request_.method == Method::head) co_return;
  enter(Phase::working, Deadline::never());
  timer_.disarm();
  ++server_.counters_.taken_over;
  Handover handover{std::move(stream_), to_bytes(unread())};
  std::get<Response::Takeover>(response.body).taken(std::move(handover));
}

Task<Response> Connection::answer_to_request() {
  Error error{Errc::internal, {}};
  try {
    auto response = co_await server_.handler_(request_);
    apply_preconditions(request_, response);
    // The first bytes of a pulled body are fetched here, while an error can still be told.
    first_ = {};
    auto* pulled = std::get_if<Response::Pulled>(&response.body);
    if (pulled && request_.method != Method::head && !has_no_body(response.status)) {
      first_ = co_await next_part(*pulled);
    }
    co_return response;
  } catch (...) {
    error = error_of(std::current_exception());
  }
  if (error.code == Errc::cancelled) throw Failure(std::move(error));
  auto response = failure(error);
  if (request_.body && !parser_.done()) response.close = true;
  co_return response;
}

Response Connection::plain(int status) const {
  Response response(status);
  response.add_lines(server_.options_.own_fields);
  response.text("text/plain; charset=utf-8", fmt::format("{}\n", reason(status)));
  return response;
}

Response Connection::failure(const Error& error) const {
  if (server_.options_.failed) return server_.options_.failed(request_, error);
  return plain(status_of(error.code));
}

// A head that cannot be understood: say so and end, since nobody knows where the next one starts.
Task<> Connection::refuse(Error error) {
  log::debug("http.refused", {{"server", server_.options_.name}, {"error", error.detail}});
  auto response = plain(parser_.refusal_status(error));
  if (parser_.too_many_cookies()) explain_cookies(response);
  response.close = true;
  keep_ = false;
  co_await send(response, false);
  if (!leaving_) co_await linger();
}

Task<> Connection::drain_body() {
  const auto by = Deadline::after(server_.runtime_.now(), limits::head_time);
  for (;;) {
    const BytesView part = co_await next(by);
    if (part.empty()) co_return;
  }
}

// Closing with unread input would reset the connection, and the client might never see our last
// answer: end our direction first, and read what is still coming for a short while.
Task<> Connection::linger() {
  stream_->shutdown_write();
  enter(Phase::writing, limits::linger_time);
  std::size_t dropped = 0;
  while (dropped < limits::lingered_bytes) {
    const auto got = co_await stream_->read_some(MutBytes(buffer_));
    if (got == 0) co_return;
    dropped += got;
  }
}

// --- writing ---

Task<> Connection::write_parts(std::span<const BytesView> parts) {
  active_ = server_.runtime_.now();
  for (const auto& part : parts) server_.counters_.bytes_out += part.size();
  co_await stream_->write(parts);
}

void Connection::write_head(const Response& response, std::optional<std::uint64_t> length,
                            Framing framing) {
  answering_ = true;
  out_.clear();
  fmt::format_to(std::back_inserter(out_), "HTTP/1.1 {} {}\r\n", response.status,
                 reason(response.status));
  out_ += server_.date();
  out_ += response.fields;
  if (length) {
    const fmt::format_int digits(*length);
    out_ += "Content-Length: ";
    out_.append(digits.data(), digits.size());
    out_ += "\r\n";
  }
  if (framing == Framing::chunked) out_ += "Transfer-Encoding: chunked\r\n";
  if (!keep_ && framing != Framing::own) out_ += "Connection: close\r\n";
  out_ += "\r\n";
  ++server_.counters_.by_class[static_cast<std::size_t>(response.status / 100) % 6];
}

Task<> Connection::send(Response& response, bool head_only) {
  if (!leaving_) enter(Phase::writing, limits::write_time);  // a farewell has its own time
  const bool bodyless = has_no_body(response.status);
  if (auto* pulled = std::get_if<Response::Pulled>(&response.body); pulled && !bodyless) {
    const auto unknown = request_.version == Version::http10 ? Framing::to_end : Framing::chunked;
    write_head(response, pulled->length, pulled->length ? Framing::length : unknown);
    if (!head_only) co_return co_await send_pulled(*pulled);
    const BytesView head = as_bytes(out_);
    co_return co_await write_parts(std::span(&head, 1));
  }
  BytesView body;
  if (const auto* text = std::get_if<std::string>(&response.body)) body = as_bytes(*text);
  if (const auto* lent = std::get_if<Response::Borrowed>(&response.body)) body = lent->bytes;
  write_head(response, bodyless ? std::nullopt : std::optional<std::uint64_t>(body.size()),
             Framing::length);
  const std::array<BytesView, 2> parts{as_bytes(out_), body};
  const bool alone = body.empty() || head_only || bodyless;
  co_await write_parts(std::span(parts).first(alone ? 1 : 2));
}

Task<BytesView> Connection::next_part(Response::Pulled& body) {
  enter(Phase::working, Deadline::never());
  const auto by = Deadline::after(server_.runtime_.now(), limits::part_time);
  co_return co_await body.source->next(by);
}

// The head travels with the first part. To a client of HTTP/1.0 the end of a body without length is
// the end of the connection. A length that does not come true ends the connection: the
// client must not take what follows for the rest.
Task<> Connection::send_pulled(Response::Pulled& body) {
  const Count counted(body.endless ? &server_.endless_ : nullptr);
  if (body.endless) server_.fewer_.notify_all();
  std::uint64_t left = body.length.value_or(0);
  std::string_view head = out_;
  std::string size;
  for (auto part = first_;; part = co_await next_part(body)) {
    enter(Phase::writing, limits::write_time);
    if (body.length) {
      const bool wrong = part.size() > left || (part.empty() && left > 0);
      if (wrong) raise(Errc::closed, "body differs from its length");
      left -= part.size();
      const std::array<BytesView, 2> parts{as_bytes(head), part};
      co_await write_parts(std::span(parts).subspan(head.empty() ? 1 : 0));
      if (left == 0) co_return;
    } else if (request_.version == Version::http10) {
      const std::array<BytesView, 2> parts{as_bytes(head), part};
      co_await write_parts(std::span(parts).subspan(head.empty() ? 1 : 0));
      if (part.empty()) co_return;
    } else {
      size = part.empty() ? "0\r\n" : fmt::format("{:x}\r\n", part.size());
      const std::array<BytesView, 4> parts{as_bytes(head), as_bytes(size), part, as_bytes("\r\n")};
      co_await write_parts(std::span(parts).subspan(head.empty() ? 1 : 0));
      if (part.empty()) co_return;
    }
    head = {};
  }
}

}  // namespace goop::net::http
