#include "peer/presence/intake.h"

#include "base/label.h"

namespace goop::peer::presence {

using wire::PresenceType;

namespace {

std::string shown(std::string_view text) { return clean_label(text, limits::shown_text_bytes); }

}  // namespace

Sighting sighting_of(const wire::PresenceMessage& message, Channel channel) {
  Sighting seen;
  seen.presence = message.presence;
  auto& said = seen.presence;
  for (auto* text :
       {&said.label, &said.email, &said.avatar_hash, &said.active_template, &said.client_version}) {
    *text = shown(*text);
  }
  seen.channel = channel;
  if (message.is_signed()) seen.envelope = crypto::sha256(message.envelope);
  return seen;
}

void Intake::count(PeerTable::Verdict verdict) {
  using enum PeerTable::Verdict;
  switch (verdict) {
    case fresh:
      ++counters_.fresh;
      return;
    case duplicate:
      ++counters_.duplicates;
      return;
    case stale:
      ++counters_.stale;
      return;
    case outranked:
      ++counters_.outranked;
      return;
    case limited:
      ++counters_.limited;
      return;
    case full:
      ++counters_.full;
      return;
    case own:
      return;
  }
}

PeerTable::Verdict Intake::apply(const Sighting& sighting, p2p::AddressScope teller) {
  const auto applied = table_.apply(sighting, now());
  count(applied.verdict);
  if (!applied.events.empty()) out_.events(applied.events);
  const bool here = sighting.presence.type != PresenceType::offline;
  const bool counts = applied.verdict == PeerTable::Verdict::fresh;
  if (counts && here && !sighting.presence.addresses.empty()) {
    out_.addresses(sighting.presence, teller);
  }
  return applied.verdict;
}

// --- gossip ---

Intake::Gossip Intake::from_gossip(const p2p::PeerId& author, p2p::AddressScope via,
                                   BytesView data) {
  auto message = wire::parse_presence(as_text(data));
  if (!message) {  // perhaps of a later version: no reason to blame who passed it on
    ++counters_.malformed;
    return Gossip::drop;
  }
  if (message->presence.type == PresenceType::punch) return Gossip::drop;
  if (message->presence.peer != author) {
    ++counters_.forged;
    return Gossip::forged;
  }
  const auto sighting = sighting_of(*message, Channel::gossip);
  const auto verdict = table_.judge(sighting, now());
  if (verdict == PeerTable::Verdict::fresh && message->is_signed() &&
      !wire::check_signature(*message)) {
    ++counters_.forged;
    return Gossip::forged;
  }
  switch (apply(sighting, via)) {
    case PeerTable::Verdict::fresh:
    case PeerTable::Verdict::duplicate:  // it came from a server first: neighbours may have none
    case PeerTable::Verdict::full:       // our table is no measure for others
      return Gossip::pass_on;
    case PeerTable::Verdict::stale:
    case PeerTable::Verdict::outranked:
    case PeerTable::Verdict::own:
    case PeerTable::Verdict::limited:
      return Gossip::drop;
  }
  return Gossip::drop;
}

// --- servers ---

Result<void> Intake::from_server(wire::PresenceMessage message, Server server) {
  if (waiting_.size() >= limits::waiting_messages) {
    ++counters_.lost;
    return fail(Errc::busy, "{} messages are waiting to be checked", waiting_.size());
  }
  waiting_.push_back({std::move(message), std::move(server)});
  news_.notify_one();
  return {};
}

Task<> Intake::run() {
  for (;;) {
    while (waiting_.empty()) co_await news_.wait_until(Deadline::never());
    std::vector<Waiting> batch;
    while (!waiting_.empty() && batch.size() < limits::checked_at_once) {
      batch.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    co_await check(batch);
    for (auto& each : batch) take(std::move(each));
  }
}

// Only what is new is worth a check; what the table says may change until it is applied, and is
// asked again then.
Task<> Intake::check(std::vector<Waiting>& batch) {
  std::vector<std::size_t> places;
  std::vector<wire::PresenceMessage> messages;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& message = batch[i].message;
    if (!message.is_signed()) continue;
    const auto sighting = sighting_of(message, Channel::rendezvous);
    const auto verdict = table_.judge(sighting, now());
    using enum PeerTable::Verdict;
    if (verdict != fresh && verdict != own) continue;
    places.push_back(i);
    messages.push_back(message);
  }
  if (places.empty()) co_return;
  auto job = [messages = std::move(messages)] {
    std::vector<char> genuine;
    for (const auto& message : messages) {
      genuine.push_back(wire::check_signature(message).has_value() ? 1 : 0);
    }
    return genuine;
  };
  const auto genuine = co_await runtime_.offload(std::move(job));
  for (std::size_t i = 0; i < places.size(); ++i) {
    batch[places[i]].signature =
        genuine[i] != 0 ? Waiting::Signature::genuine : Waiting::Signature::forged;
  }
}

void Intake::take(Waiting waiting) {
  const auto& message = waiting.message;
  if (waiting.signature == Waiting::Signature::forged) {
    ++counters_.forged;
    return;
  }
  if (message.presence.type == PresenceType::punch) {
    if (message.target == self_ && message.presence.peer != self_) {
      out_.punch(message.presence, waiting.server.scope);
    }
    return;
  }
  if (message.presence.peer == self_) {
    if (waiting.signature == Waiting::Signature::genuine) out_.own(message.presence);
    return;
  }
  auto sighting = sighting_of(message, Channel::rendezvous);
  sighting.server = waiting.server.url;
  sighting.verified = message.verified;
  // It was not worth a check a moment ago; it must not have become so since.
  if (message.is_signed() && waiting.signature == Waiting::Signature::unchecked &&
      table_.judge(sighting, now()) == PeerTable::Verdict::fresh) {
    return;
  }
  apply(sighting, waiting.server.scope);
}

}  // namespace goop::peer::presence
