// The tickets of a Budget: what they take besides their first place, and giving it all back.
#include "p2p/swarm/budget.h"
#include "p2p/swarm/limits.h"

namespace goop::p2p {

ConnectionTicket& ConnectionTicket::operator=(ConnectionTicket&& other) noexcept {
  if (this == &other) return *this;
  release();
  budget_ = std::exchange(other.budget_, nullptr);
  id_ = other.id_;
  direction_ = other.direction_;
  peer_ = other.peer_;
  return *this;
}

Result<void> ConnectionTicket::attach(const PeerId& peer, Instant now) {
  GOOP_ASSERT(budget_ && peer_.empty() && !peer.empty());
  const bool in = direction_ == Direction::inbound;
  if (in && !budget_->inbound_.contains(id_)) {
    return fail(Errc::busy, "it made room for another connection");
  }
  const auto at = budget_->peers_.find(peer);
  const std::size_t most = budget_->limits_.peer_connections;
  if (at != budget_->peers_.end() && at->second.connections >= most) {
    return fail(Errc::busy, "connections of one peer: all {} in use", most);
  }
  ++budget_->peers_[peer].connections;
  --(in ? budget_->usage_.handshakes_in : budget_->usage_.handshakes_out);
  budget_->handshakes_.remove(id_);
  budget_->inbound_.set_standing(id_, Standing::proven);
  budget_->inbound_.touch(id_, now + limits::proven_grace);
  peer_ = peer;
  return {};
}

void ConnectionTicket::used(Instant now) {
  auto& places = budget_->inbound_;
  if (places.standing(id_) == Standing::proven) places.set_standing(id_, Standing::used);
  places.touch(id_, now + limits::busy_time);
}

void ConnectionTicket::set_known(bool known) {
  auto& places = budget_->inbound_;
  const auto now = places.standing(id_);
  if (known) {
    places.set_standing(id_, Standing::known);
  } else if (now == Standing::known) {
    places.set_standing(id_, Standing::used);
  }
}

void ConnectionTicket::release() {
  if (!budget_) return;
  budget_->end_connection(*this);
  budget_ = nullptr;
}

StreamTicket& StreamTicket::operator=(StreamTicket&& other) noexcept {
  if (this == &other) return *this;
  release();
  budget_ = std::exchange(other.budget_, nullptr);
  peer_ = other.peer_;
  direction_ = other.direction_;
  protocol_ = std::move(other.protocol_);
  return *this;
}

Result<void> StreamTicket::attach(const ProtocolId& protocol, HandlerLimits limits) {
  GOOP_ASSERT(budget_ && !protocol_ && direction_ == Direction::inbound);
  auto& of_peer = budget_->peers_.at(peer_).protocols;
  const auto total = budget_->protocols_.find(protocol);
  if (total != budget_->protocols_.end() && total->second >= limits.total) {
    return fail(Errc::busy, "streams of {}: all {} in use", protocol, limits.total);
  }
  const auto own = of_peer.find(protocol);
  if (own != of_peer.end() && own->second >= limits.per_peer) {
    return fail(Errc::busy, "streams of {} of one peer: all {} in use", protocol, limits.per_peer);
  }
  ++budget_->protocols_[protocol];
  ++of_peer[protocol];
  protocol_ = protocol;
  return {};
}

void StreamTicket::release() {
  if (!budget_) return;
  budget_->end_stream(*this);
  budget_ = nullptr;
}

MemoryTicket& MemoryTicket::operator=(MemoryTicket&& other) noexcept {
  if (this == &other) return *this;
  release();
  budget_ = std::exchange(other.budget_, nullptr);
  peer_ = other.peer_;
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

Result<void> MemoryTicket::resize(std::size_t bytes, MemoryUse use) {
  GOOP_ASSERT(budget_);
  GOOP_CHECK(budget_->change_memory(peer_, bytes_, bytes, use));
  bytes_ = bytes;
  return {};
}

void MemoryTicket::release() {
  if (!budget_) return;
  GOOP_ASSERT(budget_->change_memory(peer_, bytes_, 0, MemoryUse::data));
  budget_ = nullptr;
}

}  // namespace goop::p2p
