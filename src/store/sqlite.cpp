#include "store/sqlite.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cerrno>

#include "store/errors.h"
#include "store/folder.h"
#include "store/limits.h"

namespace goop::store {
namespace {

int last_errno(sqlite3_file* file) {
  int error = 0;
  if (file && file->pMethods) file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
  return error;
}

// The errno behind an error of the disk; 0: unknown. SQLite tells that of a statement; that of a
// commit is with the file: the write-ahead log's first, since that is what is written.
int system_error(SQLite::Database& database) {
  sqlite3* handle = database.getHandle();
  if (const int error = sqlite3_system_errno(handle)) return error;
  if (sqlite3_extended_errcode(handle) == SQLITE_IOERR_SHMSIZE) return ENOSPC;
  for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(handle, "main", which, &file);
    if (const int error = last_errno(file)) return error;
  }
  return 0;
}

Failure to_failure(const SQLite::Exception& error, int system) {
  const auto failure = [&](Errc code, std::string_view why) {
    return Failure(Error{code, fmt::format("database: {}", why)});
  };
  switch (error.getErrorCode() & 0xff) {
    case SQLITE_CONSTRAINT:
      return failure(Errc::conflict, error.what());
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return failure(Errc::busy, error.what());
    case SQLITE_NOMEM:
      return failure(Errc::busy, "out of memory");
    case SQLITE_TOOBIG:
      return failure(Errc::too_large, error.what());
    case SQLITE_FULL:
      return failure(Errc::storage, reason(ENOSPC));
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      if (system == 0) return failure(Errc::storage, error.what());
      return failure(is_passing(system) ? Errc::busy : Errc::storage,
                     fmt::format("{}: {}", error.what(), reason(system)));
    default:
      return failure(Errc::storage, error.what());
  }
}

// Runs `body` and says what SQLite threw in our terms.
template <class Body>
auto translated(SQLite::Database& database, const Body& body) {
  try {
    return body();
  } catch (const SQLite::Exception& error) {
    throw to_failure(error, system_error(database));
  }
}

std::unique_ptr<SQLite::Database> opened(const std::filesystem::path& file) {
  try {
    return std::make_unique<SQLite::Database>(file.native(), SQLite::OPEN_READWRITE,
                                              limits::busy_timeout_ms);
  } catch (const SQLite::Exception& error) {
    throw to_failure(error, 0);
  }
}

std::unique_ptr<SQLite::Database> open_file(const std::filesystem::path& file) {
  // Made here, because SQLite would give it the usual mode; its companions take the file's.
  const auto parent = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const Folder folder = or_raise(Folder::open(parent));
  or_raise(folder.open_or_create_file(file.filename().native(), 0600));
  auto database = opened(file);
  translated(*database, [&] {
    database->exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON");
  });
  return database;
}

void bind(SQLite::Statement& statement, std::span<const Value> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int place = static_cast<int>(i) + 1;
    const auto& content = values[i].content();
    if (const auto* number = std::get_if<std::int64_t>(&content)) {
      statement.bind(place, *number);
    } else if (const auto* real = std::get_if<double>(&content)) {
      statement.bind(place, *real);
    } else if (const auto* text = std::get_if<std::string_view>(&content)) {
      statement.bind(place, std::string(*text));
    } else if (const auto* bytes = std::get_if<BytesView>(&content)) {
      statement.bind(place, bytes->data(), static_cast<int>(bytes->size()));
    } else {
      statement.bind(place);
    }
  }
}

}  // namespace

bool Row::is_null(int column) const { return statement_.isColumnNull(column); }
std::int64_t Row::integer(int column) const { return statement_.getColumn(column).getInt64(); }
double Row::real(int column) const { return statement_.getColumn(column).getDouble(); }
std::string Row::text(int column) const { return statement_.getColumn(column).getString(); }

Bytes Row::blob(int column) const {
  const auto content = statement_.getColumn(column);
  const auto* data = static_cast<const std::uint8_t*>(content.getBlob());
  return {data, data + content.getBytes()};
}

// A statement taken from the cache, and given back clean. One that is in use already (a query
// within its own loop) is prepared a second time.
class Connection::Use {
 public:
  Use(Connection& connection, Sql sql) : connection_(connection), key_(sql.text()) {
    if (auto cached = connection.statements_.find(key_); cached != connection.statements_.end()) {
      statement_ = std::move(cached->second);
    }
    if (!statement_) {
      statement_ = std::make_unique<SQLite::Statement>(*connection.database_, key_);
    }
  }
  ~Use() {
    statement_->tryReset();
    statement_->clearBindings();
    auto& cache = connection_.statements_;
    if (cache.size() < limits::cached_statements || cache.contains(key_)) {
      cache[key_] = std::move(statement_);
    }
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  SQLite::Statement& operator*() const { return *statement_; }

 private:
  Connection& connection_;
  const char* key_;
  std::unique_ptr<SQLite::Statement> statement_;
};

Connection::Connection(const std::filesystem::path& file) : database_(open_file(file)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection::~Connection() = default;

std::int64_t Connection::run_bound(Sql sql, std::span<const Value> values) {
  return translated(*database_, [&]() -> std::int64_t {
    const Use use(*this, sql);
    bind(*use, values);
    return (*use).exec();
  });
}

void Connection::each_bound(Sql sql, std::span<const Value> values,
                            const std::function<void(const Row&)>& row) {
  translated(*database_, [&] {
    const Use use(*this, sql);
    bind(*use, values);
    while ((*use).executeStep()) row(Row(*use));
  });
}

void Connection::script(Sql sql) {
  translated(*database_, [&] { database_->exec(sql.text()); });
}

int Connection::schema_version() {
  return static_cast<int>(integer("PRAGMA user_version").value_or(0));
}

void Connection::set_schema_version(int version) {
  // A pragma takes no bound value; a number is the one thing that may be written into SQL.
  translated(*database_,
             [&] { database_->exec(fmt::format("PRAGMA user_version = {}", version)); });
}

void Connection::transaction(const std::function<void()>& body) {
  translated(*database_, [&] {
    SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
    body();
    transaction.commit();
  });
}

}  // namespace goop::store
