#include "peer/site/server.h"

#include <gtest/gtest.h>

#include "peer/site/limits.h"
#include "peer/site/site_test_kit.h"
#include "wire/site_limits.h"

namespace goop::peer::site {
namespace {

using sim::NarrowEnd;

Task<Bytes> read_rest(p2p::Duplex& io) {
  return p2p::read_to_end(io, 100'000'000, Deadline::never());
}

struct SiteServerTest : testing::Test {
  sim::SimRuntime runtime;
  MemorySite site;
  SiteServer server{runtime, site};
  TaskScope tasks{runtime, "test"};
  std::optional<Error> ended;  // how the last stream's handler ended
  std::size_t done = 0;

  ~SiteServerTest() override { runtime.wait(tasks.close()); }

  // Hands a new stream to the server as the host does; the returned end is the opener's.
  std::unique_ptr<NarrowEnd> open(const p2p::ProtocolId& version, std::uint8_t peer = 1,
                                  std::size_t window = 64 * 1024) {
    auto [near, far] = sim::narrow_pipe(runtime, window);
    tasks.spawn(handle(std::move(far), version == version_2, test_peer(peer)),
                [this](std::optional<Error> error) {
                  ended = std::move(error);
                  ++done;
                });
    return std::move(near);
  }

  Task<> handle(std::unique_ptr<NarrowEnd> io, bool v2, p2p::PeerId peer) {
    if (v2) {
      co_await server.serve_v2(*io, peer);
    } else {
      co_await server.serve_v1(*io, peer);
    }
    io->close();
  }

  void send(NarrowEnd& io, BytesView bytes) { runtime.wait(io.write(bytes, Deadline::never())); }

  std::string talk_v1(std::string_view line) {
    auto io = open(version_1);
    send(*io, as_bytes(line));
    return to_text(runtime.wait(read_rest(*io)));
  }

  // The next answer's head.
  std::string head(NarrowEnd& io) {
    const auto text = runtime.wait(p2p::read_prefixed(io, 4096, Deadline::never()));
    return text ? to_text(*text) : "(end)";
  }
  std::string body(NarrowEnd& io, std::size_t size) {
    Bytes bytes(size);
    runtime.wait(p2p::read_exactly(io, bytes, Deadline::never()));
    return to_text(bytes);
  }
};

TEST_F(SiteServerTest, Version_1_answers_one_line_and_the_bytes_and_ends) {
  site.files["index.html"] = to_bytes("<p>hello");
  EXPECT_EQ(talk_v1("GET /index.html\n"), "OK text/html; charset=utf-8 8\n<p>hello");
  EXPECT_FALSE(ended);
}

TEST_F(SiteServerTest, Version_1_says_why_not) {
  site.errors["secret"] = {Errc::forbidden, ""};
  site.files["dir/"] = {};
  EXPECT_EQ(talk_v1("GET /missing\n"), "ERR not found\n");
  EXPECT_EQ(talk_v1("GET /secret\n"), "ERR forbidden\n");
  EXPECT_EQ(talk_v1("GET ../x\n"), "ERR forbidden\n");
  EXPECT_EQ(talk_v1("GET /dir\n"), "ERR not found\n");
  EXPECT_EQ(talk_v1("HELLO\n"), "ERR bad request\n");
  EXPECT_EQ(talk_v1("ENC:AAAA\n"), "ERR bad request\n");
}

TEST_F(SiteServerTest, An_opener_that_leaves_without_a_word_is_no_error) {
  for (const auto& version : {version_1, version_2}) {
    auto io = open(version);
    io->close();
    runtime.run_for(1s);
    EXPECT_FALSE(ended);
  }
  EXPECT_EQ(done, 2u);
}

TEST_F(SiteServerTest, An_opener_that_leaves_without_reading_ends_only_its_stream) {
  site.files["big"] = pattern(1'000'000);
  auto io = open(version_1);
  send(*io, as_bytes("GET /big\n"));
  runtime.run_for(1s);
  io->reset();
  runtime.run_for(1s);
  EXPECT_EQ(ended->code, Errc::closed);
  EXPECT_EQ(talk_v1("GET /missing\n"), "ERR not found\n");
}

TEST_F(SiteServerTest, An_endless_line_resets_the_stream) {
  auto io = open(version_1);
  send(*io, Bytes(wire::limits::site_line_bytes + 1, 'a'));
  runtime.run_for(1s);
  EXPECT_EQ(ended->code, Errc::too_large);
  EXPECT_TRUE(io->was_reset());
}

TEST_F(SiteServerTest, An_endless_head_resets_the_stream_before_it_has_come) {
  auto io = open(version_2);
  Bytes announced;
  p2p::append_uvarint(announced, wire::limits::site_head_bytes + 1);
  send(*io, announced);
  runtime.run_for(1s);
  EXPECT_EQ(ended->code, Errc::too_large);
}

TEST_F(SiteServerTest, A_request_that_drips_is_cut_off) {
  for (const auto& [version, wait] : {std::pair(version_1, Duration(limits::request_wait)),
                                      std::pair(version_2, Duration(limits::serve_idle))}) {
    auto io = open(version);
    Bytes start;
    p2p::append_uvarint(start, 4000);  // a head that never comes; for 1.0.0 just text
    send(*io, start);
    const Bytes byte = {40};
    for (Duration passed{}; passed < wait; passed += 1s) {
      send(*io, byte);
      runtime.run_for(1s);
    }
    runtime.run_for(1s);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->code, Errc::timeout);
    ended.reset();
  }
}

TEST_F(SiteServerTest, Version_2_answers_several_requests_in_order) {
  site.files["a"] = to_bytes("alpha");
  site.files["b"] = pattern(300'000);
  auto io = open(version_2);
  Bytes all = framed("GET /a\n");
  append(all, framed("GET /b\n"));
  append(all, framed("GET /none\n"));
  append(all, framed("HEAD /a\n"));
  append(all, framed("GET /a\nrange: 1-2\n"));
  send(*io, all);  // pipelined
  EXPECT_EQ(head(*io), "ok\ntype: text/plain; charset=utf-8\netag: v1\nsize: 5\nlength: 5\n");
  EXPECT_EQ(body(*io, 5), "alpha");
  EXPECT_EQ(head(*io),
            "ok\ntype: text/plain; charset=utf-8\netag: v1\nsize: 300000\nlength: 300000\n");
  EXPECT_EQ(body(*io, 300'000), as_text(pattern(300'000)));
  EXPECT_EQ(head(*io), "not_found\n");
  EXPECT_EQ(head(*io), "ok\ntype: text/plain; charset=utf-8\netag: v1\nsize: 5\nlength: 5\n");
  EXPECT_EQ(head(*io),
            "partial\ntype: text/plain; charset=utf-8\netag: v1\nsize: 5\nlength: 2\nrange: 1-2\n");
  EXPECT_EQ(body(*io, 2), "lp");
  io->close();
  EXPECT_EQ(head(*io), "(end)");
  EXPECT_FALSE(ended);
}

TEST_F(SiteServerTest, Any_split_of_the_requests_gives_the_same_answers) {
  site.files["a"] = to_bytes("alpha");
  Bytes all = framed("GET /a\n");
  append(all, framed("HEAD /a\naccept: br\n"));
  append(all, framed("GET /x\n"));
  std::optional<Bytes> expected;
  for (std::size_t step = all.size(); step > 0; --step) {
    auto io = open(version_2);
    for (std::size_t at = 0; at < all.size(); at += step) {
      send(*io, BytesView(all).subspan(at, std::min(step, all.size() - at)));
      runtime.run_for(1ms);
    }
    io->close();
    const Bytes answers = runtime.wait(read_rest(*io));
    if (!expected) expected = answers;
    EXPECT_EQ(answers, *expected) << step;
  }
}

TEST_F(SiteServerTest, A_bad_request_is_answered_and_the_stream_goes_on) {
  site.files["a"] = to_bytes("alpha");
  auto io = open(version_2);
  send(*io, framed("PUT /a\n"));
  EXPECT_EQ(head(*io), "bad_request\n");
  send(*io, framed("GET /a\\b\n"));
  EXPECT_EQ(head(*io), "bad_request\n");
  send(*io, framed(""));
  EXPECT_EQ(head(*io), "bad_request\n");
  send(*io, framed("HEAD /a\n"));
  EXPECT_TRUE(head(*io).starts_with("ok\n"));
}

TEST_F(SiteServerTest, A_file_that_changes_while_it_is_sent_resets_the_stream) {
  site.files["big"] = pattern(500'000);
  site.breaks_at = 200'000;
  for (const auto& version : {version_1, version_2}) {
    auto io = open(version, 1, 1 << 20);
    if (version == version_1) {
      send(*io, as_bytes("GET /big\n"));
    } else {
      send(*io, framed("GET /big\n"));
    }
    runtime.run_for(1s);
    EXPECT_EQ(ended->code, Errc::conflict);
    EXPECT_TRUE(io->was_reset());
  }
  EXPECT_EQ(server.counters().broken_off, 2u);
}

TEST_F(SiteServerTest, A_reader_without_progress_is_reset_after_thirty_seconds) {
  site.files["big"] = pattern(1'000'000);
  auto io = open(version_2);
  send(*io, framed("GET /big\n"));
  runtime.run_for(limits::progress - 1s);
  EXPECT_EQ(done, 0u);
  runtime.run_for(2s);
  EXPECT_EQ(done, 1u);
  EXPECT_EQ(ended->code, Errc::timeout);
}

TEST_F(SiteServerTest, A_slow_reader_that_goes_on_reading_is_served_to_the_end) {
  site.files["big"] = pattern(1'000'000);
  auto io = open(version_2);
  send(*io, framed("GET /big\n"));
  EXPECT_TRUE(head(*io).starts_with("ok\n"));
  std::string all;
  for (int i = 0; i < 100; ++i) {
    all += body(*io, 10'000);
    runtime.run_for(4s);  // 2.5 kB/s
  }
  EXPECT_EQ(all, as_text(pattern(1'000'000)));
  EXPECT_EQ(done, 0u);
}

TEST_F(SiteServerTest, An_idle_stream_is_ended_after_a_minute) {
  auto io = open(version_2);
  runtime.run_for(limits::serve_idle + 1s);
  EXPECT_EQ(ended->code, Errc::timeout);
}

TEST_F(SiteServerTest, One_peers_slow_readers_delay_only_that_peer) {
  site.files["big"] = pattern(1'000'000);
  site.files["a"] = to_bytes("alpha");
  std::vector<std::unique_ptr<NarrowEnd>> slow;
  for (std::size_t i = 0; i < limits::answers_per_peer; ++i) {
    slow.push_back(open(version_2));
    send(*slow.back(), framed("GET /big\n"));
  }
  runtime.run_for(1s);
  auto same = open(version_2, 1);
  send(*same, framed("GET /a\n"));
  auto other = open(version_2, 2);
  send(*other, framed("GET /a\n"));
  EXPECT_TRUE(head(*other).starts_with("ok\n"));
  EXPECT_EQ(head(*same), "busy\n");  // after its turn has not come
  slow.clear();
  runtime.run_for(1s);
  send(*same, framed("GET /a\n"));
  EXPECT_TRUE(head(*same).starts_with("ok\n"));
}

TEST_F(SiteServerTest, All_answers_together_have_a_cap) {
  site.files["big"] = pattern(1'000'000);
  std::vector<std::unique_ptr<NarrowEnd>> slow;
  for (std::size_t i = 0; i < limits::answers_total; ++i) {
    slow.push_back(open(version_2, static_cast<std::uint8_t>(1 + i / limits::answers_per_peer)));
    send(*slow.back(), framed("GET /big\n"));
  }
  runtime.run_for(1s);
  auto late = open(version_2, 200);
  send(*late, framed("GET /big\n"));
  EXPECT_EQ(head(*late), "busy\n");
}

TEST_F(SiteServerTest, Guessing_names_is_slowed_down) {
  auto io = open(version_2);
  const auto burst = static_cast<int>(limits::requests_burst / (1 + limits::refused_cost));
  int refused = 0, busy = 0;
  for (int i = 0; i < burst + 10; ++i) {
    send(*io, framed("GET /guess\n"));
    ++(head(*io) == "busy\n" ? busy : refused);
  }
  EXPECT_NEAR(refused, burst, 2);
  EXPECT_GE(busy, 8);
  // Version 1.0.0 has no word for it: the stream is reset.
  auto old = open(version_1);
  send(*old, as_bytes("GET /guess\n"));
  runtime.run_for(1ms);
  EXPECT_EQ(ended->code, Errc::busy);
  // And another peer notices nothing.
  auto other = open(version_2, 2);
  send(*other, framed("GET /guess\n"));
  EXPECT_EQ(head(*other), "not_found\n");
}

TEST(AdmissionTest, Buckets_of_quiet_peers_are_forgotten_and_their_number_is_capped) {
  sim::SimRuntime runtime;
  Admission admission(runtime);
  const auto peer = [](std::size_t number) {
    Bytes id(34, 0);
    id[0] = 0x12, id[1] = 32;
    id[2] = static_cast<std::uint8_t>(number), id[3] = static_cast<std::uint8_t>(number >> 8);
    return p2p::PeerId::from_bytes(id).value();
  };
  for (std::size_t i = 0; i < limits::rated_peers + 10; ++i) EXPECT_TRUE(admission.admit(peer(i)));
  EXPECT_EQ(admission.rated_peers(), limits::rated_peers);
}

}  // namespace
}  // namespace goop::peer::site
