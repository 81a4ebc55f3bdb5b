#include "store/database.h"

#include <gtest/gtest.h>

#include "base/os_runtime.h"
#include "base/task_scope.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_runtime.h"

namespace goop::store {
namespace {

using goop::testing::TempFolder;

constexpr Migration schema[] = {[](Connection& c) { c.script("CREATE TABLE t(a)"); }};

std::int64_t insert(Connection& c, int value) {
  c.run("INSERT INTO t VALUES (?)", value);
  return c.integer("SELECT count(*) FROM t").value();
}

Task<> insert_one(Database& db, int value, std::vector<std::int64_t>& counts) {
  auto job = [value](Connection& c) { return insert(c, value); };
  counts.push_back(co_await db.run(job));
}

TEST(Database, Jobs_run_in_the_order_in_which_they_were_asked_for) {
  TempFolder temp;
  OsRuntime rt(4);
  Database db(rt);
  std::vector<std::int64_t> counts;
  TaskScope scope(rt, "test");
  scope.spawn(db.open(temp / "data.db", schema));
  for (int i = 0; i < 20; ++i) scope.spawn(insert_one(db, i, counts));
  scope.spawn(db.close());
  rt.run();
  ASSERT_EQ(counts.size(), 20u);
  EXPECT_TRUE(std::ranges::is_sorted(counts));
  EXPECT_FALSE(std::filesystem::exists(temp / "data.db-wal"));
}

TEST(Database, A_job_that_throws_lets_the_next_one_pass) {
  TempFolder temp;
  sim::SimRuntime rt;
  Database db(rt);
  rt.wait(db.open(temp / "data.db", schema));
  auto bad = [](Connection&) -> int { raise(Errc::invalid, "no"); };
  EXPECT_THROW(rt.wait(db.run(bad)), Failure);
  auto good = [](Connection& c) { return insert(c, 1); };
  EXPECT_EQ(rt.wait(db.run(good)), 1);
}

TEST(Database, After_close_there_is_no_database) {
  TempFolder temp;
  sim::SimRuntime rt;
  Database db(rt);
  rt.wait(db.open(temp / "data.db", schema));
  rt.wait(db.close());
  rt.wait(db.close());
  auto job = [](Connection& c) { return insert(c, 1); };
  try {
    rt.wait(db.run(job));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::closed);
  }
}

}  // namespace
}  // namespace goop::store
