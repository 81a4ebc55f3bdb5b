// The board on disk: what was acknowledged survives the end of the process at any moment.
//
//   auto journal = co_await Journal::open(runtime, file);
//   co_await journal->load(board);
//   journal->record(changes, board);                 // on every change
//   auto saved = co_await journal->saved();          // before it is acknowledged
//
// One writer: what comes while a commit runs goes into the next one, so a thousand messages a
// second cost some commits. A row keeps the whole message with its signature, and the `ts` of a
// signed entry that ended stays for as long as an old message could pass for new.
//
// The table is that of the reference program with columns of ours, so its file opens here, and
// ours there. A damaged file is moved aside, said so in the log, and a new one begun.
//
// Owns: the database.   Borrows: Runtime.   Thread: loop only.
// Errors: open: Failure(storage): the file cannot be used. saved(): storage.
#pragma once

#include "base/failure_log.h"
#include "base/signal.h"
#include "base/task_scope.h"
#include "rendezvous/board.h"
#include "store/database.h"

namespace goop::rendezvous {

// A row of table `peers`, and what is written for an end.
struct SavedRow {
  p2p::PeerId peer;
  Message message;  // of an end: the farewell
  bool gone = false;
  bool is_signed = false;
  std::int64_t last_seen_ms = 0, bytes_sent = 0, bytes_received = 0;
  std::optional<std::int64_t> ended_ts = {};  // of what was signed
};

struct LoadedRow {
  wire::PresenceMessage message;
  bool is_signed = false;
  std::int64_t last_seen_ms = 0;
};

class Journal {
 public:
  static Task<std::unique_ptr<Journal>> open(Runtime& runtime, std::filesystem::path file);
  ~Journal();  // close() must have run

  Task<> load(Board& board);
  void record(std::span<const Change> changes, const Board& board);
  Task<Result<void>> saved();  // everything that was recorded so far
  Task<> close();              // writes what is left

  store::Database& database() { return database_; }  // registrations lie in the same file
  std::uint64_t commits() const { return commits_; }
  bool works() const { return !failed_; }

 private:
  explicit Journal(Runtime& runtime);
  Task<> write_on();
  Task<Result<void>> commit(std::shared_ptr<const std::vector<SavedRow>> rows);

  Runtime& runtime_;
  store::Database database_;
  std::unordered_map<p2p::PeerId, SavedRow> waiting_;
  std::uint64_t recorded_ = 0, committed_ = 0, commits_ = 0;
  bool writing_ = false;
  std::optional<Error> failed_;  // of the last commit
  FailureLog failures_{"peer_db"};
  Signal done_;
  TaskScope tasks_;
};

}  // namespace goop::rendezvous
