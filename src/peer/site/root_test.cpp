// The site's folder is what its path leads to, and disks differ: what visitors get then.
#include "peer/site/root.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/log.h"
#include "peer/site/limits.h"
#include "peer/site/site_test_kit.h"
#include "peer/site/store.h"
#include "testing/faults/system_faults.h"
#include "testing/files/temp_folder.h"

namespace goop::peer::site {
namespace {

namespace fs = std::filesystem;
using goop::testing::Call;
using goop::testing::SystemFaults;

struct SiteRootTest : ::testing::Test {
  sim::SimRuntime runtime;
  goop::testing::TempFolder temp;
  fs::path root = temp / "site";
  int inspections = 0;
  std::vector<std::string> private_folders = {};
  std::optional<Error> refused;
  SiteStore store{runtime, root, [this] { return inspect(); }};
  std::uint64_t log_before = log::recent().empty() ? 0 : log::recent().back().number;

  Result<SiteRules> inspect() {
    ++inspections;
    if (refused) return std::unexpected(*refused);
    return SiteRules(private_folders);
  }
  Result<SiteReply> get(std::string_view path) {
    return runtime.wait(store.get(request_for(path), Deadline::never()));
  }
  std::string content(std::string_view path) {
    auto reply = get(path);
    if (!reply) return std::string(name(reply.error().code));
    return to_text(runtime.wait(drain(std::move(reply->body))));
  }
  std::string etag(std::string_view path) { return get(path).value().head.etag; }
  std::size_t log_lines(std::string_view event) const {
    const auto lines = log::recent(log_before);
    return static_cast<std::size_t>(std::ranges::count_if(
        lines, [&](const log::Line& line) { return line.text.starts_with(event); }));
  }
};

// --- the folder is replaced ---

TEST_F(SiteRootTest, A_folder_put_in_the_place_of_the_old_one_is_served_at_once) {
  temp.put("site/index.html", "old");
  EXPECT_EQ(content(""), "old");
  fs::rename(root, temp / "before");
  temp.put("site/index.html", "new");
  EXPECT_EQ(content(""), "new");
  fs::remove_all(temp / "before");
  EXPECT_EQ(content(""), "new");
  fs::remove_all(root);
  temp.put("site/index.html", "newest");
  EXPECT_EQ(content(""), "newest");
}

TEST_F(SiteRootTest, A_link_that_is_set_to_another_release_leads_there) {
  temp.put("releases/1/index.html", "one");
  temp.put("releases/2/index.html", "two");
  fs::create_directory_symlink("releases/1", root);
  EXPECT_EQ(content(""), "one");
  fs::create_directory_symlink("releases/2", temp / "next");
  fs::rename(temp / "next", root);
  EXPECT_EQ(content(""), "two");
}

TEST_F(SiteRootTest, A_folder_that_is_away_for_a_moment_is_not_found_and_said_once) {
  temp.put("site/index.html", "here");
  EXPECT_EQ(content(""), "here");
  fs::rename(root, temp / "aside");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(content(""), "not_found");
  EXPECT_EQ(log_lines("site.folder.failed"), 1u);
  fs::rename(temp / "aside", root);
  EXPECT_EQ(content(""), "here");
  EXPECT_EQ(log_lines("site.folder.recovered"), 1u);
}

TEST_F(SiteRootTest, What_is_sent_already_arrives_as_it_was) {
  temp.put("site/film.mp4", to_text(pattern(1'000'000)));
  auto reply = get("film.mp4").value();
  fs::rename(root, temp / "aside");
  temp.put("site/film.mp4", "short");
  fs::remove_all(temp / "aside");
  EXPECT_EQ(to_text(runtime.wait(drain(std::move(reply.body)))), as_text(pattern(1'000'000)));
}

TEST_F(SiteRootTest, Nothing_stays_open_between_requests) {
  const auto open_files = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), {}); };
  const auto before = open_files();
  temp.put("site/index.html", "here");
  EXPECT_EQ(content(""), "here");
  EXPECT_EQ(content("none"), "not_found");
  EXPECT_EQ(open_files(), before);  // so that the disk can be unmounted
}

TEST_F(SiteRootTest, Links_below_a_new_folder_lead_nowhere_either) {
  temp.put("secret", "secret");
  temp.put("site/index.html", "old");
  EXPECT_EQ(content(""), "old");
  fs::rename(root, temp / "before");
  fs::create_directory(root);
  fs::create_symlink("../secret", root / "index.html");
  fs::create_directory_symlink("..", root / "up");
  EXPECT_EQ(content(""), "forbidden");
  EXPECT_EQ(content("up/secret"), "forbidden");
}

// --- what is private ---

TEST_F(SiteRootTest, Another_folder_is_inspected_before_anything_of_it_is_served) {
  temp.put("site/src/a", "public so far");
  EXPECT_EQ(content("src/a"), "public so far");
  EXPECT_EQ(content("src/a"), "public so far");
  EXPECT_EQ(inspections, 1);
  private_folders = {"src"};
  fs::rename(root, temp / "before");
  temp.put("site/src/a", "private");
  EXPECT_EQ(content("src/a"), "forbidden");
  EXPECT_EQ(content("src/a"), "forbidden");
  EXPECT_EQ(inspections, 2);
}

TEST_F(SiteRootTest, A_folder_that_may_not_be_served_is_forbidden_until_it_is_another) {
  temp.put("site/index.html", "here");
  EXPECT_EQ(content(""), "here");
  refused = Error{Errc::forbidden, "the peer's own goop.json lies in it"};
  fs::rename(root, temp / "before");
  fs::create_directory_symlink(".", root);
  EXPECT_EQ(content("goop.json"), "forbidden");
  refused.reset();
  fs::remove(root);
  fs::rename(temp / "before", root);
  EXPECT_EQ(content(""), "here");
}

// --- a file is overwritten ---

void overwrite_with_the_same_time(const fs::path& file, std::string_view text) {
  struct stat before{};
  ASSERT_EQ(::stat(file.c_str(), &before), 0);
  const int fd = ::open(file.c_str(), O_WRONLY);
  ASSERT_EQ(::pwrite(fd, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  const timespec times[] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::futimens(fd, times), 0);
  ::close(fd);
}

// Until the disk's clock has moved on: its grain is some milliseconds.
void wait_for_another_ctime(const fs::path& file) {
  struct stat before{}, now{};
  ASSERT_EQ(::stat(file.c_str(), &before), 0);
  do {
    ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
    ASSERT_EQ(::stat(file.c_str(), &now), 0);
  } while (now.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
}

TEST_F(SiteRootTest, A_file_overwritten_with_the_same_size_and_time_is_another) {
  temp.put("site/a.txt", "one");
  const auto before = etag("a.txt");
  EXPECT_EQ(content("a.txt"), "one");
  wait_for_another_ctime(root / "a.txt");
  overwrite_with_the_same_time(root / "a.txt", "two");
  EXPECT_EQ(content("a.txt"), "two");
  EXPECT_NE(etag("a.txt"), before);
}

TEST_F(SiteRootTest, A_file_written_just_now_is_not_kept_since_its_next_change_may_not_show) {
  SystemFaults faults;
  temp.put("site/a.txt", "text");
  std::int64_t age_ms = 0;
  faults.alter_stat(root, [&](struct stat& info) {
    info.st_ctim = {(to_ms(runtime.wall()) - age_ms) / 1000, 0};
  });
  EXPECT_EQ(content("a.txt"), "text");
  EXPECT_EQ(store.cache().entries(), 0u);
  age_ms = 2 * std::chrono::milliseconds(limits::settled).count();
  EXPECT_EQ(content("a.txt"), "text");
  EXPECT_EQ(store.cache().entries(), 1u);
}

// --- disks of other kinds ---

TEST_F(SiteRootTest, Where_case_does_not_count_private_names_stay_private) {
  SystemFaults faults;
  private_folders = {"scripts"};
  for (const char* path : {"index.html", "lua/a.lua", "scripts/a.js", ".env"}) {
    temp.put(std::string("site/") + path, "content");
  }
  faults.ignore_case(root);
  EXPECT_EQ(content("INDEX.HTML"), "content");  // the disk says so
  for (const char* path : {"LUA/a.lua", "lua/A.LUA", "Scripts/a.js", ".ENV"}) {
    EXPECT_EQ(content(path), "forbidden") << path;
  }
}

TEST_F(SiteRootTest, A_network_disk_that_numbers_its_files_anew_is_served_all_the_same) {
  SystemFaults faults;
  temp.put("site/a.txt", "text");
  std::uint64_t shift = 0;
  faults.alter_stat(temp.path(), [&](struct stat& info) { info.st_ino += shift; });
  for (shift = 0; shift < 50'000; shift += 10'000) {
    EXPECT_EQ(content("a.txt"), "text");
    EXPECT_EQ(get("a.txt").value().head.status, SiteStatus::ok);
  }
}

TEST_F(SiteRootTest, A_handle_that_a_network_disk_has_lost_is_opened_anew) {
  SystemFaults faults;
  temp.put("site/a.txt", "text");
  EXPECT_EQ(content("a.txt"), "text");
  for (const Call call : {Call::open, Call::read}) {
    faults.fail({.calls = {call}, .error = ESTALE, .below = root, .times = 1});
    EXPECT_EQ(content("a.txt"), "text") << name(call);
    faults.heal();
  }
  faults.fail({.calls = {Call::open}, .error = ESTALE, .below = root});
  EXPECT_EQ(content("a.txt"), "not_found");
}

TEST_F(SiteRootTest, A_time_to_come_is_told_as_the_present) {
  SystemFaults faults;
  temp.put("site/a.txt", "text");
  const auto now = to_ms(runtime.wall()) / 1000;
  std::int64_t mtime = now + 3600;
  faults.alter_stat(root, [&](struct stat& info) { info.st_mtim = {mtime, 0}; });
  EXPECT_EQ(get("a.txt").value().head.modified, now);
  mtime = now - 3600;
  EXPECT_EQ(get("a.txt").value().head.modified, now - 3600);
}

TEST_F(SiteRootTest, A_moment_without_descriptors_is_over_when_it_is_over) {
  SystemFaults faults;
  temp.put("site/a.txt", "text");
  for (const int error : {EMFILE, ENFILE, ENOMEM, EIO}) {
    faults.fail({.calls = {Call::open}, .error = error, .below = root});
    EXPECT_THROW(content("a.txt"), Failure);
    faults.heal();
    EXPECT_EQ(content("a.txt"), "text");
  }
}

}  // namespace
}  // namespace goop::peer::site
