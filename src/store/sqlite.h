// One connection to an SQLite database, with typed values in and out.
//
//   db.run("INSERT INTO note(id, text) VALUES (?, ?)", 7, text);
//   db.each("SELECT text FROM note WHERE id > ?", [&](const Row& row) { use(row.text(0)); }, 5);
//   db.transaction([&] { … });   // all of it or nothing
//
// WAL, foreign keys on, five seconds of patience with another process. The file is made with mode
// 0600, and so are those that SQLite keeps beside it.
//
// Thread: one at a time; calls wait for the disk, so they belong on the pool (database.h).
// Errors: Failure: conflict (a constraint), busy, storage (disk, damaged or foreign file).
#pragma once

#include <array>
#include <concepts>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/bytes.h"
#include "store/sql.h"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace goop::store {

// A value to bind; borrows text and bytes until the call has returned.
class Value {
 public:
  Value(std::nullptr_t) {}
  Value(std::integral auto number) : content_(static_cast<std::int64_t>(number)) {}
  Value(double number) : content_(number) {}
  Value(const char* text) : content_(std::string_view(text)) {}
  Value(std::string_view text) : content_(text) {}
  Value(const std::string& text) : content_(std::string_view(text)) {}
  Value(BytesView bytes) : content_(bytes) {}
  Value(const Bytes& bytes) : content_(BytesView(bytes)) {}
  template <class T>
  Value(const std::optional<T>& value) {
    if (value) *this = Value(*value);
  }

  using Content = std::variant<std::monostate, std::int64_t, double, std::string_view, BytesView>;
  const Content& content() const { return content_; }

 private:
  Content content_;
};

// The current row of a result; columns count from 0. SQLite converts where the type differs.
class Row {
 public:
  explicit Row(SQLite::Statement& statement) : statement_(statement) {}
  bool is_null(int column) const;
  std::int64_t integer(int column) const;  // 0 for NULL
  double real(int column) const;
  std::string text(int column) const;  // "" for NULL
  Bytes blob(int column) const;

 private:
  SQLite::Statement& statement_;
};

class Connection {
 public:
  explicit Connection(const std::filesystem::path& file);
  Connection(Connection&&) noexcept;
  ~Connection();  // the last connection's end folds the write-ahead log into the file

  // Number of rows that were changed.
  template <class... Values>
  std::int64_t run(Sql sql, const Values&... values) {
    return run_bound(sql, list<sizeof...(Values)>(values...));
  }

  template <class... Values>
  void each(Sql sql, const std::function<void(const Row&)>& row, const Values&... values) {
    each_bound(sql, list<sizeof...(Values)>(values...), row);
  }

  // First column of the first row; nothing when there is no row or it is NULL.
  template <class... Values>
  std::optional<std::int64_t> integer(Sql sql, const Values&... values) {
    std::optional<std::int64_t> first;
    const auto take = [&first](const Row& row) {
      if (!first && !row.is_null(0)) first = row.integer(0);
    };
    each_bound(sql, list<sizeof...(Values)>(values...), take);
    return first;
  }

  // Several statements at once, without values.
  void script(Sql sql);

  // Commits when `body` returns, rolls back when it throws. Not nested.
  void transaction(const std::function<void()>& body);

  // The number that SQLite keeps for the schema (PRAGMA user_version); see migrations.h.
  int schema_version();
  void set_schema_version(int version);

  std::size_t cached_statements() const { return statements_.size(); }

 private:
  class Use;

  template <std::size_t N>
  static std::array<Value, N> list(const auto&... values) {
    return {Value(values)...};
  }
  std::int64_t run_bound(Sql sql, std::span<const Value> values);
  void each_bound(Sql sql, std::span<const Value> values,
                  const std::function<void(const Row&)>& row);

  std::unique_ptr<SQLite::Database> database_;
  // By address of the literal; null while in use.
  std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
};

}  // namespace goop::store
