// A database as the loop sees it: jobs that run on the pool, one after another.
//
//   auto count = co_await db.run([](Connection& c) { return c.integer("SELECT count(*) …"); });
//
// A job gets values and gives values; it must not touch what the loop owns. Waiting for one's turn
// can be cancelled, a job that runs cannot.
//
// Thread: loop only (a job's body: pool).   Owns: the connection.   Borrows: Runtime.
// Errors: Failure as in sqlite.h; Failure(closed) after close().
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "base/runtime.h"
#include "base/signal.h"
#include "store/migrations.h"
#include "store/sqlite.h"

namespace goop::store {

class Database {
 public:
  explicit Database(Runtime& runtime) : runtime_(runtime), free_(runtime) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Makes the file when it is missing, and brings its schema up to date. Once, before run().
  Task<> open(std::filesystem::path file, std::span<const Migration> steps);

  template <class Job, class T = std::invoke_result_t<Job, Connection&>>
  Task<T> run(Job job);

  // Waits for the jobs before it, then folds the write-ahead log into the file. Idempotent.
  Task<> close();

 private:
  // Held while a job runs; the next one may start when it is gone.
  class Turn {
   public:
    explicit Turn(Database& database) : database_(&database) { database.busy_ = true; }
    Turn(Turn&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    Database* database_;
  };
  Task<Turn> take_turn();
  Connection& connection();

  Runtime& runtime_;
  Signal free_;
  bool busy_ = false;
  std::optional<Connection> connection_;
};

template <class Job, class T>
Task<T> Database::run(Job job) {
  const Turn turn = co_await take_turn();
  Connection& target = connection();
  auto call = [&target, &job] { return job(target); };
  co_return co_await runtime_.offload(call);
}

}  // namespace goop::store
