#include "rendezvous/sockets.h"

#include "base/log.h"

namespace goop::rendezvous {

namespace ws = net::http::ws;

struct Sockets::Socket {
  Socket(Opening who, std::shared_ptr<Subscriber> writes, Instant now)
      : opening(std::move(who)), out(std::move(writes)), opened(now), heard(now) {}

  Opening opening;
  std::shared_ptr<Subscriber> out;
  Instant opened, heard;
  ws::Decoder decoder{ws::Role::server, limits::message_bytes};
  TokenBucket frames{limits::frame_rate, limits::frame_burst};
  std::size_t place = 0;
  bool begun = false;  // it gets news
  std::optional<Instant> replaced;
  std::int64_t proven_by = 0;       // `ts` of the latest message that proved it
  std::weak_ptr<Socket> successor;  // the proven one that replaced this proven one
};

namespace {

Task<> until_end(net::ByteStream& stream) {
  std::array<std::uint8_t, 256> bytes;
  for (;;) {
    const auto got = co_await stream.read_some(bytes);
    if (got == 0) co_return;
  }
}

Chunk chunk_of(Bytes bytes) { return std::make_shared<const Bytes>(std::move(bytes)); }

}  // namespace

Sockets::Sockets(Runtime& runtime, Board& board, Hub& hub, Ingest& ingest, Hooks hooks)
    : runtime_(runtime),
      board_(board),
      hub_(hub),
      ingest_(ingest),
      hooks_(std::move(hooks)),
      tasks_(runtime, "sockets") {}

std::size_t Sockets::size_at(const net::IpAddress& client) const {
  const auto at = at_client_.find(client);
  return at == at_client_.end() ? 0 : at->second;
}

bool Sockets::has_proven(const p2p::PeerId& peer) const {
  const auto at = of_peer_.find(peer);
  return at != of_peer_.end() && at->second.proven;
}

// --- life ---

void Sockets::open(net::http::Handover connection, Opening opening) {
  ++counters_.opened;
  auto out = hub_.add(std::move(connection.stream), opening.client);
  const auto socket = std::make_shared<Socket>(std::move(opening), std::move(out), runtime_.now());
  socket->place = all_.size();
  all_.push_back(socket);
  ++at_client_[socket->opening.client];
  replace(of_peer_[socket->opening.peer].unproven, socket);
  // A delta socket is expected to prove itself at once, and then gets one snapshot, not two.
  if (socket->opening.format == Format::ws_full) begin(socket);
  tasks_.spawn(run_socket(socket, std::move(connection.unread)));
}

void Sockets::replace(Shared& current, const Shared& by) {
  const auto old = std::exchange(current, by);
  if (!old) return;
  ++counters_.replaced;
  old->replaced = runtime_.now();
  close(*old->out, ws::close_code::normal, "replaced");
}

bool Sockets::dismiss(const p2p::PeerId& peer, std::string_view reason) {
  const auto at = of_peer_.find(peer);
  if (at == of_peer_.end()) return false;
  for (const auto& socket : {at->second.proven, at->second.unproven}) {
    if (!socket || socket->out->finishing()) continue;
    socket->replaced = runtime_.now();  // one that does not answer our goodbye is ended
    close(*socket->out, ws::close_code::policy, reason);
  }
  return true;
}

void Sockets::close(Subscriber& out, std::uint16_t code, std::string_view reason) {
  const auto payload = ws::close_payload({code, std::string(reason)});
  out.send(chunk_of(ws::encode(ws::Kind::close, payload)));
  out.finish();
}

Task<> Sockets::run_socket(Shared socket, Bytes unread) {
  auto reading = read(socket, std::move(unread));
  const auto done = co_await attempt(std::move(reading));
  if (!done) log::debug("ws.ended", {{"peer", socket->opening.peer}, {"error", done.error()}});
  const bool answered = socket->replaced && socket->heard > *socket->replaced;
  if (const auto successor = socket->successor.lock(); successor && answered) {
    tell(*successor, twin_frame(socket->opening.client, socket->proven_by));
  }
  co_await see_off(socket->out);
  ended(socket);
}

void Sockets::probe(net::http::Handover connection) {
  auto out = hub_.add(std::move(connection.stream), {});
  close(*out, ws::close_code::normal, "probe-ok");
  tasks_.spawn(run_probe(std::move(out)));
}

Task<> Sockets::run_probe(std::shared_ptr<Subscriber> out) {
  co_await see_off(out);
  hub_.remove(*out);
}

// Reads what is still coming after our last word, so that the word is not lost with the connection.
Task<> Sockets::see_off(std::shared_ptr<Subscriber> out) {
  if (!out->finishing() || out->over()) co_return;
  auto reading = until_end(out->stream());
  const auto by = Deadline::after(runtime_.now(), limits::ws_linger);
  auto bounded = with_deadline(runtime_, by, "the end of a socket", std::move(reading));
  co_await attempt(std::move(bounded));
}

void Sockets::ended(const Shared& socket) {
  hub_.remove(*socket->out);
  all_.back()->place = socket->place;
  std::swap(all_[socket->place], all_.back());
  all_.pop_back();
  const auto counted = at_client_.find(socket->opening.client);
  if (--counted->second == 0) at_client_.erase(counted);

  const auto& peer = socket->opening.peer;
  const auto at = of_peer_.find(peer);
  if (at == of_peer_.end()) return;
  auto& [proven, unproven] = at->second;
  if (proven == socket) {
    proven = nullptr;
    board_.release(peer, runtime_.now());
    hooks_.sooner();
  } else if (unproven == socket) {
    unproven = nullptr;
    if (!proven) hooks_.changed(board_.abandon(peer, runtime_.now(), runtime_.wall()));
  }
  if (const auto now = of_peer_.find(peer);
      now != of_peer_.end() && !now->second.proven && !now->second.unproven) {
    of_peer_.erase(now);
  }
}

// --- what comes ---

Task<> Sockets::read(Shared socket, Bytes buffer) {
  auto& stream = socket->out->stream();
  std::size_t have = buffer.size();
  if (buffer.size() < limits::read_bytes) buffer.resize(limits::read_bytes);
  for (;;) {
    BytesView unread = BytesView(buffer).first(have);
    while (!unread.empty()) {
      auto fed = socket->decoder.feed(unread);
      if (!fed) {
        close(*socket->out, ws::close_code_of(fed.error().code), fed.error().detail);
        throw Failure(std::move(fed.error()));
      }
      unread = unread.subspan(fed->taken);
      if (!fed->message) continue;
      const bool goes_on = co_await take(socket, *std::move(fed->message));
      if (!goes_on) co_return;
    }
    have = co_await stream.read_some(buffer);
    if (have == 0) co_return;
    socket->heard = runtime_.now();
  }
}

Task<bool> Sockets::take(Shared socket, ws::Message message) {
  switch (message.kind) {
    case ws::Kind::ping:
      // One that floods pings, and reads no answers, loses them.
      socket->out->send(chunk_of(ws::encode(ws::Kind::pong, message.payload)));
      socket->out->pump();
      co_return true;
    case ws::Kind::pong:
      co_return true;
    case ws::Kind::close:
      if (!socket->out->finishing()) close(*socket->out, ws::close_code::normal, {});
      co_return false;
    case ws::Kind::text:
    case ws::Kind::binary:
      break;
  }
  if (socket->out->finishing()) co_return true;  // it was told goodbye
  ++counters_.frames;
  if (!socket->frames.take(runtime_.now())) {
    ++counters_.dropped;
    co_return true;
  }
  const auto answer = co_await ingest_.publish(to_text(message.payload), socket->opening.client,
                                               socket->opening.peer);
  if (socket->out->over() || socket->out->finishing()) co_return !socket->out->over();
  if (answer.proves) prove(socket, answer.ts);
  if (answer.refused) {
    tell(*socket, refusal_frame(*answer.refused, answer.clock_difference_ms, answer.retry_after));
  } else if (answer.unregistered) {
    tell(*socket, registration_frame());
  }
  co_return true;
}

// A full stream has no words for it.
void Sockets::tell(Socket& socket, Bytes frame) {
  if (socket.opening.format != Format::ws_delta || socket.out->finishing()) return;
  socket.out->send(chunk_of(std::move(frame)));
  socket.out->pump();
}

void Sockets::prove(const Shared& socket, std::int64_t ts) {
  const auto& peer = socket->opening.peer;
  const auto at = of_peer_.find(peer);
  // A socket that was replaced meanwhile proves nothing any more.
  if (at == of_peer_.end() || (at->second.proven != socket && at->second.unproven != socket))
    return;
  board_.hold(peer);
  socket->proven_by = ts;
  if (at->second.proven == socket) return;
  ++counters_.proven;
  at->second.unproven = nullptr;
  if (const auto& old = at->second.proven) {
    tell(*old, twin_frame(socket->opening.client, ts));
    old->successor = socket;
  }
  replace(at->second.proven, socket);
  socket->out->who.proven = true;
  if (socket->begun) {
    hub_.change_audience(*socket->out, Audience::peers);
  } else {
    begin(socket);
  }
  if (hint(peer)) hooks_.introduced(peer);
}

void Sockets::begin(const Shared& socket) {
  socket->begun = true;
  const auto audience =
      socket->out->who.proven ? Audience::peers : hooks_.audience(socket->opening.client);
  hub_.begin(*socket->out, socket->opening.format, audience, socket->opening.resume_after);
}

// --- punch hints ---

Sockets::Shared Sockets::proven(const p2p::PeerId& peer) const {
  const auto at = of_peer_.find(peer);
  return at == of_peer_.end() ? nullptr : at->second.proven;
}

void Sockets::punch(const Shared& socket, const Row& about) {
  Bytes frame;
  const auto text = punch_text(*about.message, socket->opening.peer, runtime_.wall());
  append_presence(frame, socket->opening.format, {}, text);
  socket->out->send(chunk_of(std::move(frame)));
  ++counters_.punches;
}

// At most so many, from a place in the list that chance chooses.
std::vector<p2p::PeerId> Sockets::tell_some(const p2p::PeerId& peer, const Row& row) {
  std::vector<p2p::PeerId> told;
  if (row.message->presence.addresses.empty() || all_.empty()) return told;
  auto at = runtime_.random_below(all_.size());
  const auto looks = std::min(all_.size(), limits::punch_looks);
  for (std::size_t i = 0; i < looks && told.size() < limits::punches_per_arrival; ++i) {
    const auto& other = all_[at++ % all_.size()];
    if (!other->out->who.proven || other->opening.peer == peer) continue;
    const auto* theirs = board_.find(other->opening.peer);
    if (!theirs || theirs->message->presence.addresses.empty()) continue;
    if (!pairs_.take(peer, other->opening.peer, runtime_.now())) continue;
    told.push_back(other->opening.peer);
    punch(other, row);
    other->out->pump();
  }
  return told;
}

bool Sockets::hint(const p2p::PeerId& peer) {
  const auto* row = board_.find(peer);
  if (!row) return false;
  const auto mine = proven(peer);
  if (row->is_signed && !mine) return false;  // when its socket is proven, both sides can be told
  const auto told = tell_some(peer, *row);
  if (!mine) return false;
  for (const auto& other : told) punch(mine, *board_.find(other));
  mine->out->pump();
  return true;
}

std::vector<p2p::PeerId> Sockets::introduce(const p2p::PeerId& peer) {
  const auto* row = board_.find(peer);
  if (!row || proven(peer)) return {};
  return tell_some(peer, *row);
}

void Sockets::introduce(const p2p::PeerId& peer, std::span<const p2p::PeerId> others) {
  const auto mine = proven(peer);
  if (!mine) return;
  for (const auto& other : others) {
    const auto* row = board_.find(other);
    if (!row || row->message->presence.addresses.empty()) continue;
    if (pairs_.take(peer, other, runtime_.now())) punch(mine, *row);
  }
  mine->out->pump();
}

// --- time ---

Task<> Sockets::run() {
  for (;;) {
    co_await runtime_.sleep_for(limits::look_after);
    look_after(runtime_.now());
  }
}

void Sockets::look_after(Instant now) {
  pairs_.forget_old(now);
  for (const auto& socket : all_) {
    if (now - socket->heard > limits::ws_dead) {
      ++counters_.dead;
      socket->out->end();
    } else if (socket->replaced && now - *socket->replaced > limits::ws_linger) {
      socket->out->end();
    } else if (!socket->begun && now - socket->opened >= limits::proof_time) {
      begin(socket);
    }
  }
}

void Sockets::farewell() {
  for (const auto& socket : all_) close(*socket->out, ws::close_code::going_away, "server stops");
}

Task<> Sockets::stop() {
  for (const auto& socket : all_) socket->out->end();
  co_await tasks_.close();
}

}  // namespace goop::rendezvous
