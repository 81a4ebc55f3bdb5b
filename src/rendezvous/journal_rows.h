// The tables behind the journal: schema, rows in, rows out. Only journal.cpp knows it.
//
// Thread: pool (as store/sqlite.h).
#pragma once

#include <span>

#include "rendezvous/journal.h"

namespace goop::rendezvous {

std::span<const store::Migration> journal_schema();

void save_rows(store::Connection& connection, const std::vector<SavedRow>& rows,
               std::int64_t now_ms);

struct LoadedBoard {
  std::vector<LoadedRow> rows;
  std::vector<std::pair<p2p::PeerId, std::int64_t>> ended;
};
LoadedBoard load_rows(store::Connection& connection);

}  // namespace goop::rendezvous
