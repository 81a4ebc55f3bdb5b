// What a link hears and says while it is open.
#include <charconv>

#include "base/log.h"
#include "peer/links/rendezvous_link.h"

namespace goop::peer::links {

namespace http = net::http;
namespace ws = net::http::ws;

namespace {

std::optional<std::chrono::milliseconds> parse_ms(std::string_view text) {
  std::int64_t ms = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, ms);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return std::chrono::milliseconds(ms);
}

// Its first line; of a page nothing, which is what an address answers that is no server of ours.
std::string reason_in(std::string_view answer) {
  const auto line = answer.substr(0, answer.find_first_of("\r\n"));
  return line.starts_with('<') ? "" : printable(line, limits::error_bytes);
}

std::string unregistered_at(std::string_view server) {
  return fmt::format("not shown to others: register at {}/register", server);
}

}  // namespace

LinkState::Refusal refusal_of(const http::Answer& answer) {
  return {answer.status, parse_retry_after(answer.fields.find("Retry-After")),
          reason_in(answer.text())};
}

bool wants_registration(const http::Answer& answer) {
  return answer.status / 100 == 2 && answer.fields.find("X-Goop-Registration") == "required";
}

// --- what comes in ---

void RendezvousLink::stream_ends() {
  registers_.reset();
  outbox_news_.notify_all();
  told_.notify_all();
}

// Resuming is worth it while what we know still holds; later a snapshot names everybody anew.
std::string RendezvousLink::resume_id() {
  const auto up = state_.last_up(runtime_.now());
  if (!up || runtime_.now() - *up > limits::resume_within) last_id_.clear();
  return last_id_;
}

Task<> RendezvousLink::take(Result<Told> told) {
  const double cost = told ? 1 : limits::garbage_cost;
  if (told) {
    if (told->message) co_await weigh(*told->message);
    while (!take_told(*told)) {
      ++counters_.held_back;
      co_await runtime_.sleep_for(limits::busy_pause);
    }
  } else {
    ++counters_.malformed;
    log::debug("link.malformed", {{"server", server_.url}, {"error", told.error()}});
  }
  auto debt = flow_.spend(runtime_.now(), cost);
  if (debt > Duration::zero()) ++counters_.held_back;
  while (debt > Duration::zero()) {
    co_await runtime_.sleep_for(std::min<Duration>(debt, limits::flood_pause));
    debt = flow_.wait(runtime_.now(), 0);
  }
  if (++in_turn_ % limits::turn == 0) co_await runtime_.yield();
}

// A server that does not register calls everybody verified, as the reference program does: its word
// counts only where it says that it registers.
Task<> RendezvousLink::weigh(wire::PresenceMessage& message) {
  if (!message.verified) co_return;
  if (!registers_ && runtime_.now() >= ask_after_.at) {
    ask_after_ = Deadline::after(runtime_.now(), limits::ask_pause);
    co_await ask_whether_it_registers();
  }
  message.verified = registers_.value_or(false);
}

bool RendezvousLink::take_told(const Told& told) {
  switch (told.kind) {
    case Told::Kind::presence:
      break;
    case Told::Kind::snapshot:
      delta_ = in_snapshot_ = true;
      last_id_.clear();
      roster_.snapshot_begins();
      return true;
    case Told::Kind::ready: {
      delta_ = true;
      in_snapshot_ = false;
      last_id_ = told.id;
      const auto gone = roster_.snapshot_ends();
      if (!gone.empty()) out_.gone(gone);
      // What was resumed leaves out who is quiet, and their time may be nearly over.
      if (roster_.size() > 0) out_.still_here(roster_.list());
      return true;
    }
    case Told::Kind::refused: {
      ++counters_.refused;
      refused_ = true;
      state_.not_taken(told.unregistered ? unregistered_at(server_.url) : told.reason,
                       told.clock_difference);
      if (told.retry_after) {
        const auto most = std::min<Duration>(*told.retry_after, limits::retry_after_most);
        send_after_ = Deadline::after(runtime_.now(), most);
      }
      tell();
      return true;
    }
    case Told::Kind::twin:
      twin_ = out_.twin(told.ts, told.address);
      return true;
    case Told::Kind::gap:
      delta_ = true;
      last_id_.clear();
      return true;
    case Told::Kind::other:
      return true;
  }
  if (!out_.heard(server_, *told.message)) return false;
  ++counters_.heard;
  if (!told.id.empty()) {  // only a delta stream has them
    delta_ = true;
    if (!in_snapshot_) last_id_ = told.id;
  }
  if (delta_) take_change(*told.message);
  return true;
}

void RendezvousLink::take_change(const wire::PresenceMessage& message) {
  const auto& peer = message.presence.peer;
  const bool was_here = roster_.has(peer);
  roster_.take(message.presence);
  // Whoever is gone without a word of its own: on a delta stream that is for the server to say.
  const bool servers_word =
      message.presence.type == wire::PresenceType::offline && !message.is_signed();
  if (was_here && servers_word) out_.gone({peer});
}

// Quiet peers of a delta stream.
Task<> RendezvousLink::remind() {
  for (;;) {
    co_await runtime_.sleep_for(limits::remind_every);
    if (delta_ && roster_.size() > 0) out_.still_here(roster_.list());
  }
}

// --- what goes out ---

void RendezvousLink::publish(wire::PresenceType type, std::string text,
                             std::string with_registration) {
  outbox_.put(type, std::move(text), std::move(with_registration));
  outbox_news_.notify_all();
}

Task<> RendezvousLink::ask_whether_it_registers() {
  const auto by = Deadline::after(runtime_.now(), limits::publish_time);
  http::ClientRequest request;
  auto asking = http::fetch(dialer_, url_.below("/api/capabilities"), std::move(request),
                            limits::answer_bytes, by);
  const auto answer = co_await attempt(std::move(asking));
  const bool said = answer && answer->status < 500 && answer->status != 429;
  if (said) registers_ = answer->status == 200 && offers_registration(answer->text());
}

// An address and a token are for servers that ask for them: another one could use them elsewhere.
Task<std::string> RendezvousLink::words_of(Letter letter) {
  if (letter.with_registration.empty()) co_return std::move(letter.text);
  if (!registers_) co_await ask_whether_it_registers();
  const bool registers = registers_.value_or(false);
  co_return std::move(registers ? letter.with_registration : letter.text);
}

bool RendezvousLink::can_send() const {
  if (outbox_.empty() || !up()) return false;
  if (outbox_.front().type != wire::PresenceType::offline && runtime_.now() < send_after_.at) {
    return false;
  }
  return state_.phase() == Phase::events || (socket_ && !socket_->over());
}

Task<> RendezvousLink::send() {
  for (;;) {
    while (!can_send()) {
      const bool later = !outbox_.empty() && up() && runtime_.now() < send_after_.at;
      co_await outbox_news_.wait_until(later ? send_after_ : Deadline::never());
    }
    co_await send_front();
  }
}

Task<> RendezvousLink::send_front() {
  const Letter letter = outbox_.front();
  auto words = co_await words_of(letter);
  if (const auto socket = socket_) {
    auto sending = socket->send(ws::Kind::text, as_bytes(words));
    const auto sent = co_await attempt(std::move(sending));
    if (!sent) {
      socket->abort();  // whoever reads it learns of it, and it stays in the outbox
      co_return;
    }
    ++counters_.sent;
    outbox_.told(letter);
    last_told_ = runtime_.now();
    // Refusals come a moment later: this one is not known to be taken, the one before it is.
    if (!std::exchange(refused_, false)) state_.taken();
  } else {
    auto posting = post(std::move(words), Deadline::after(runtime_.now(), limits::publish_time));
    const auto answer = co_await attempt(std::move(posting));
    posted(letter, answer);
  }
  tell();
  told_.notify_all();
}

Task<http::Answer> RendezvousLink::post(std::string text, Deadline by) {
  ++counters_.posted;
  http::ClientRequest request;
  request.method = "POST";
  request.fields.emplace_back("Content-Type", "application/json");
  request.body = std::move(text);
  co_return co_await http::fetch(dialer_, url_.below("/publish"), std::move(request),
                                 limits::answer_bytes, by);
}

void RendezvousLink::posted(const Letter& letter, const Result<http::Answer>& answer) {
  if (answer && wants_registration(*answer)) {
    outbox_.told(letter);
    state_.not_taken(unregistered_at(server_.url), {});
    return;
  }
  if (answer && answer->status / 100 == 2) {
    outbox_.told(letter);
    last_told_ = runtime_.now();
    state_.taken();
    return;
  }
  auto pause = limits::publish_pause;
  std::optional<std::chrono::milliseconds> clock_ahead;
  if (answer) {
    ++counters_.refused;
    const auto refusal = refusal_of(*answer);
    if (const auto ms = answer->fields.find("X-Goop-Clock-Difference-Ms")) {
      clock_ahead = parse_ms(*ms);
    }
    const bool later = refusal.status == 429 || refusal.status >= 500;
    if (!later) outbox_.told(letter);  // it will never be taken
    pause = refusal.retry_after.value_or(pause);
    state_.not_taken(fmt::format("presence refused: {} {}", refusal.status, refusal.text),
                     clock_ahead);
  } else {
    state_.not_taken(to_string(answer.error()), {});
  }
  send_after_ = Deadline::after(runtime_.now(), runtime_.jittered(pause));
}

Task<> RendezvousLink::flush(Deadline by) {
  while (!outbox_.empty() && up()) {
    const auto why = co_await told_.wait_until(by);
    if (why == Wake::deadline) co_return;
  }
  if (outbox_.empty()) co_return;
  if (!last_told_ || runtime_.now() - *last_told_ > limits::known_there) co_return;
  const Letter letter = outbox_.front();
  auto posting =
      post(letter.text, Deadline::after(runtime_.now(), limits::publish_time).sooner(by));
  const auto answer = co_await attempt(std::move(posting));
  posted(letter, answer);
}

}  // namespace goop::peer::links
