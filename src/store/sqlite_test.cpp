#include "store/sqlite.h"

#include <gtest/gtest.h>

#include "store/limits.h"
#include "store/migrations.h"
#include "testing/files/temp_folder.h"

namespace goop::store {
namespace {

using goop::testing::TempFolder;

class SqliteTest : public ::testing::Test {
 protected:
  TempFolder temp;
  Connection db{temp / "data.db"};
};

template <class Body>
Errc code_of(const Body& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Errc::internal;
}

TEST_F(SqliteTest, Values_of_every_kind_go_in_and_come_out) {
  db.script("CREATE TABLE t(a, b, c, d, e)");
  const Bytes blob{0, 1, 255};
  EXPECT_EQ(db.run("INSERT INTO t VALUES (?,?,?,?,?)", -7, 1.5, "text", blob, nullptr), 1);
  int rows = 0;
  const auto check = [&](const Row& row) {
    ++rows;
    EXPECT_EQ(row.integer(0), -7);
    EXPECT_EQ(row.real(1), 1.5);
    EXPECT_EQ(row.text(2), "text");
    EXPECT_EQ(row.blob(3), blob);
    EXPECT_TRUE(row.is_null(4));
    EXPECT_EQ(row.text(4), "");
  };
  db.each("SELECT * FROM t", check);
  EXPECT_EQ(rows, 1);
}

TEST_F(SqliteTest, A_value_is_never_read_as_SQL) {
  db.script("CREATE TABLE t(a)");
  db.run("INSERT INTO t VALUES (?)", "'); DROP TABLE t; --");
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 1);
}

TEST_F(SqliteTest, Integer_tells_no_row_from_a_number) {
  EXPECT_EQ(db.integer("SELECT 5 WHERE 0"), std::nullopt);
  EXPECT_EQ(db.integer("SELECT NULL"), std::nullopt);
  EXPECT_EQ(db.integer("SELECT ?", true), 1);
  EXPECT_EQ(db.integer("SELECT ?", std::optional<int>()), std::nullopt);
}

TEST_F(SqliteTest, A_transaction_is_kept_whole_or_not_at_all) {
  db.script("CREATE TABLE t(a)");
  db.transaction([&] { db.run("INSERT INTO t VALUES (1)"); });
  const auto fails = [&] {
    db.transaction([&] {
      db.run("INSERT INTO t VALUES (2)");
      raise(Errc::invalid, "changed my mind");
    });
  };
  EXPECT_EQ(code_of(fails), Errc::invalid);
  EXPECT_EQ(db.integer("SELECT sum(a) FROM t"), 1);
}

TEST_F(SqliteTest, What_goes_wrong_has_a_code) {
  db.script("CREATE TABLE t(a UNIQUE)");
  db.run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(code_of([&] { db.run("INSERT INTO t VALUES (1)"); }), Errc::conflict);
  EXPECT_EQ(code_of([&] { db.run("INSERT INTO none VALUES (1)"); }), Errc::storage);
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 1);
}

TEST_F(SqliteTest, Foreign_keys_hold) {
  db.script("CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(a REFERENCES a(id))");
  EXPECT_EQ(code_of([&] { db.run("INSERT INTO b VALUES (1)"); }), Errc::conflict);
}

TEST_F(SqliteTest, A_query_may_run_within_itself) {
  db.script("CREATE TABLE t(id, parent); INSERT INTO t VALUES (1,0),(2,1),(3,1),(4,2)");
  std::vector<std::int64_t> order;
  std::function<void(std::int64_t)> visit = [&](std::int64_t parent) {
    const auto child = [&](const Row& row) {
      order.push_back(row.integer(0));
      visit(order.back());
    };
    db.each("SELECT id FROM t WHERE parent = ? ORDER BY id", child, parent);
  };
  visit(0);
  EXPECT_EQ(order, (std::vector<std::int64_t>{1, 2, 4, 3}));
}

template <std::size_t... I>
void many_statements(Connection& db, std::index_sequence<I...>) {
  // Literals of different addresses: the members of one array type.
  static constexpr struct {
    char text[9];
  } sql[]{((void)I, decltype(sql[0]){"SELECT 1"})...};
  (db.integer(Sql(sql[I].text)), ...);
}

TEST_F(SqliteTest, Prepared_statements_are_kept_up_to_a_cap) {
  db.integer("SELECT 1");
  db.integer("SELECT 2");
  const auto before = db.cached_statements();
  for (int i = 0; i < 10; ++i) db.integer("SELECT 1");
  EXPECT_LE(db.cached_statements(), before + 1);
  many_statements(db, std::make_index_sequence<limits::cached_statements + 50>());
  EXPECT_EQ(db.cached_statements(), limits::cached_statements);
}

TEST_F(SqliteTest, Its_files_are_for_the_owner_alone) {
  db.script("CREATE TABLE t(a)");
  EXPECT_EQ(temp.mode("data.db"), 0600u);
  EXPECT_EQ(temp.mode("data.db-wal"), 0600u);
}

TEST_F(SqliteTest, Another_connection_waits_for_a_short_transaction_and_sees_its_outcome) {
  db.script("CREATE TABLE t(a)");
  Connection other(temp / "data.db");
  db.transaction([&] {
    db.run("INSERT INTO t VALUES (1)");
    EXPECT_EQ(other.integer("SELECT count(*) FROM t"), 0);
  });
  EXPECT_EQ(other.integer("SELECT count(*) FROM t"), 1);
}

TEST(Sqlite, The_end_leaves_one_whole_file) {
  TempFolder temp;
  {
    Connection db(temp / "data.db");
    db.script("CREATE TABLE t(a); INSERT INTO t VALUES (42)");
    EXPECT_TRUE(std::filesystem::exists(temp / "data.db-wal"));
  }
  EXPECT_FALSE(std::filesystem::exists(temp / "data.db-wal"));
  EXPECT_EQ(Connection(temp / "data.db").integer("SELECT a FROM t"), 42);
}

TEST(Sqlite, A_file_that_is_no_database_is_left_alone) {
  TempFolder temp;
  const std::string garbage(5000, 'x');
  temp.put("data.db", garbage);
  EXPECT_EQ(code_of([&] { Connection db(temp / "data.db"); }), Errc::storage);
  EXPECT_EQ(temp.get("data.db"), garbage);
}

constexpr Migration first = [](Connection& c) { c.script("CREATE TABLE t(a)"); };
constexpr Migration second = [](Connection& c) { c.run("ALTER TABLE t ADD COLUMN b"); };
constexpr Migration failing = [](Connection& c) {
  c.run("INSERT INTO t VALUES (1, 2)");
  raise(Errc::storage, "disk full");
};

TEST_F(SqliteTest, Every_step_of_a_schema_runs_once) {
  migrate(db, std::array{first});
  EXPECT_EQ(db.schema_version(), 1);
  migrate(db, std::array{first, second});
  migrate(db, std::array{first, second});
  EXPECT_EQ(db.schema_version(), 2);
  EXPECT_EQ(db.run("INSERT INTO t(a, b) VALUES (1, 2)"), 1);
}

TEST_F(SqliteTest, A_step_that_fails_leaves_the_one_before_it) {
  EXPECT_EQ(code_of([&] { migrate(db, std::array{first, second, failing}); }), Errc::storage);
  EXPECT_EQ(db.schema_version(), 2);
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 0);
}

TEST_F(SqliteTest, A_newer_schema_is_refused_and_untouched) {
  db.set_schema_version(3);
  EXPECT_EQ(code_of([&] { migrate(db, std::array{first, second}); }), Errc::storage);
  EXPECT_EQ(db.schema_version(), 3);
}

}  // namespace
}  // namespace goop::store
