#include "rendezvous/news.h"

#include "rendezvous/backplane/service.h"

namespace goop::rendezvous {

void News::taken(const p2p::PeerId& peer, const Outcome& outcome) {
  show(peer, outcome);
  if (context_.others) context_.others->changed(outcome.changes);
  if (outcome.addresses_new && context_.sockets.hint(peer)) introduce(peer);
}

void News::changed(std::span<const Change> changes) {
  show(changes);
  if (context_.others) context_.others->changed(changes);
}

void News::introduce(const p2p::PeerId& peer) {
  if (context_.others) context_.others->meet({peer, {}});
}

void News::taken_elsewhere(const std::vector<backplane::Told>& all) {
  for (const auto& [peer, outcome] : all) show(peer, outcome);
}

void News::met(const backplane::Meet& meeting) {
  if (!meeting.others.empty()) {
    context_.sockets.introduce(meeting.peer, meeting.others);
    return;
  }
  auto told = context_.sockets.introduce(meeting.peer);
  if (!told.empty()) context_.others->meet({meeting.peer, std::move(told)});
}

// Who gets addresses, too, goes by which clients have a peer on the board.
void News::show(const p2p::PeerId& peer, const Outcome& outcome) {
  show(outcome.changes);
  const auto& board = context_.board;
  if (outcome.moved_from && board.rows_at(*outcome.moved_from) == 0) {
    context_.hub.change_audience(*outcome.moved_from, Audience::open);
  }
  const auto* row = board.find(peer);
  const bool first =
      row && (outcome.arrived || outcome.moved_from) && board.rows_at(row->address) == 1;
  if (first) context_.hub.change_audience(row->address, context_.audience(row->address));
}

void News::show(std::span<const Change> changes) {
  if (changes.empty()) return;
  const auto& board = context_.board;
  context_.hub.tell(changes);
  context_.desk->roll().hear(changes);
  if (context_.journal) context_.journal->record(changes, board);
  for (const auto& change : changes) {
    if (change.kind != Change::Kind::gone || board.rows_at(change.address) > 0) continue;
    context_.hub.change_audience(change.address, Audience::open);
  }
}

}  // namespace goop::rendezvous
