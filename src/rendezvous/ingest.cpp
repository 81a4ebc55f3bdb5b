#include "rendezvous/ingest.h"

#include "rendezvous/journal.h"
#include "rendezvous/registration/registration.h"

namespace goop::rendezvous {

using wire::PresenceMessage;

Ingest::Ingest(Runtime& runtime, Board& board, Told told)
    : runtime_(runtime),
      board_(board),
      told_(std::move(told)),
      verifier_(runtime),
      by_identity_({limits::identity_rate, limits::identity_burst, limits::limited_keys}),
      by_claim_({limits::identity_rate, limits::identity_burst, limits::limited_keys}) {}

Answer Ingest::refuse(Error error) {
  if (error.code == Errc::busy) return busy(std::move(error.detail), limits::prune);
  ++counters_.refused;
  Answer answer;
  answer.refused = std::move(error);
  return answer;
}

// `text` names what is used up or full.
Answer Ingest::busy(std::string text, Duration wait) {
  ++counters_.over_budget;
  Answer answer;
  answer.refused = Error{Errc::busy, std::move(text)};
  answer.retry_after = wait;
  return answer;
}

Result<PresenceMessage> Ingest::read(const std::string& text,
                                     const std::optional<p2p::PeerId>& only) const {
  if (text.size() > limits::message_bytes) {
    return fail(Errc::too_large, "a message has at most {} bytes", limits::message_bytes);
  }
  auto message = wire::parse_presence(text);
  if (!message && message.error().code == Errc::too_large) {
    return fail(Errc::invalid, "{}", message.error().detail);  // a field; the body is not
  }
  if (!message) return message;
  if (message->presence.type == wire::PresenceType::punch) {
    return fail(Errc::invalid, "type: online, update or offline is expected");
  }
  if (only && message->presence.peer != *only) {
    return fail(Errc::invalid, "peerID: this socket is that of {}", *only);
  }
  return message;
}

bool Ingest::is_registered(const PresenceMessage& message) const {
  return !registration_ || registration_->shows(message);
}

// What the board said, where it did not take the message.
std::optional<Answer> Ingest::answer_to(const Outcome& outcome) {
  if (outcome.refused) {
    auto answer = refuse(*outcome.refused);
    answer.clock_difference_ms = outcome.clock_difference_ms;
    return answer;
  }
  if (!outcome.duplicate) return std::nullopt;
  ++counters_.duplicates;
  return Answer{};
}

Duration Ingest::identity_wait(const PresenceMessage& message, const net::IpAddress& address) {
  const auto& peer = message.presence.peer;
  if (message.is_signed()) return by_identity_.take(peer, runtime_.now());
  auto claim = to_text(peer.bytes()) + '@' + address.to_string();
  return by_claim_.take(std::move(claim), runtime_.now());
}

Task<Answer> Ingest::publish(std::string text, net::IpAddress address,
                             std::optional<p2p::PeerId> only) {
  if (const auto over = by_client_.take(address, runtime_.now())) {
    co_return busy(fmt::format("too many messages from your {}", over->of), over->wait);
  }
  auto message = read(text, only);
  if (!message) {
    ++counters_.malformed;
    by_client_.charge(address, runtime_.now(), limits::bad_cost);
    co_return refuse(std::move(message.error()));
  }
  const bool registered = is_registered(*message);
  const bool leaves = message->presence.type == wire::PresenceType::offline;
  if (!registered && !(leaves && board_.find(message->presence.peer))) {
    ++counters_.unregistered;
    Answer answer;
    answer.unregistered = true;
    co_return answer;
  }
  const auto judged = board_.judge(*message, address, runtime_.now(), runtime_.wall());
  if (judged) {
    if (auto answer = answer_to(*judged)) co_return *std::move(answer);
  }
  if (message->is_signed()) {
    auto checked = co_await verifier_.check(*std::move(message));
    if (!checked) {
      if (checked.error().code != Errc::busy) {
        by_client_.charge(address, runtime_.now(), limits::bad_cost);
      }
      co_return refuse(std::move(checked.error()));
    }
    message = std::move(checked);
  }
  if (const auto wait = identity_wait(*message, address); wait > Duration::zero()) {
    co_return busy("too many messages of this peer", wait);
  }
  const auto peer = message->presence.peer;
  message->verified = registered;
  Answer answer;
  answer.proves = message->is_signed() && message->presence.type != wire::PresenceType::offline;
  answer.ts = message->presence.ts;
  const Source source{message->is_signed() ? Proof::checked : Proof::none, address};
  const auto outcome =
      board_.apply(*std::move(message), source, text.size(), runtime_.now(), runtime_.wall());
  if (auto refused = answer_to(outcome)) co_return *std::move(refused);
  ++counters_.accepted;
  told_(peer, outcome);
  if (journal_) {
    const auto saved = co_await journal_->saved();
    if (!saved) co_return refuse(saved.error());
  }
  co_return answer;
}

}  // namespace goop::rendezvous
