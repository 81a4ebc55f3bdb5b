#include "store/database.h"

namespace goop::store {
namespace {

Connection opened(const std::filesystem::path& file, std::span<const Migration> steps) {
  Connection connection(file);
  migrate(connection, steps);
  return connection;
}

}  // namespace

Database::Turn::~Turn() {
  if (!database_) return;
  database_->busy_ = false;
  database_->free_.notify_one();
}

Task<Database::Turn> Database::take_turn() {
  while (busy_) co_await free_.wait_until(Deadline::never());
  co_return Turn(*this);
}

Connection& Database::connection() {
  if (!connection_) raise(Errc::closed, "the database is not open");
  return *connection_;
}

Task<> Database::open(std::filesystem::path file, std::span<const Migration> steps) {
  const Turn turn = co_await take_turn();
  GOOP_ASSERT(!connection_);
  auto job = [&file, steps] { return opened(file, steps); };
  connection_.emplace(co_await runtime_.offload(job));
}

Task<> Database::close() {
  const Turn turn = co_await take_turn();
  auto job = [this] { connection_.reset(); };
  co_await runtime_.offload(job);
}

}  // namespace goop::store
