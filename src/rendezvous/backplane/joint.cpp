#include "rendezvous/backplane/joint.h"

#include "rendezvous/backplane/limits.h"

namespace goop::rendezvous::backplane {
namespace {

using wire::PresenceMessage;
using wire::PresenceType;

// The message of an entry, if it is what the entry's head says.
Result<PresenceMessage> message_of(const Entry& entry) {
  GOOP_TRY(auto message, wire::parse_presence(entry.text));
  const auto& presence = message.presence;
  if (presence.peer != entry.peer || presence.ts != entry.ts) {
    return fail(Errc::invalid, "another message than its head says");
  }
  if (presence.type == PresenceType::punch) return fail(Errc::invalid, "a punch");
  return message;
}

}  // namespace

Joint::Joint(ServerId self, Board& board)
    : self_(self),
      board_(board),
      timing_(board.options().ttl),
      own_(board),
      others_(board.options().ttl, board.options().peers) {
  board_.left_alone();
}

// --- NATS ---

void Joint::connected(Instant now) {
  connected_ = true;
  hail_ = true;
  pulse_at_ = now;
  others_.connected(now);
  board_.joined(now);
}

void Joint::disconnected() {
  connected_ = false;
  others_.connected(std::nullopt);
  board_.left_alone();
}

// --- what goes out ---

void Joint::meet(Meet meeting) {
  if (!connected_ || meetings_.size() >= limits::meetings) return;
  meetings_.push_back(std::move(meeting));
}

Bytes Joint::frame(std::variant<Pulse, News, Ask, Meet, Bye> what) {
  ++counters_.frames_out;
  return encode({self_, std::move(what)});
}

std::vector<Bytes> Joint::send(Instant now) {
  std::vector<Bytes> frames;
  if (!connected_) return frames;
  const bool due = now >= pulse_at_;
  if (due) own_.look(now);
  for (std::size_t i = 0; i < limits::frames_at_once; ++i) {
    auto news = own_.next(now);
    if (!news) break;
    frames.push_back(frame(*std::move(news)));
  }
  // After the news of the peers that are meant.
  if (own_.waiting() == 0) {
    for (auto& meeting : std::exchange(meetings_, {})) frames.push_back(frame(std::move(meeting)));
  }
  for (const auto server : others_.to_ask(now)) {
    ++counters_.asked;
    frames.push_back(frame(Ask{server}));
  }
  if (due) {
    auto pulse = own_.pulse();
    pulse.hail = std::exchange(hail_, false);
    frames.push_back(frame(pulse));
    pulse_at_ = now + timing_.pulse;
  }
  return frames;
}

Bytes Joint::farewell() const { return encode({self_, Bye{}}); }

// --- what comes in ---

std::vector<Candidate> Joint::take(BytesView bytes, Instant now, WallTime wall) {
  ++counters_.frames_in;
  const auto decoded = decode(bytes);
  if (!decoded) {
    ++counters_.malformed;
    return {};
  }
  const auto from = decoded->from;
  if (from == self_) {
    ++counters_.malformed;  // we do not hear ourselves, so it is a lie
    return {};
  }
  if (std::holds_alternative<Bye>(decoded->what)) {
    if (others_.knows(from)) let_go(others_.bye(from), now);
    return {};
  }
  if (!others_.hear(from, now)) {
    ++counters_.strangers;
    return {};
  }
  if (const auto* news = std::get_if<News>(&decoded->what)) return take(from, *news, now, wall);
  if (const auto* pulse = std::get_if<Pulse>(&decoded->what)) take(from, *pulse, now);
  if (const auto* ask = std::get_if<Ask>(&decoded->what)) take(from, *ask);
  if (const auto* meeting = std::get_if<Meet>(&decoded->what)) met_.push_back(*meeting);
  return {};
}

void Joint::take(ServerId from, const Pulse& pulse, Instant now) {
  others_.pulse(from, pulse);
  if (pulse.hail) pulse_at_ = std::min(pulse_at_, now);
}

void Joint::take(ServerId, const Ask& ask) {
  if (ask.to != self_) return;
  ++counters_.said_again;
  own_.say_again();
}

std::vector<Candidate> Joint::take(ServerId from, const News& news, Instant now, WallTime wall) {
  std::vector<Candidate> work;
  others_.begin(from, news);
  for (const auto& entry : news.entries) {
    const bool lost = others_.note(from, entry);
    auto candidate = consider(entry, now, wall);
    if (candidate) {
      work.push_back(*std::move(candidate));
    } else if (lost) {
      board_.withdraw(entry.peer, entry.ts, now + timing_.leave_grace, now);
    }
  }
  for (const auto& peer : others_.end(from, news)) {
    board_.withdraw(peer, std::nullopt, now + timing_.leave_grace, now);
  }
  return work;
}

// What of it deserves the check of its signature. The word that a peer is elsewhere counts at once
// where its message is known.
std::optional<Candidate> Joint::consider(const Entry& entry, Instant now, WallTime wall) {
  const bool left = entry.kind == Entry::Kind::left;
  const auto* row = board_.find(entry.peer);
  if (left && (!row || entry.text.empty())) return std::nullopt;
  const auto known = board_.believed_ts(entry.peer, wall);
  if (row && row->is_signed && known && *known >= entry.ts) {
    ++counters_.known;
    if (!left) board_.vouch(entry.peer);
    return std::nullopt;
  }
  auto message = message_of(entry);
  if (!message) {
    ++counters_.malformed;
    return std::nullopt;
  }
  // An unsigned message has no order: that of a peer which left would bring it back.
  const bool says_goodbye = message->presence.type == PresenceType::offline;
  if (left && !message->is_signed() && !says_goodbye) return std::nullopt;
  if (const auto judged = board_.judge(*message, entry.address, now, wall, Via::backplane)) {
    ++(judged->duplicate ? counters_.known : counters_.refused);
    return std::nullopt;
  }
  return Candidate{*std::move(message), entry.address, entry.text.size(), left};
}

std::vector<Told> Joint::finish(std::vector<Candidate> checked, Instant now, WallTime wall) {
  std::vector<Told> told;
  for (auto& candidate : checked) {
    auto& message = candidate.message;
    const auto peer = message.presence.peer;
    const auto ts = message.presence.ts;
    if (!candidate.good) {
      ++counters_.forged;
      continue;
    }
    const Source source{message.is_signed() ? Proof::checked : Proof::none, candidate.address,
                        Via::backplane};
    auto outcome = board_.apply(std::move(message), source, candidate.bytes, now, wall);
    ++(outcome.refused ? counters_.refused : counters_.taken);
    if (!others_.have(peer)) {
      board_.withdraw(peer, candidate.left ? std::optional(ts) : std::nullopt,
                      now + timing_.leave_grace, now);
    } else if (!outcome.refused) {
      board_.vouch(peer);
    }
    if (!outcome.changes.empty()) told.push_back({peer, std::move(outcome)});
  }
  return told;
}

// --- who is silent ---

// The peers of a server that has stopped are not forgotten before their own time is over: they may
// be on their way to another one.
void Joint::let_go(const Others::Gone& gone, Instant now) {
  for (const auto& peer : gone.peers) {
    const auto* row = board_.find(peer);
    if (!row) continue;
    const auto until = std::max(now, gone.heard + board_.ttl_of(*row->message));
    // Nobody knows what that server heard last: a socket that holds the row here has to say more.
    board_.withdraw(peer, row->message->presence.ts, until, now);
  }
}

std::vector<ServerId> Joint::expire(Instant now) {
  std::vector<ServerId> silent;
  for (const auto& gone : others_.expire(now)) {
    let_go(gone, now);
    silent.push_back(gone.server);
  }
  return silent;
}

}  // namespace goop::rendezvous::backplane
