#include "store/folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "testing/files/temp_folder.h"

namespace goop::store {
namespace {

namespace fs = std::filesystem;
using goop::testing::TempFolder;

template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "fine" : std::string(name(result.error().code));
}

std::string text(const Folder& folder, std::string_view path, std::size_t cap = 1000) {
  auto bytes = folder.read(path, cap);
  return bytes ? to_text(*bytes) : std::string(name(bytes.error().code));
}

class FolderTest : public ::testing::Test {
 protected:
  TempFolder temp;
  Folder folder = Folder::open(temp.path()).value();
};

TEST_F(FolderTest, Files_are_read_and_missing_ones_not_found) {
  temp.put("a/b.txt", "hello");
  EXPECT_EQ(text(folder, "a/b.txt"), "hello");
  EXPECT_EQ(text(folder, "a/c.txt"), "not_found");
  EXPECT_EQ(text(folder, "x/b.txt"), "not_found");
  EXPECT_EQ(text(folder, "a/b.txt/c"), "not_found");
  EXPECT_EQ(text(folder, "a"), "conflict");
  EXPECT_EQ(text(folder, ""), "conflict");
}

TEST_F(FolderTest, Paths_that_are_not_plain_are_invalid) {
  temp.put("a/b.txt", "hello");
  for (const char* path : {"..", "../x", "a/../a/b.txt", "/etc/passwd", "a//b.txt", "a/", "./a"}) {
    EXPECT_EQ(text(folder, path), "invalid") << path;
  }
  EXPECT_EQ(text(folder, std::string_view("a\0b", 3)), "invalid");
}

TEST_F(FolderTest, A_path_has_a_cap_in_bytes_and_in_depth) {
  EXPECT_EQ(text(folder, std::string(limits::path_bytes + 1, 'a')), "too_large");
  EXPECT_EQ(text(folder, std::string(300, 'a')), "invalid");  // over the system's name length
  std::string deep = "d";
  for (std::size_t i = 1; i < limits::path_depth; ++i) deep += "/d";
  EXPECT_EQ(text(folder, deep), "not_found");
  EXPECT_EQ(text(folder, deep + "/d"), "too_large");
}

TEST_F(FolderTest, Symbolic_links_are_never_followed) {
  temp.put("real/file", "inside");
  fs::create_symlink("real/file", temp / "link");
  fs::create_symlink("/etc/passwd", temp / "out");
  fs::create_directory_symlink("real", temp / "dir");
  fs::create_directory_symlink("/", temp / "root");
  for (const char* path : {"link", "out", "dir/file", "root/etc/passwd"}) {
    EXPECT_EQ(text(folder, path), "forbidden") << path;
    EXPECT_EQ(outcome(folder.open_or_create_file(path, 0600)), "forbidden") << path;
  }
  EXPECT_EQ(folder.info("link")->kind, FileKind::link);
  EXPECT_EQ(outcome(folder.list("dir")), "forbidden");
  EXPECT_EQ(outcome(folder.write_atomic("dir/new", {})), "forbidden");
  EXPECT_EQ(outcome(folder.make_directories("dir/new")), "forbidden");
  EXPECT_EQ(outcome(folder.remove("dir/file")), "forbidden");
  EXPECT_EQ(temp.get("real/file"), "inside");
}

TEST_F(FolderTest, The_walk_for_old_kernels_gives_the_same_answers) {
  temp.put("real/file", "inside");
  fs::create_symlink("file", temp / "real/link");
  fs::create_directory_symlink("real", temp / "dir");
  const Descriptor root(::open(temp.path().c_str(), O_RDONLY | O_DIRECTORY));
  const auto error = [&](std::string_view path, int flags = O_RDONLY) {
    const int stepwise = open_stepwise(root.get(), path, flags, 0600).error;
    EXPECT_EQ(open_beneath(root.get(), path, flags, 0600, Wait::allowed).error, stepwise) << path;
    return stepwise;
  };
  EXPECT_EQ(error("real/file"), 0);
  EXPECT_EQ(error(""), 0);
  EXPECT_EQ(error("real/none"), ENOENT);
  EXPECT_EQ(error("real/link"), ELOOP);
  EXPECT_EQ(error("dir/file"), ELOOP);
  EXPECT_EQ(error("dir", O_RDONLY | O_DIRECTORY), ELOOP);
  EXPECT_EQ(error("real/file/more"), ENOTDIR);
}

TEST_F(FolderTest, A_folder_may_itself_be_reached_through_a_link) {
  temp.put("real/file", "inside");
  fs::create_directory_symlink("real", temp / "door");
  EXPECT_EQ(text(Folder::open(temp / "door").value(), "file"), "inside");
}

TEST_F(FolderTest, A_pipe_is_refused_without_waiting_for_its_writer) {
  ASSERT_EQ(::mkfifo((temp / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(text(folder, "pipe"), "forbidden");
}

TEST_F(FolderTest, Reading_has_a_cap) {
  temp.put("file", "12345");
  EXPECT_EQ(text(folder, "file", 5), "12345");
  EXPECT_EQ(text(folder, "file", 4), "too_large");
}

TEST_F(FolderTest, Read_at_fills_its_place_and_stops_at_the_end) {
  temp.put("file", "0123456789");
  const File file = folder.open_file("file").value();
  Bytes place(4);
  EXPECT_EQ(file.read_at(3, place), 4u);
  EXPECT_EQ(as_text(place), "3456");
  EXPECT_EQ(file.read_at(8, place), 2u);
  EXPECT_EQ(file.read_at(100, place), 0u);
}

TEST_F(FolderTest, What_was_just_read_is_there_without_waiting) {
  temp.put("a/file", "0123456789");
  text(folder, "a/file");
  auto file = folder.try_open_file_cached("a/file");
  if (!file) GTEST_SKIP() << "this kernel does not know RESOLVE_CACHED";
  Bytes place(4);
  const auto got = (*file)->try_read_cached(8, place);
  if (!got) GTEST_SKIP() << "this file system does not know RWF_NOWAIT";
  EXPECT_EQ(got, 2u);
  EXPECT_EQ((*file)->try_read_cached(10, place), 0u);
  EXPECT_EQ(outcome(*folder.try_open_file_cached("../a")), "invalid");
}

TEST_F(FolderTest, A_file_that_was_written_to_looks_different) {
  temp.put("file", "one");
  const File file = folder.open_file("file").value();
  EXPECT_EQ(file.current_info(), file.info());
  temp.put("file", "longer");
  EXPECT_NE(file.current_info(), file.info());
}

TEST_F(FolderTest, A_file_is_replaced_whole_and_readers_keep_the_old_one) {
  temp.put("file", "old");
  const File before = folder.open_file("file").value();
  ASSERT_TRUE(folder.write_atomic("file", as_bytes("new content"), 0600));
  EXPECT_EQ(text(folder, "file"), "new content");
  EXPECT_EQ(temp.mode("file"), 0600u);
  Bytes place(3);
  before.read_at(0, place);
  EXPECT_EQ(as_text(place), "old");
  EXPECT_EQ(folder.list("")->size(), 1u);
}

TEST_F(FolderTest, A_file_that_root_replaces_stays_its_users) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  temp.put("file", "old");
  ASSERT_EQ(::chown((temp / "file").c_str(), 1234, 2345), 0);
  ASSERT_TRUE(folder.write_atomic("file", as_bytes("new"), 0600));
  struct stat now{};
  ASSERT_EQ(::stat((temp / "file").c_str(), &now), 0);
  EXPECT_EQ(now.st_uid, 1234u);
  EXPECT_EQ(now.st_gid, 2345u);
  EXPECT_EQ(temp.mode("file"), 0600u);
}

TEST_F(FolderTest, A_link_in_the_place_of_a_written_file_is_replaced_not_followed) {
  temp.put("victim", "precious");
  fs::create_symlink("victim", temp / "file");
  ASSERT_TRUE(folder.write_atomic("file", as_bytes("new")));
  EXPECT_EQ(temp.get("victim"), "precious");
  EXPECT_EQ(text(folder, "file"), "new");
}

TEST_F(FolderTest, A_directory_is_never_replaced_and_leaves_no_temporary_file) {
  fs::create_directory(temp / "dir");
  EXPECT_EQ(outcome(folder.write_atomic("dir", as_bytes("x"))), "conflict");
  EXPECT_EQ(outcome(folder.write_atomic("", as_bytes("x"))), "conflict");
  EXPECT_EQ(outcome(folder.write_atomic("none/file", as_bytes("x"))), "not_found");
  EXPECT_EQ(folder.list("")->size(), 1u);
}

// What a crash leaves: the old file and a half-written temporary one, with any of our names.
TEST_F(FolderTest, What_a_crash_left_neither_harms_nor_stays) {
  temp.put("file", "old");
  ASSERT_TRUE(folder.write_atomic("probe", {}));
  for (int i = 0; i < 50; ++i) temp.put(fmt::format(".goop-{}-{}.tmp", ::getpid(), i), "half");
  ASSERT_TRUE(folder.write_atomic("file", as_bytes("new")));
  EXPECT_EQ(text(folder, "file"), "new");
  EXPECT_EQ(folder.remove_leftovers(""), 50u);
  EXPECT_EQ(folder.list("")->size(), 2u);
  EXPECT_EQ(folder.remove_leftovers(""), 0u);
}

TEST_F(FolderTest, When_every_temporary_name_is_taken_the_old_file_stays) {
  temp.put("file", "old");
  for (std::size_t i = 0; i < 3000; ++i)
    temp.put(fmt::format(".goop-{}-{}.tmp", ::getpid(), i), "");
  EXPECT_THROW((void)folder.write_atomic("file", as_bytes("new")), Failure);
  EXPECT_EQ(text(folder, "file"), "old");
}

TEST(Temporary, Names_are_told_from_those_of_people) {
  EXPECT_TRUE(is_temporary(".goop-12-3.tmp"));
  EXPECT_FALSE(is_temporary(".goop-.tmp"));
  EXPECT_FALSE(is_temporary("goop-12.tmp"));
  EXPECT_FALSE(is_temporary(".goop-12"));
}

TEST_F(FolderTest, Directories_are_made_on_the_way_with_the_mode_asked_for) {
  ASSERT_TRUE(folder.make_directories("a/b/c", 0700));
  ASSERT_TRUE(folder.make_directories("a/b/c", 0700));
  EXPECT_EQ(temp.mode("a/b"), 0700u);
  temp.put("a/file", "");
  EXPECT_EQ(outcome(folder.make_directories("a/file")), "conflict");
  EXPECT_EQ(outcome(folder.make_directories("a/file/b")), "conflict");
  EXPECT_EQ(outcome(folder.make_directories("a/../b")), "invalid");
}

TEST_F(FolderTest, Files_and_empty_directories_are_removed) {
  temp.put("a/file", "");
  EXPECT_EQ(outcome(folder.remove("a")), "conflict");
  EXPECT_EQ(outcome(folder.remove("a/file")), "fine");
  EXPECT_EQ(outcome(folder.remove("a")), "fine");
  EXPECT_EQ(outcome(folder.remove("a")), "not_found");
  EXPECT_EQ(outcome(folder.remove("")), "conflict");
}

TEST_F(FolderTest, A_list_is_sorted_and_says_what_is_what) {
  temp.put("b", "12");
  temp.put("c/x", "");
  fs::create_symlink("b", temp / "a");
  const auto entries = folder.list("").value();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].info.kind, FileKind::link);
  EXPECT_EQ(entries[1].name, "b");
  EXPECT_EQ(entries[1].info.size, 2u);
  EXPECT_EQ(entries[2].info.kind, FileKind::directory);
  EXPECT_EQ(outcome(folder.list("b")), "not_found");
}

TEST_F(FolderTest, A_list_has_a_cap) {
  fs::create_directory(temp / "many");
  for (std::size_t i = 0; i < limits::list_entries; ++i) {
    ASSERT_EQ(::mknod((temp / "many").append(std::to_string(i)).c_str(), S_IFREG | 0600, 0), 0);
  }
  EXPECT_EQ(outcome(folder.list("many")), "fine");
  temp.put("many/one-more", "");
  EXPECT_EQ(outcome(folder.list("many")), "too_large");
}

TEST_F(FolderTest, A_subfolder_is_a_folder_of_its_own) {
  temp.put("a/b/file", "x");
  const Folder inner = folder.subfolder("a/b").value();
  EXPECT_EQ(text(inner, "file"), "x");
  EXPECT_EQ(outcome(folder.subfolder("a/b/file")), "not_found");
}

TEST_F(FolderTest, Missing_folders_are_made) {
  const auto made = Folder::open_or_create(temp / "x/y", 0700);
  ASSERT_TRUE(made);
  EXPECT_EQ(temp.mode("x/y"), 0700u);
  EXPECT_TRUE(Folder::open_or_create(temp / "x/y", 0700));
  EXPECT_EQ(outcome(Folder::open(temp / "none")), "not_found");
}

}  // namespace
}  // namespace goop::store
