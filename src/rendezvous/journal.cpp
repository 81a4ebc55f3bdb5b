#include "rendezvous/journal.h"

#include "base/log.h"
#include "rendezvous/journal_rows.h"
#include "store/check.h"

namespace goop::rendezvous {
namespace {

// Beside the file: what was in it may still be of use to somebody.
void move_aside(const std::filesystem::path& file, std::int64_t now_ms) {
  for (const auto* end : {"", "-wal", "-shm"}) {
    const std::filesystem::path from = file.string() + end;
    const std::filesystem::path to = fmt::format("{}.damaged-{}{}", file.string(), now_ms, end);
    std::error_code ignored;
    std::filesystem::rename(from, to, ignored);
  }
}

}  // namespace

Journal::Journal(Runtime& runtime)
    : runtime_(runtime), database_(runtime), done_(runtime), tasks_(runtime, "journal") {}

Journal::~Journal() = default;

Task<std::unique_ptr<Journal>> Journal::open(Runtime& runtime, std::filesystem::path file) {
  const auto now_ms = to_ms(runtime.wall());
  auto check = [file, now_ms] {
    const bool damaged = store::is_damaged(file);
    if (damaged) move_aside(file, now_ms);
    return damaged;
  };
  const bool damaged = co_await runtime.offload(check);
  if (damaged) {
    log::error("peer_db.damaged",
               {{"file", file.string()},
                {"moved_to", fmt::format("{}.damaged-{}", file.string(), now_ms)}});
  }
  std::unique_ptr<Journal> journal(new Journal(runtime));
  auto opening = journal->database_.open(file, journal_schema());
  const auto opened = co_await attempt(std::move(opening));
  if (!opened) {
    raise(Errc::storage, "the peer database {} (presence.peer_db_path) cannot be used: {}",
          file.string(), opened.error().detail);
  }
  co_return journal;
}

Task<> Journal::load(Board& board) {
  // Entries that ended longer ago than an old message could pass for new.
  const auto window = std::chrono::duration_cast<std::chrono::milliseconds>(limits::clock_window);
  const auto before = to_ms(runtime_.wall()) - 2 * window.count();
  // And a number that no server takes: a clock was wrong when it was written.
  const auto beyond = to_ms(runtime_.wall()) + window.count();
  auto job = [before, beyond](store::Connection& connection) {
    connection.run("DELETE FROM ended WHERE at < ? OR ts > ?", before, beyond);
    return load_rows(connection);
  };
  const auto loaded = co_await database_.run(job);
  for (const auto& [peer, ts] : loaded.ended) board.restore_ended(peer, ts, runtime_.now());
  for (const auto& row : loaded.rows) {
    board.restore(row.message, row.is_signed, WallTime(std::chrono::milliseconds(row.last_seen_ms)),
                  runtime_.now(), runtime_.wall());
  }
  log::info("peer_db.loaded", {{"peers", board.size()}});
}

void Journal::record(std::span<const Change> changes, const Board& board) {
  for (const auto& change : changes) {
    const auto& peer = change.message->presence.peer;
    SavedRow row{peer, change.message};
    if (const auto* shown = board.find(peer)) {
      row.is_signed = shown->is_signed;
      row.last_seen_ms = to_ms(shown->last_seen);
      row.bytes_sent = static_cast<std::int64_t>(shown->bytes_in);
      row.bytes_received = static_cast<std::int64_t>(board.bytes_told() - shown->bytes_base);
    } else {
      row.gone = true;
      row.ended_ts = board.last_ts(peer);
    }
    waiting_.insert_or_assign(peer, std::move(row));
    ++recorded_;
  }
  if (waiting_.empty() || writing_) return;
  writing_ = true;
  tasks_.spawn(write_on());
}

Task<> Journal::write_on() {
  while (!waiting_.empty()) {
    auto rows = std::make_shared<std::vector<SavedRow>>();
    rows->reserve(waiting_.size());
    for (auto& [peer, row] : waiting_) rows->push_back(std::move(row));
    waiting_.clear();
    const auto upto = recorded_;
    auto committing = commit(rows);
    const auto done = co_await std::move(committing);
    ++commits_;
    failed_ = done ? std::optional<Error>() : std::optional(done.error());
    committed_ = upto;
    done_.notify_all();
    if (!failed_) {
      failures_.succeeded();
      continue;
    }
    failures_.failed(*failed_, runtime_.now());
    const bool asked_again = recorded_ > upto;
    // Written with the next change: what has changed since then is newer.
    for (auto& row : *rows) waiting_.try_emplace(row.peer, std::move(row));
    if (!asked_again) break;
  }
  writing_ = false;
}

Task<Result<void>> Journal::commit(std::shared_ptr<const std::vector<SavedRow>> rows) {
  const auto now_ms = to_ms(runtime_.wall());
  auto job = [rows = std::move(rows), now_ms](store::Connection& connection) {
    save_rows(connection, *rows, now_ms);
  };
  auto running = database_.run(std::move(job));
  const auto done = co_await attempt(std::move(running));
  if (!done) co_return std::unexpected(done.error());
  co_return Result<void>();
}

Task<Result<void>> Journal::saved() {
  const auto mine = recorded_;
  while (committed_ < mine) {
    co_await done_.wait_until(Deadline::never());
  }
  if (failed_) co_return fail(Errc::storage, "the peer database cannot be written");
  co_return Result<void>();
}

Task<> Journal::close() {
  while (writing_) {
    co_await done_.wait_until(Deadline::never());
  }
  if (!waiting_.empty()) co_await write_on();  // what a full disk refused: once more
  co_await tasks_.close();
  co_await database_.close();
}

}  // namespace goop::rendezvous
