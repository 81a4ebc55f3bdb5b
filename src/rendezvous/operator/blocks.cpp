#include "rendezvous/operator/blocks.h"

#include "base/log.h"
#include "base/task_scope.h"
#include "rendezvous/operator/limits.h"

namespace goop::rendezvous {
namespace {

using store::Connection;

Blocks::List load_list(Connection& connection) {
  Blocks::List list;
  const auto take = [&list](const store::Row& row) {
    const auto peer = p2p::PeerId::parse(row.text(0));
    if (peer && list.size() < limits::blocked_peers) {
      list.emplace(*peer, Block{row.text(1), row.integer(2)});
    }
  };
  connection.each("SELECT peer_id, label, at FROM blocked ORDER BY at DESC", take);
  return list;
}

// Waits for the disk, and gives its failure as a value.
template <class Job>
Task<Result<void>> keep(store::Database& database, Job job) {
  auto running = database.run(std::move(job));
  const auto done = co_await attempt(std::move(running));
  if (done) co_return Result<void>();
  log::error("peer_db.failed", {{"error", done.error()}});
  co_return fail(Errc::storage, "the peer database cannot be written");
}

}  // namespace

void create_blocked(Connection& connection) {
  connection.script(
      "CREATE TABLE IF NOT EXISTS blocked(peer_id TEXT PRIMARY KEY, label TEXT NOT NULL,"
      " at INTEGER NOT NULL)");
}

Task<> Blocks::load(store::Database& database) {
  auto job = [](Connection& connection) { return load_list(connection); };
  list_ = co_await database.run(job);
  database_ = &database;
}

Task<Result<void>> Blocks::add(p2p::PeerId peer, Block block) {
  if (has(peer)) co_return Result<void>();
  if (list_.size() >= limits::blocked_peers) {
    co_return fail(Errc::too_large, "at most {} peers can be blocked", limits::blocked_peers);
  }
  if (database_) {
    auto job = [id = peer.to_string(), block](Connection& connection) {
      connection.run("INSERT OR REPLACE INTO blocked(peer_id, label, at) VALUES (?,?,?)", id,
                     block.label, block.at);
    };
    auto kept = co_await keep(*database_, std::move(job));
    if (!kept) co_return kept;
  }
  list_.emplace(std::move(peer), std::move(block));
  co_return Result<void>();
}

Task<Result<void>> Blocks::remove(p2p::PeerId peer) {
  if (!has(peer)) co_return Result<void>();
  if (database_) {
    auto job = [id = peer.to_string()](Connection& connection) {
      connection.run("DELETE FROM blocked WHERE peer_id = ?", id);
    };
    auto kept = co_await keep(*database_, std::move(job));
    if (!kept) co_return kept;
  }
  list_.erase(peer);
  co_return Result<void>();
}

}  // namespace goop::rendezvous
