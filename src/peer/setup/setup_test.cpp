// Identity, lock, control file and starter: what a peer's folder holds beside its goop.json.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "peer/setup/control_file.h"
#include "peer/setup/folder_lock.h"
#include "peer/setup/limits.h"
#include "peer/setup/starter.h"
#include "testing/files/temp_folder.h"

namespace goop::peer::setup {
namespace {

namespace fs = std::filesystem;
using goop::testing::TempFolder;

crypto::Secret<32> seed(std::uint8_t fill) {
  std::array<std::uint8_t, 32> bytes;
  bytes.fill(fill);
  return crypto::Secret<32>(bytes);
}
constexpr std::string_view key_file = "data/identity.key";

TEST(Identity, It_is_made_once_and_stays) {
  TempFolder temp;
  const auto first = open_identity(temp.path(), key_file, seed(1)).value();
  EXPECT_TRUE(first.created);
  EXPECT_TRUE(first.id.to_string().starts_with("12D3KooW"));
  EXPECT_EQ(temp.get(key_file).size(), 68u);
  EXPECT_EQ(temp.mode(key_file), 0600u);
  EXPECT_EQ(temp.mode("data"), 0700u);
  const auto second = open_identity(temp.path(), key_file, seed(2)).value();
  EXPECT_FALSE(second.created);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(read_identity(temp.path(), key_file)->id, first.id);
}

TEST(Identity, Asking_for_it_makes_none) {
  TempFolder temp;
  EXPECT_EQ(read_identity(temp.path(), key_file).error().code, Errc::not_found);
  EXPECT_TRUE(fs::is_empty(temp.path()));
}

TEST(Identity, A_file_of_another_place_works_the_same) {
  TempFolder temp, elsewhere;
  const auto absolute = (elsewhere / "keys/mine").string();
  const auto made = open_identity(temp.path(), absolute, seed(1)).value();
  EXPECT_EQ(read_identity(temp.path(), absolute)->id, made.id);
  EXPECT_EQ(elsewhere.mode("keys"), 0700u);
}

TEST(Identity, A_damaged_one_is_never_replaced_and_the_way_out_is_said) {
  for (const std::string& content :
       {std::string(), std::string("garbage"), std::string(68, '\0'), std::string(100'000, 'x')}) {
    TempFolder temp;
    temp.put(key_file, content);
    const auto result = open_identity(temp.path(), key_file, seed(1));
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().code, Errc::not_found);
    EXPECT_TRUE(result.error().detail.contains("identity.key cannot be used"));
    EXPECT_TRUE(result.error().detail.contains("backup"));
    EXPECT_EQ(temp.get(key_file), content);
  }
}

TEST(Identity, A_key_of_another_kind_is_refused_as_a_wrong_file) {
  TempFolder temp;
  Bytes other = {0x08, 0x02, 0x12, 0x20};  // secp256k1, by its type
  other.resize(36, 1);
  temp.put(key_file, to_text(other));
  EXPECT_EQ(open_identity(temp.path(), key_file, seed(1)).error().code, Errc::invalid);
}

TEST(Identity, A_link_or_a_folder_in_its_place_is_no_missing_identity) {
  TempFolder temp;
  fs::create_directories(temp / key_file);
  EXPECT_EQ(open_identity(temp.path(), key_file, seed(1)).error().code, Errc::conflict);
  fs::remove(temp / key_file);
  fs::create_symlink("nowhere", temp / key_file);
  EXPECT_EQ(open_identity(temp.path(), key_file, seed(1)).error().code, Errc::forbidden);
}

TEST(Identity, A_file_that_others_could_read_is_closed_to_them_with_a_warning) {
  TempFolder temp;
  open_identity(temp.path(), key_file, seed(1)).value();
  fs::permissions(temp / key_file, fs::perms(0644));
  EXPECT_TRUE(open_identity(temp.path(), key_file, seed(1))->warning.contains("mode 644"));
  EXPECT_EQ(temp.mode(key_file), 0600u);
  EXPECT_EQ(open_identity(temp.path(), key_file, seed(1))->warning, "");
}

constexpr WallTime noon{std::chrono::milliseconds(1'763'726'400'000)};

TEST(FolderLock, A_second_one_learns_who_has_it) {
  TempFolder temp;
  const auto folder = store::Folder::open(temp.path()).value();
  {
    const auto lock = FolderLock::take(folder, noon).value();
    const auto second = FolderLock::take(folder, noon + 1h);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::conflict);
    EXPECT_TRUE(second.error().detail.contains(
        fmt::format("process {}, since 2025-11-21 12:00:00 UTC", ::getpid())))
        << second.error().detail;
    EXPECT_EQ(temp.mode("data/lock"), 0600u);
  }
  EXPECT_TRUE(FolderLock::take(folder, noon));
}

TEST(FolderLock, It_ends_with_its_process_even_without_a_goodbye) {
  TempFolder temp;
  const auto folder = store::Folder::open(temp.path()).value();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = FolderLock::take(folder, noon);
    ::_exit(lock ? 0 : 1);  // no destructor runs
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_TRUE(temp.get("data/lock").contains(std::to_string(child)));
  EXPECT_TRUE(FolderLock::take(folder, noon));
}

TEST(FolderLock, Its_holder_tidies_up_after_a_crash) {
  TempFolder temp;
  temp.put(".goop-1-1.tmp", "half a goop.json");
  temp.put("data/.goop-1-2.tmp", "half a key");
  temp.put("data/mine.tmp", "not ours");
  const auto folder = store::Folder::open(temp.path()).value();
  const auto lock = FolderLock::take(folder, noon).value();
  EXPECT_FALSE(fs::exists(temp / ".goop-1-1.tmp"));
  EXPECT_FALSE(fs::exists(temp / "data/.goop-1-2.tmp"));
  EXPECT_TRUE(fs::exists(temp / "data/mine.tmp"));
}

TEST(FolderLock, What_a_stranger_wrote_into_it_is_shown_cut_and_harmless) {
  TempFolder temp;
  const auto folder = store::Folder::open(temp.path()).value();
  const auto lock = FolderLock::take(folder, noon).value();
  temp.put("data/lock", "\x1b[2J" + std::string(10 * limits::lock_bytes, 'x'));
  const auto detail = FolderLock::take(folder, noon).error().detail;
  EXPECT_LT(detail.size(), 3 * limits::lock_bytes);
  EXPECT_FALSE(detail.contains('\x1b'));
}

TEST(ControlFile, It_is_for_the_owner_alone_and_goes_with_the_peer) {
  TempFolder temp;
  const auto folder = store::Folder::open(temp.path()).value();
  EXPECT_EQ(read_control(folder).error().code, Errc::not_found);
  ASSERT_TRUE(write_control(folder, {.url = "http://127.0.0.1:1", .token = "t"}));
  EXPECT_EQ(temp.mode("data/control.json"), 0600u);
  const auto read = read_control(folder).value();
  EXPECT_EQ(read.pid, ::getpid());
  EXPECT_EQ(read.url, "http://127.0.0.1:1");
  EXPECT_EQ(read.token, "t");
  remove_control(folder);
  remove_control(folder);
  EXPECT_EQ(read_control(folder).error().code, Errc::not_found);
}

TEST(ControlFile, A_damaged_or_huge_one_is_an_answer) {
  TempFolder temp;
  const auto folder = store::Folder::open(temp.path()).value();
  temp.put("data/control.json", "{\"pid\":1}");
  EXPECT_EQ(read_control(folder).error().code, Errc::invalid);
  temp.put("data/control.json", std::string(limits::control_bytes + 1, ' '));
  EXPECT_EQ(read_control(folder).error().code, Errc::too_large);
}

const Bytes page = to_bytes("<h1>Hello</h1>");
const Bytes picture = to_bytes("<svg/>");
const StarterFile starter_files[] = {{"index.html", page}, {"images/tree.svg", picture}};
StarterOptions options() {
  return {.label = "Mira", .site = starter_files, .now = noon, .fresh = seed(1)};
}

TEST(Starter, A_folder_that_is_not_there_becomes_a_peer) {
  TempFolder temp;
  const auto path = temp / "peers/demo";
  const auto made = prepare_folder(path, options()).value();
  EXPECT_EQ(made.created(), fmt::format("created {} with goop.json, an identity and a starter site",
                                        path.string()));
  EXPECT_EQ(made.config.values().profile.label, "Mira");
  EXPECT_EQ(temp.get("peers/demo/site/images/tree.svg"), "<svg/>");
  EXPECT_EQ(temp.mode("peers/demo/goop.json"), 0600u);
  EXPECT_EQ(prepare_folder(path, options()).error().code, Errc::conflict);  // still held
}

TEST(Starter, What_is_there_is_never_touched) {
  TempFolder temp;
  prepare_folder(temp.path(), options()).value();
  temp.put("site/index.html", "mine");
  fs::remove_all(temp / "site/images");
  temp.put("goop.json", R"({"profile":{"label":"x"}})");
  const auto again = prepare_folder(temp.path(), options()).value();
  EXPECT_EQ(again.created(), "");
  EXPECT_EQ(temp.get("site/index.html"), "mine");
  EXPECT_FALSE(fs::exists(temp / "site/images"));
  EXPECT_EQ(temp.get("goop.json"), R"({"profile":{"label":"x"}})");
}

TEST(Starter, Only_what_is_missing_is_made_where_the_config_says) {
  TempFolder temp;
  temp.put("goop.json", R"({"paths":{"site_root":"www"},"identity":{"key_file":"k"}})");
  const auto made = prepare_folder(temp.path(), options()).value();
  EXPECT_EQ(made.created(),
            fmt::format("created in {}: an identity and a starter site", temp.path().string()));
  EXPECT_TRUE(fs::exists(temp / "www/index.html"));
  EXPECT_TRUE(fs::exists(temp / "k"));
}

// What the names do not show: an absolute path, a link.
TEST(Starter, A_site_that_holds_the_peers_own_files_stops_it) {
  TempFolder temp, elsewhere;
  fs::create_directory_symlink(temp.path(), elsewhere / "link");
  for (const auto& root : {temp.path().string(), (elsewhere / "link").string()}) {
    temp.put("goop.json", fmt::format(R"({{"paths":{{"site_root":"{}"}}}})", root));
    const auto result = prepare_folder(temp.path(), options());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::invalid);
    EXPECT_TRUE(result.error().detail.contains("where the peer's own goop.json lies"));
    EXPECT_FALSE(fs::exists(temp / key_file));
  }
}

TEST(Starter, A_wrong_config_stops_it_before_a_key_is_made) {
  TempFolder temp;
  temp.put("goop.json", R"({"p2p":{"listen_port":-1},"lua":7})");
  const auto result = prepare_folder(temp.path(), options());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::invalid);
  EXPECT_EQ(std::ranges::count(result.error().detail, '\n'), 1);
  EXPECT_FALSE(fs::exists(temp / key_file));
  EXPECT_FALSE(fs::exists(temp / "site"));
}

}  // namespace
}  // namespace goop::peer::setup
