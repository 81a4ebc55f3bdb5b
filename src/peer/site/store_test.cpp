#include "peer/site/store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "codec/compress.h"
#include "peer/site/limits.h"
#include "peer/site/site_test_kit.h"

namespace goop::peer::site {
namespace {

namespace fs = std::filesystem;

// A new directory that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "goop-site-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { fs::remove_all(path); }
  fs::path path;
};

struct SiteStoreTest : testing::Test {
  sim::SimRuntime runtime;
  TemporaryFolder outside;
  TemporaryFolder temporary;
  fs::path root = temporary.path;
  int inspections = 0;
  SiteStore store{runtime, root, [this]() -> Result<SiteRules> {
                    ++inspections;
                    return SiteRules({"src"});
                  }};

  void write(const std::string& path, BytesView content) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path, std::ios::binary)
        .write(as_text(content).data(), static_cast<std::streamsize>(content.size()));
  }
  void write(const std::string& path, std::string_view content) { write(path, as_bytes(content)); }

  Result<SiteReply> get(SiteRequest request) {
    return runtime.wait(store.get(std::move(request), Deadline::never()));
  }
  Result<SiteReply> get(std::string_view path) { return get(request_for(path)); }

  std::string content(SiteReply reply) {
    return to_text(runtime.wait(drain(std::move(reply.body))));
  }
  std::string content(std::string_view path) {
    Result<SiteReply> reply = get(path);
    return reply ? content(std::move(*reply)) : std::string(name(reply.error().code));
  }
};

std::string long_text() {
  std::string text;
  for (int i = 0; text.size() < 20'000; ++i) text += fmt::format("<p>line {}</p>\n", i);
  return text;
}

TEST_F(SiteStoreTest, A_small_file_is_there_at_once_and_whole) {
  write("a.css", "body{}");
  SiteReply reply = get("a.css").value();
  EXPECT_EQ(reply.head.status, SiteStatus::ok);
  EXPECT_EQ(reply.head.mime, "text/css; charset=utf-8");
  EXPECT_EQ(reply.head.body_size, 6u);
  EXPECT_EQ(reply.head.total_size, 6u);
  EXPECT_FALSE(reply.head.etag.empty());
  EXPECT_TRUE(reply.head.modified);
  EXPECT_TRUE(reply.complete());
  EXPECT_EQ(as_text(reply.body->ready()), "body{}");
}

TEST_F(SiteStoreTest, A_large_file_comes_in_chunks) {
  const Bytes large = pattern(3 * limits::chunk_bytes + 17);
  write("film.mp4", large);
  SiteReply reply = get("film.mp4").value();
  EXPECT_EQ(reply.head.body_size, large.size());
  EXPECT_FALSE(reply.complete());
  const BytesView first = runtime.wait(reply.body->next(Deadline::never()));
  EXPECT_LE(first.size(), limits::chunk_bytes);
  auto all = to_text(first);  // the next chunk comes into the same memory
  all += content(std::move(reply));
  EXPECT_EQ(all, as_text(large));
  EXPECT_EQ(store.cache().entries(), 0u);
}

TEST_F(SiteStoreTest, An_empty_file_has_no_body) {
  write("empty.txt", "");
  SiteReply reply = get("empty.txt").value();
  EXPECT_EQ(reply.head.status, SiteStatus::ok);
  EXPECT_EQ(reply.head.body_size, 0u);
  EXPECT_TRUE(reply.complete());
}

TEST_F(SiteStoreTest, A_directory_is_its_index_and_without_the_slash_says_so) {
  write("index.html", "home");
  write("blog/index.html", "blog");
  fs::create_directory(root / "bare");
  EXPECT_EQ(content(""), "home");
  EXPECT_EQ(content("blog/"), "blog");
  EXPECT_EQ(get("blog").value().head.status, SiteStatus::directory);
  EXPECT_EQ(content("bare/"), "not_found");
  EXPECT_EQ(content("index.html/"), "not_found");
}

TEST_F(SiteStoreTest, The_type_of_a_nameless_file_is_read_from_its_first_bytes) {
  write("picture", std::string("\x89PNG\r\n\x1a\n") + std::string(100, 'x'));
  write("words", "just words");
  EXPECT_EQ(get("picture").value().head.mime, "image/png");
  EXPECT_EQ(get("words").value().head.mime, "text/plain; charset=utf-8");
  EXPECT_EQ(get("words").value().head.mime, "text/plain; charset=utf-8");  // from the cache
}

TEST_F(SiteStoreTest, Private_names_are_forbidden_whether_they_exist_or_not) {
  write(".env", "secret");
  write("lua/a.lua", "secret");
  write("src/a.ts", "secret");
  for (const char* path :
       {".env", ".nothing", "lua/a.lua", "LUA/A.lua", "src/a.ts", "lua", "src/"}) {
    EXPECT_EQ(content(path), "forbidden") << path;
  }
}

TEST_F(SiteStoreTest, No_symbolic_link_leads_anywhere) {
  std::ofstream(outside.path / "secret") << "secret";
  write("real.txt", "real");
  fs::create_directory_symlink(outside.path, root / "out");
  fs::create_symlink(outside.path / "secret", root / "link.txt");
  fs::create_symlink("real.txt", root / "inside.txt");
  fs::create_directory_symlink(".", root / "self");
  fs::create_symlink("/etc/passwd", root / "index.html");
  for (const char* path : {"out/secret", "link.txt", "inside.txt", "self/real.txt", ""}) {
    EXPECT_EQ(content(path), "forbidden") << path;
  }
}

TEST_F(SiteStoreTest, A_link_that_replaces_a_cached_file_is_not_followed) {
  std::ofstream(outside.path / "secret") << "secret";
  write("a.txt", "public");
  EXPECT_EQ(content("a.txt"), "public");
  fs::remove(root / "a.txt");
  fs::create_symlink(outside.path / "secret", root / "a.txt");
  EXPECT_EQ(content("a.txt"), "forbidden");
}

TEST_F(SiteStoreTest, Pipes_and_other_special_files_are_refused_without_waiting) {
  ASSERT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(content("pipe"), "forbidden");
}

TEST_F(SiteStoreTest, What_is_not_there_is_not_found) {
  write("a.txt", "x");
  for (const char* path : {"b.txt", "a.txt/b", "c/d/e"})
    EXPECT_EQ(content(path), "not_found") << path;
  EXPECT_EQ(content(std::string(300, 'n')), "not_found");  // longer than a name can be
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "d/";
  EXPECT_EQ(content(deep), "not_found");
}

TEST_F(SiteStoreTest, Ranges_are_parts_of_small_and_large_files) {
  const Bytes large = pattern(600'000);
  write("large.bin", large);
  write("small.bin", "0123456789");
  SiteRequest request = request_for("small.bin");
  request.range = wire::SiteRange::between(2, 4);
  SiteReply small = get(request).value();
  EXPECT_EQ(small.head.status, SiteStatus::partial);
  EXPECT_EQ(small.head.range, (wire::SiteSpan{2, 3}));
  EXPECT_EQ(small.head.total_size, 10u);
  EXPECT_EQ(content(std::move(small)), "234");

  request = request_for("large.bin");
  request.range = wire::SiteRange::from(250'000);
  EXPECT_EQ(content(get(request).value()), as_text(BytesView(large).subspan(250'000)));
  request.range = wire::SiteRange::tail(10);
  EXPECT_EQ(content(get(request).value()), as_text(BytesView(large).last(10)));

  request.range = wire::SiteRange::from(600'000);
  SiteReply outside_of_it = get(request).value();
  EXPECT_EQ(outside_of_it.head.status, SiteStatus::unsatisfiable);
  EXPECT_EQ(outside_of_it.head.total_size, 600'000u);
  EXPECT_EQ(outside_of_it.body, nullptr);
}

TEST_F(SiteStoreTest, A_range_counts_only_while_the_file_is_the_same) {
  write("a.bin", "0123456789");
  SiteRequest request = request_for("a.bin");
  request.range = wire::SiteRange::between(2, 4);
  request.if_range = get("a.bin").value().head.etag;
  EXPECT_EQ(get(request).value().head.status, SiteStatus::partial);
  write("a.bin", "0123456789ab");
  EXPECT_EQ(get(request).value().head.status, SiteStatus::ok);
}

TEST_F(SiteStoreTest, What_the_asker_has_already_is_not_sent_again) {
  write("a.html", long_text());
  SiteRequest request = request_for("a.html");
  request.accept.br = true;
  request.if_none_match = get(request).value().head.etag;
  EXPECT_TRUE(request.if_none_match.ends_with("-br"));
  SiteReply reply = get(request).value();
  EXPECT_EQ(reply.head.status, SiteStatus::not_modified);
  EXPECT_EQ(reply.head.etag, request.if_none_match);
  EXPECT_EQ(reply.body, nullptr);
  write("a.html", long_text() + "more");
  EXPECT_EQ(get(request).value().head.status, SiteStatus::ok);
}

TEST_F(SiteStoreTest, Text_is_compressed_in_the_best_way_the_asker_knows) {
  write("a.html", long_text());
  for (const auto& [accept, encoding] :
       {std::pair(wire::SiteEncodings{.gzip = true, .br = true}, SiteEncoding::br),
        std::pair(wire::SiteEncodings{.gzip = false, .br = true}, SiteEncoding::br),
        std::pair(wire::SiteEncodings{.gzip = true, .br = false}, SiteEncoding::gzip)}) {
    SiteRequest request = request_for("a.html");
    request.accept = accept;
    for (int again = 0; again < 2; ++again) {  // packed, then from the cache
      SiteReply reply = get(request).value();
      EXPECT_EQ(reply.head.encoding, encoding);
      EXPECT_EQ(reply.head.total_size, long_text().size());
      EXPECT_LT(reply.head.body_size, reply.head.total_size / 3);
      const auto coding = encoding == SiteEncoding::br ? codec::Coding::br : codec::Coding::gzip;
      const std::string packed = content(std::move(reply));
      EXPECT_EQ(as_text(codec::unpack(coding, as_bytes(packed), 100'000).value()), long_text());
    }
  }
  EXPECT_EQ(content("a.html"), long_text());
  EXPECT_EQ(get("a.html").value().head.encoding, SiteEncoding::identity);
}

TEST_F(SiteStoreTest, What_compression_does_not_help_goes_out_as_it_is) {
  Bytes noise(4000);
  runtime.random(noise);
  write("noise.txt", noise);
  write("short.txt", std::string(limits::encode_min_bytes, 'a'));
  write("photo.jpg", std::string(5000, 'a'));
  write("huge.txt", std::string(limits::encode_max_bytes + 1, 'a'));
  for (const char* path : {"noise.txt", "short.txt", "photo.jpg", "huge.txt"}) {
    SiteRequest request = request_for(path);
    request.accept = {.gzip = true, .br = true};
    for (int again = 0; again < 2; ++again) {
      EXPECT_EQ(get(request).value().head.encoding, SiteEncoding::identity) << path;
    }
  }
}

TEST_F(SiteStoreTest, A_range_is_never_compressed) {
  write("a.html", long_text());
  SiteRequest request = request_for("a.html");
  request.accept = {.gzip = true, .br = true};
  request.range = wire::SiteRange::between(0, 99);
  SiteReply reply = get(request).value();
  EXPECT_EQ(reply.head.encoding, SiteEncoding::identity);
  EXPECT_EQ(content(std::move(reply)), long_text().substr(0, 100));
}

TEST_F(SiteStoreTest, A_question_for_the_head_has_the_same_head_and_no_body) {
  write("a.html", long_text());
  for (const bool br : {false, true}) {
    SiteRequest request = request_for("a.html");
    request.accept.br = br;
    const SiteHead head = get(request).value().head;
    request.want = wire::SiteWant::head;
    SiteReply reply = get(request).value();
    EXPECT_EQ(reply.head, head);
    EXPECT_EQ(reply.body, nullptr);
  }
}

TEST_F(SiteStoreTest, A_changed_file_is_served_anew) {
  write("a.txt", "one");
  const std::string before = get("a.txt").value().head.etag;
  EXPECT_EQ(content("a.txt"), "one");
  write("a.txt", "other");
  EXPECT_EQ(content("a.txt"), "other");
  EXPECT_NE(get("a.txt").value().head.etag, before);
  fs::remove(root / "a.txt");
  EXPECT_EQ(content("a.txt"), "not_found");
}

TEST_F(SiteStoreTest, A_file_that_changes_while_it_is_sent_is_never_given_out_whole) {
  const auto change = [&](const std::string& how) {
    const fs::path file = root / "film.mp4";
    if (how == "shorter") fs::resize_file(file, 300'000);
    if (how == "longer") std::ofstream(file, std::ios::app) << "x";
    if (how == "other")
      fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(1));
  };
  for (const char* how : {"shorter", "longer", "other"}) {
    write("film.mp4", pattern(1'000'000));
    SiteReply reply = get("film.mp4").value();
    std::size_t given = runtime.wait(reply.body->next(Deadline::never())).size();
    change(how);
    try {
      for (;;) {
        const std::size_t more = runtime.wait(reply.body->next(Deadline::never())).size();
        if (more == 0) break;
        given += more;
      }
      ADD_FAILURE() << how;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Errc::conflict);
    }
    EXPECT_LT(given, reply.head.body_size) << how;
  }
}

TEST_F(SiteStoreTest, A_file_that_is_replaced_while_it_is_sent_arrives_as_it_was) {
  write("film.mp4", pattern(1'000'000));
  SiteReply reply = get("film.mp4").value();
  write("new.mp4", pattern(10));
  fs::rename(root / "new.mp4", root / "film.mp4");
  EXPECT_EQ(content(std::move(reply)), as_text(pattern(1'000'000)));
}

TEST_F(SiteStoreTest, The_cache_stays_within_its_bytes) {
  for (std::size_t i = 0; i < 2 * limits::cache_bytes / limits::cached_file_bytes; ++i) {
    const std::string path = fmt::format("{}.bin", i);
    write(path, Bytes(limits::cached_file_bytes));
    EXPECT_EQ(content(path).size(), limits::cached_file_bytes);
    ASSERT_LE(store.cache().bytes(), limits::cache_bytes);
  }
  EXPECT_GT(store.cache().bytes(), limits::cache_bytes / 2);
}

TEST(FileCacheTest, The_number_of_entries_is_capped_and_the_oldest_go_first) {
  FileCache cache;
  const store::FileInfo info{.size = 1};
  const auto path = [](std::size_t i) { return fmt::format("{}", i); };
  for (std::size_t i = 0; i < limits::cache_entries; ++i) cache.put({path(i), info, "a/b", {}, {}});
  EXPECT_NE(cache.find("0", info), nullptr);  // used again
  cache.put({path(limits::cache_entries), info, "a/b", {}, {}});
  EXPECT_EQ(cache.entries(), limits::cache_entries);
  EXPECT_NE(cache.find("0", info), nullptr);
  EXPECT_EQ(cache.find("1", info), nullptr);
}

}  // namespace
}  // namespace goop::peer::site
