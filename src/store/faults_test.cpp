// What each function of this folder's headers makes of an error of the system: an answer or a
// Failure that names the reason, nothing half done, and all is well when the error has passed.
#include <gtest/gtest.h>

#include <cerrno>

#include "base/os_runtime.h"
#include "store/check.h"
#include "store/database.h"
#include "store/errors.h"
#include "store/folder.h"
#include "testing/faults/system_faults.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_runtime.h"

namespace goop::store {
namespace {

using goop::testing::Call;
using goop::testing::SystemFaults;
using goop::testing::TempFolder;

constexpr int errors[] = {EMFILE, ENFILE, ENOSPC, EDQUOT, EIO, EROFS, EACCES, ENOMEM, ESTALE};
constexpr Migration schema[] = {[](Connection& c) { c.script("CREATE TABLE t(a)"); }};

// What became of a call; nothing: it succeeded.
template <class Body>
std::optional<Error> outcome(const Body& body) {
  try {
    const auto result = body();
    if (!result) return result.error();
    return std::nullopt;
  } catch (const Failure& failure) {
    return failure.error();
  }
}

struct FolderCall {
  std::string_view name;
  std::vector<Call> needs;  // each of these makes it fail
  std::function<std::optional<Error>(const Folder&)> make;
};

const FolderCall folder_calls[] = {
    {"open",
     {Call::open},
     [](const Folder& f) { return outcome([&] { return Folder::open(f.path()); }); }},
    {"open_or_create",
     {Call::open},
     [](const Folder& f) {
       return outcome([&] { return Folder::open_or_create(f.path() / "made", 0700); });
     }},
    {"open_file",
     {Call::open, Call::stat},
     [](const Folder& f) { return outcome([&] { return f.open_file("file"); }); }},
    {"open_or_create_file",
     {Call::create, Call::stat},
     [](const Folder& f) { return outcome([&] { return f.open_or_create_file("new", 0600); }); }},
    {"subfolder",
     {Call::open},
     [](const Folder& f) { return outcome([&] { return f.subfolder("dir"); }); }},
    {"info",
     {Call::open, Call::stat},
     [](const Folder& f) { return outcome([&] { return f.info("file"); }); }},
    {"current_info",
     {Call::stat},
     [](const Folder& f) { return outcome([&] { return Result<FileInfo>(f.current_info()); }); }},
    {"list",
     {Call::open, Call::list},
     [](const Folder& f) { return outcome([&] { return f.list(""); }); }},
    {"read",
     {Call::open, Call::stat, Call::read},
     [](const Folder& f) { return outcome([&] { return f.read("file", 100); }); }},
    {"write_atomic",
     {Call::open, Call::create, Call::write, Call::sync, Call::rename},
     [](const Folder& f) {
       return outcome([&] { return f.write_atomic("file", as_bytes("new content")); });
     }},
    {"make_directories",
     {Call::open, Call::make},
     [](const Folder& f) { return outcome([&] { return f.make_directories("a/b"); }); }},
    {"remove",
     {Call::open, Call::remove},
     [](const Folder& f) { return outcome([&] { return f.remove("file"); }); }},
    {"remove_leftovers",
     {Call::open, Call::list, Call::remove},
     [](const Folder& f) { return outcome([&] { return f.remove_leftovers(""); }); }},
};

Errc expected(int error, bool open) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return Errc::busy;
    case EROFS:
    case EACCES:
      return Errc::forbidden;
    case ESTALE:
      return open ? Errc::conflict : Errc::not_found;
    default:
      return Errc::storage;
  }
}

bool is_on_open_file(Call call) {
  return call == Call::read || call == Call::write || call == Call::sync || call == Call::list;
}

TEST(FolderFaults, Each_error_of_each_call_is_told_and_nothing_is_half_done) {
  SystemFaults faults;
  for (const auto& tried : folder_calls) {
    for (const Call call : tried.needs) {
      for (const int error : errors) {
        SCOPED_TRACE(fmt::format("{}: {} fails with {}", tried.name, name(call), reason(error)));
        TempFolder temp;
        temp.put("file", "old content");
        temp.put("dir/inner", "");
        temp.put(".goop-1-1.tmp", "left by a crash");
        const auto folder = Folder::open(temp.path()).value();
        faults.fail({.calls = {call}, .error = error, .below = temp.path()});
        const auto told = tried.make(folder);
        faults.heal();
        ASSERT_TRUE(told);
        EXPECT_TRUE(told->detail.contains(reason(error))) << told->detail;
        if (!is_on_open_file(call) && call != Call::stat) {
          EXPECT_EQ(told->code, expected(error, false)) << to_string(*told);
        } else if (error != EACCES && error != EROFS && error != ESTALE) {
          EXPECT_EQ(told->code, expected(error, true)) << to_string(*told);
        }
        EXPECT_EQ(temp.get("file"), "old content");
        EXPECT_EQ(outcome([&] { return folder.remove_leftovers(""); }), std::nullopt);
        EXPECT_LE(folder.list("").value().size(), 5u);
        EXPECT_EQ(tried.make(folder), std::nullopt) << "after the error has passed";
      }
    }
  }
}

TEST(FolderFaults, An_interrupted_call_is_made_again) {
  SystemFaults faults;
  for (const auto& tried : folder_calls) {
    TempFolder temp;
    temp.put("file", "old content");
    temp.put("dir/inner", "");
    const auto folder = Folder::open(temp.path()).value();
    const std::vector<Call> slow = {Call::open, Call::create, Call::read, Call::write, Call::sync};
    faults.fail({.calls = slow, .error = EINTR, .below = temp.path(), .times = 3});
    EXPECT_EQ(tried.make(folder), std::nullopt) << tried.name;
    faults.heal();
  }
}

TEST(FolderFaults, A_failed_write_leaves_no_file_behind_and_names_file_and_reason) {
  SystemFaults faults;
  TempFolder temp;
  const auto folder = Folder::open(temp.path()).value();
  for (const Call call : {Call::write, Call::sync, Call::rename}) {
    faults.fail({.calls = {call}, .error = ENOSPC, .below = temp.path()});
    const auto told = outcome([&] { return folder.write_atomic("settings", as_bytes("text")); });
    faults.heal();
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->detail.contains((temp / "settings").native())) << told->detail;
    EXPECT_TRUE(told->detail.contains("the disk is full; free some space")) << told->detail;
    EXPECT_TRUE(folder.list("").value().empty()) << name(call);
  }
}

TEST(FolderFaults, A_directory_that_cannot_be_synced_is_no_error_on_disks_that_do_not_know_it) {
  SystemFaults faults;
  TempFolder temp;
  const auto folder = Folder::open(temp.path()).value();
  // The file's own sync comes first and goes well.
  faults.fail({.calls = {Call::sync}, .error = EINVAL, .below = temp.path(), .skip = 1});
  EXPECT_EQ(outcome([&] { return folder.write_atomic("file", as_bytes("text")); }), std::nullopt);
  EXPECT_EQ(temp.get("file"), "text");
}

TEST(FolderFaults, A_name_that_went_stale_is_looked_up_again) {
  SystemFaults faults;
  TempFolder temp;
  temp.put("file", "text");
  const auto folder = Folder::open(temp.path()).value();
  faults.fail({.calls = {Call::open}, .error = ESTALE, .below = temp.path(), .times = 1});
  EXPECT_EQ(to_text(folder.read("file", 100).value()), "text");
}

TEST(FolderFaults, Nothing_stays_open_whatever_fails) {
  SystemFaults faults;
  TempFolder temp;
  temp.put("file", "old content");
  temp.put("dir/inner", "");
  const auto folder = Folder::open(temp.path()).value();
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = open_files();
  for (const auto& tried : folder_calls) {
    for (const Call call : tried.needs) {
      faults.fail({.calls = {call}, .error = EIO, .below = temp.path()});
      tried.make(folder);
      faults.heal();
    }
  }
  EXPECT_EQ(open_files(), before);
}

// --- open files ---

TEST(FileFaults, Reading_and_looking_at_an_open_file_fail_as_the_disk_does) {
  SystemFaults faults;
  TempFolder temp;
  temp.put("file", "content");
  const auto file = Folder::open(temp.path()).value().open_file("file").value();
  Bytes place(4);
  for (const int error : errors) {
    faults.fail({.calls = testing::file_calls, .error = error, .below = temp.path()});
    EXPECT_TRUE(outcome([&] { return Result<std::size_t>(file.read_at(0, place)); }));
    EXPECT_TRUE(outcome([&] { return Result<FileInfo>(file.current_info()); }));
    EXPECT_TRUE(outcome([&] { return file.set_mode(0600), Result<void>(); }));
    EXPECT_EQ(file.try_read_cached(0, place), std::nullopt);
    faults.heal();
    EXPECT_EQ(file.read_at(0, place), 4u);
  }
}

// --- the database ---

Task<> insert_row(Database& database) {
  const auto job = [](Connection& c) { c.run("INSERT INTO t VALUES (?)", std::string(9000, 'x')); };
  co_await database.run(job);
}

Task<std::int64_t> rows_of(Database& database) {
  const auto job = [](Connection& c) { return c.integer("SELECT count(*) FROM t").value(); };
  co_return co_await database.run(job);
}

template <class T>
std::optional<Error> failure_of(sim::SimRuntime& runtime, Task<T> task) {
  try {
    runtime.wait(std::move(task));
  } catch (const Failure& failure) {
    return failure.error();
  }
  return std::nullopt;
}

TEST(DatabaseFaults, A_write_that_fails_is_told_by_its_reason_and_the_next_one_works) {
  SystemFaults faults;
  for (const int error : {ENOSPC, EDQUOT, EIO, EROFS, ENOMEM}) {
    SCOPED_TRACE(reason(error));
    TempFolder temp;
    sim::SimRuntime runtime;
    Database database(runtime);
    runtime.wait(database.open(temp / "data.db", schema));
    runtime.wait(insert_row(database));
    faults.fail({.calls = {Call::write, Call::sync}, .error = error, .below = temp.path()});
    const auto told = failure_of(runtime, insert_row(database));
    faults.heal();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->code, error == ENOMEM ? Errc::busy : Errc::storage);
    EXPECT_TRUE(told->detail.contains(reason(error))) << told->detail;
    EXPECT_EQ(runtime.wait(rows_of(database)), 1);
    runtime.wait(insert_row(database));
    EXPECT_EQ(runtime.wait(rows_of(database)), 2);
    runtime.wait(database.close());
    EXPECT_FALSE(is_damaged(temp / "data.db"));
  }
}

TEST(DatabaseFaults, One_that_cannot_be_opened_says_why_and_can_be_opened_later) {
  SystemFaults faults;
  for (const int error : errors) {
    for (const Call call : {Call::open, Call::create, Call::write}) {
      SCOPED_TRACE(fmt::format("{} fails with {}", name(call), reason(error)));
      TempFolder temp;
      sim::SimRuntime runtime;
      Database database(runtime);
      faults.fail({.calls = {call}, .error = error, .below = temp.path()});
      const auto told = failure_of(runtime, database.open(temp / "data.db", schema));
      faults.heal();
      ASSERT_TRUE(told);
      EXPECT_TRUE(told->detail.contains(reason(error))) << told->detail;
      EXPECT_EQ(failure_of(runtime, database.open(temp / "data.db", schema)), std::nullopt);
      runtime.wait(insert_row(database));
      runtime.wait(database.close());
    }
  }
}

TEST(DatabaseFaults, A_sound_file_is_not_called_damaged_because_it_cannot_be_read) {
  SystemFaults faults;
  TempFolder temp;
  {
    Connection connection(temp / "data.db");
    connection.script("CREATE TABLE t(a)");
  }
  for (const int error : errors) {
    faults.fail({.calls = testing::file_calls, .error = error, .below = temp.path()});
    EXPECT_FALSE(is_damaged(temp / "data.db")) << reason(error);
    faults.heal();
  }
  EXPECT_EQ(Connection(temp / "data.db").integer("SELECT count(*) FROM t"), 0);
}

TEST(DatabaseFaults, A_close_on_a_full_disk_ends_and_loses_nothing_that_was_committed) {
  SystemFaults faults;
  TempFolder temp;
  sim::SimRuntime runtime;
  Database database(runtime);
  runtime.wait(database.open(temp / "data.db", schema));
  runtime.wait(insert_row(database));
  faults.fail({.calls = testing::full_disk, .error = ENOSPC, .below = temp.path()});
  EXPECT_EQ(failure_of(runtime, database.close()), std::nullopt);
  faults.heal();
  EXPECT_EQ(Connection(temp / "data.db").integer("SELECT count(*) FROM t"), 1);
}

}  // namespace
}  // namespace goop::store
