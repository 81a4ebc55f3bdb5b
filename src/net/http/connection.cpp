#include "net/http/connection.h"

#include "base/log.h"
#include "net/http/limits.h"
#include "net/http/status.h"

namespace goop::net::http {
namespace {

// Counts one up for as long as it lives.
class EndlessCount {
 public:
  explicit EndlessCount(std::size_t* count) : count_(count) {
    if (count_) ++*count_;
  }
  EndlessCount(const EndlessCount&) = delete;
  EndlessCount& operator=(const EndlessCount&) = delete;
  ~EndlessCount() {
    if (count_) --*count_;
  }

 private:
  std::size_t* count_;
};

bool has_no_body(int status) { return status == 204 || status == 304; }

}  // namespace

Connection::Connection(Server& server, std::unique_ptr<ByteStream> stream)
    : server_(server),
      stream_(std::move(stream)),
      buffer_(limits::head_bytes),
      timer_(server.runtime_.timers(), [this] { on_timer(); }) {
  request_.remote = stream_->remote();
  if (server_.options_.users) request_.user = stream_->remote_user();
  in_all_ = server_.all_.insert(server_.all_.end(), this);
  in_idle_ = server_.idle_.end();
  ++server_.open_;
}

Connection::~Connection() {
  if (in_idle_ != server_.idle_.end()) server_.idle_.erase(in_idle_);
  server_.all_.erase(in_all_);
  --server_.open_;
  server_.fewer_.notify_all();
}

// --- time ---

void Connection::enter(Phase phase, Duration span) {
  enter(phase, Deadline::after(server_.runtime_.now(), span));
}

void Connection::enter(Phase phase, Deadline due) {
  if ((phase == Phase::idle) != (in_idle_ != server_.idle_.end())) {
    if (phase == Phase::idle) {
      in_idle_ = server_.idle_.insert(server_.idle_.end(), this);
    } else {
      server_.idle_.erase(in_idle_);
      in_idle_ = server_.idle_.end();
    }
  }
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
  leaving_ = true;
  enter(Phase::writing, limits::farewell_time);
  server_.tasks_.spawn(farewell(shared_from_this()));
}

// Says 408 to a client whose request did not come, while its read is still pending.
Task<> Connection::farewell(std::shared_ptr<Connection> self) {
  auto response = self->plain(408);
  response.close = true;
  self->keep_ = false;
  auto sending = self->send(response, false);
  co_await attempt(std::move(sending));
  self->abort();
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
  parser_.start(request_);
  bool fresh = true;
  for (;;) {
    if (at_ < end_) {
      auto fed = parser_.feed(unread());
      if (!fed) {
        co_await refuse(std::move(fed.error()));
        co_return false;
      }
      at_ += fed->taken;
      if (parser_.head_done()) break;
      if (at_ == 0 && end_ == buffer_.size()) {
        Error too_large{Errc::too_large, "header over its limit"};
        co_await refuse(std::move(too_large));
        co_return false;
      }
      if (fresh) enter(Phase::head, limits::head_time);
      fresh = false;
    } else if (fresh) {
      if (!keep_) co_return false;
      enter(Phase::idle, limits::idle_time);
    }
    const bool more = co_await read_more();
    if (!more) co_return false;
  }
  enter(Phase::working, Deadline::never());
  keep_ = keep_ && request_.keep_alive;
  if (request_.has_body) {
    request_.body = this;
    const auto expect = request_.field("Expect");
    expect_continue_ = expect && iequals(*expect, "100-continue");
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
  int status = 400;
  if (error.code == Errc::too_large) status = 431;
  if (error.code == Errc::unsupported) status = error.detail == "HTTP version" ? 505 : 501;
  log::debug("http.refused", {{"server", server_.options_.name}, {"error", error.detail}});
  auto response = plain(status);
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
  for (const auto& part : parts) server_.counters_.bytes_out += part.size();
  co_await stream_->write(parts);
}

void Connection::write_head(const Response& response, std::optional<std::uint64_t> length,
                            Framing framing) {
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
    write_head(response, pulled->length, pulled->length ? Framing::length : Framing::chunked);
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

// The head travels with the first part. A length that does not come true ends the connection: the
// client must not take what follows for the rest.
Task<> Connection::send_pulled(Response::Pulled& body) {
  const EndlessCount counted(body.endless ? &server_.endless_ : nullptr);
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
