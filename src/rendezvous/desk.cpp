#include "rendezvous/desk.h"

#include "base/log.h"
#include "rendezvous/operator/limits.h"

namespace goop::rendezvous {

Desk::Desk(Runtime& runtime, Board& board, Hub& hub, Sockets& sockets, Ingest& ingest, Tell tell)
    : runtime_(runtime),
      board_(board),
      hub_(hub),
      sockets_(sockets),
      ingest_(ingest),
      tell_(std::move(tell)),
      roll_(runtime, board) {
  board_.refuse_those_in(blocks_);
}

Task<> Desk::load(store::Database& database) {
  co_await blocks_.load(database);
  for (const auto& [peer, block] : blocks_.list()) kick(peer);
}

Task<> Desk::run() {
  for (;;) {
    history_.record(figures(), runtime_.now());
    roll_.forget_unasked();
    co_await runtime_.sleep_for(limits::sample_every);
  }
}

Figures Desk::figures() const {
  const auto& in = ingest_.counters();
  Figures figures;
  figures.published = in.accepted;
  figures.refused = in.refused + in.over_budget;
  figures.deliveries = hub_.counters().deliveries;
  figures.peers = board_.size();
  figures.streams = hub_.size() - sockets_.size();
  figures.sockets = sockets_.size();
  return figures;
}

bool Desk::kick(const p2p::PeerId& peer) {
  auto changes = board_.remove(peer, runtime_.now(), runtime_.wall());
  const bool was_here = !changes.empty();
  tell_(std::move(changes));
  const bool had_socket = sockets_.dismiss(peer, "removed by the operator");
  return was_here || had_socket;
}

Task<Result<void>> Desk::block(p2p::PeerId peer) {
  const auto* row = board_.find(peer);
  Block block{row ? row->message->presence.label : "", to_ms(runtime_.wall())};
  auto added = co_await blocks_.add(peer, std::move(block));
  if (!added) co_return added;
  kick(peer);
  log::info("operator.blocked", {{"peer", peer}});
  co_return Result<void>();
}

Task<Result<void>> Desk::unblock(p2p::PeerId peer) {
  auto removed = co_await blocks_.remove(peer);
  if (removed) log::info("operator.unblocked", {{"peer", peer}});
  co_return removed;
}

}  // namespace goop::rendezvous
