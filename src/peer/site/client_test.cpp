#include "peer/site/client.h"

#include <gtest/gtest.h>

#include "peer/site/limits.h"
#include "peer/site/server.h"
#include "peer/site/site_test_kit.h"
#include "wire/site_limits.h"

namespace goop::peer::site {
namespace {

using sim::NarrowEnd;

constexpr std::string_view silence = "(silence)";

struct SiteClientTest : testing::Test {
  sim::SimRuntime runtime;
  MemorySite site;
  SiteServer server{runtime, site};
  TaskScope tasks{runtime, "test"};
  SiteLink::Version speaks = SiteLink::Version::v2;
  std::vector<std::string> scripts;  // what the next owners answer instead of the server, in order
  std::vector<std::shared_ptr<std::unique_ptr<NarrowEnd>>> far;
  std::size_t opened = 0;
  SiteClient client{runtime, [this](p2p::PeerId, Deadline) { return open(); }, 1'000'000};
  const p2p::PeerId owner = test_peer(9);

  ~SiteClientTest() override { runtime.wait(tasks.close()); }

  Task<SiteLink> open() {
    ++opened;
    auto [near, end] = sim::narrow_pipe(runtime);
    far.push_back(std::make_shared<std::unique_ptr<NarrowEnd>>(std::move(end)));
    if (scripts.empty()) {
      tasks.spawn(serve(far.back(), speaks), [](std::optional<Error>) {});
    } else {
      tasks.spawn(recite(far.back(), scripts.front()), [](std::optional<Error>) {});
      scripts.erase(scripts.begin());
    }
    SiteLink link;
    link.version = speaks;
    link.io = std::move(near);
    link.close = [](p2p::Duplex& io) { static_cast<NarrowEnd&>(io).close(); };
    co_return link;
  }

  Task<> serve(std::shared_ptr<std::unique_ptr<NarrowEnd>> io, SiteLink::Version version) {
    try {
      if (version == SiteLink::Version::v2) {
        co_await server.serve_v2(**io, test_peer(1));
      } else {
        co_await server.serve_v1(**io, test_peer(1));
      }
    } catch (const Failure&) {
      (*io)->reset();
      throw;
    }
    (*io)->close();
  }

  // Answers the first request with `text` and ends.
  Task<> recite(std::shared_ptr<std::unique_ptr<NarrowEnd>> io, std::string text) {
    const BytesView request = co_await (*io)->fill(Deadline::never());
    (*io)->consume(request.size());
    if (text == silence) co_await (*io)->fill(Deadline::never());
    co_await (*io)->write(as_bytes(text), Deadline::never());
    (*io)->close();
  }

  void answers(std::string_view head, std::string_view body = {}) {
    Bytes text = framed(head);
    append(text, body);
    scripts.push_back(to_text(text));
  }

  Result<SiteReply> get(SiteRequest request, Duration budget = 10s) {
    return runtime.wait(
        client.get(owner, std::move(request), Deadline::after(runtime.now(), budget)));
  }
  Result<SiteReply> get(std::string_view path) { return get(request_for(path)); }
  std::string content(SiteReply reply) {
    return to_text(runtime.wait(drain(std::move(reply.body))));
  }
  std::string content(std::string_view path) {
    Result<SiteReply> reply = get(path);
    return reply ? content(std::move(*reply)) : std::string(name(reply.error().code));
  }
  // How a request fails: the name of the answer's error, or of the failure with a '!'.
  std::string outcome(SiteRequest request) {
    try {
      Result<SiteReply> reply = get(std::move(request));
      return reply ? content(std::move(*reply)) : std::string(name(reply.error().code));
    } catch (const Failure& failure) {
      return "!" + std::string(name(failure.code()));
    }
  }
  std::string outcome() { return outcome(request_for("a")); }
};

TEST_F(SiteClientTest, Files_arrive_by_either_version) {
  site.files["a.css"] = to_bytes("body{}");
  site.files["big"] = pattern(700'000);
  for (const auto version : {SiteLink::Version::v2, SiteLink::Version::v1}) {
    speaks = version;
    EXPECT_EQ(content("a.css"), "body{}");
    EXPECT_EQ(content("big"), as_text(pattern(700'000)));
    EXPECT_EQ(content("none"), "not_found");
    client.forget(owner);
  }
}

TEST_F(SiteClientTest, A_small_body_is_complete_when_the_reply_comes) {
  site.files["a.css"] = to_bytes("body{}");
  SiteReply reply = get("a.css").value();
  EXPECT_TRUE(reply.complete());
  EXPECT_EQ(as_text(reply.body->ready()), "body{}");
}

TEST_F(SiteClientTest, Requests_follow_each_other_on_one_stream) {
  site.files["a"] = to_bytes("alpha");
  site.files["big"] = pattern(700'000);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(content("a"), "alpha");
    EXPECT_EQ(content("big").size(), 700'000u);
    EXPECT_EQ(content("none"), "not_found");
  }
  EXPECT_EQ(opened, 1u);
  EXPECT_EQ(client.counters().reused, 29u);
}

TEST_F(SiteClientTest, Version_1_takes_a_stream_per_request) {
  speaks = SiteLink::Version::v1;
  site.files["a"] = to_bytes("alpha");
  EXPECT_EQ(content("a"), "alpha");
  EXPECT_EQ(content("a"), "alpha");
  EXPECT_EQ(opened, 2u);
  EXPECT_EQ(client.idle_streams(), 0u);
}

TEST_F(SiteClientTest, Version_1_takes_the_type_from_the_name_when_the_owner_does_not_know) {
  speaks = SiteLink::Version::v1;
  scripts = {"OK application/octet-stream 2\nab"};
  EXPECT_EQ(get("a.css").value().head.mime, "text/css; charset=utf-8");
}

TEST_F(SiteClientTest, Conditions_and_ranges_reach_the_owner) {
  site.files["a"] = to_bytes("alpha");
  SiteRequest request = request_for("a");
  request.if_none_match = "v1";
  EXPECT_EQ(get(request).value().head.status, SiteStatus::not_modified);
  request = request_for("a");
  request.range = wire::SiteRange::tail(2);
  request.if_range = "v1";
  request.accept.br = true;
  EXPECT_EQ(content(get(request).value()), "ha");
  EXPECT_EQ(site.asked.back(), request);
}

TEST_F(SiteClientTest, A_stream_that_was_lost_while_idle_costs_one_retry) {
  site.files["a"] = to_bytes("alpha");
  EXPECT_EQ(content("a"), "alpha");
  (*far.back())->reset();
  EXPECT_EQ(content("a"), "alpha");
  EXPECT_EQ(client.counters().retried, 1u);
}

TEST_F(SiteClientTest, A_stream_that_is_lost_twice_is_a_failure) {
  scripts = {"", ""};
  EXPECT_EQ(outcome(), "!closed");
  EXPECT_EQ(opened, 2u);
}

TEST_F(SiteClientTest, Nothing_is_asked_again_once_bytes_were_delivered) {
  site.files["big"] = pattern(700'000);
  site.breaks_at = 300'000;
  EXPECT_EQ(outcome(request_for("big")), "!closed");
  EXPECT_EQ(opened, 1u);
}

TEST_F(SiteClientTest, A_body_that_was_read_in_part_takes_its_stream_with_it) {
  site.files["big"] = pattern(700'000);
  SiteReply reply = get("big").value();
  runtime.wait(reply.body->next(Deadline::never()));
  reply.body.reset();
  EXPECT_TRUE((*far.back())->was_reset());
  EXPECT_EQ(client.idle_streams(), 0u);
}

TEST_F(SiteClientTest, An_owner_that_falls_silent_fails_the_read_after_thirty_seconds) {
  answers("ok\nsize: 100000\nlength: 100000\n", std::string(10, 'x'));
  runtime.run_for(1ms);
  SiteReply reply = get("a").value();
  EXPECT_EQ(runtime.wait(reply.body->next(Deadline::never())).size(), 10u);
  EXPECT_THROW(runtime.wait(reply.body->next(Deadline::never())), Failure);
}

TEST_F(SiteClientTest, A_sealed_answer_is_an_error_that_says_so) {
  speaks = SiteLink::Version::v1;
  scripts = {"EOK text/html 4\nAAAA"};
  const Result<SiteReply> reply = get("a");
  EXPECT_EQ(reply.error().code, Errc::unsupported);
  EXPECT_NE(reply.error().detail.find("sealed"), std::string::npos);
}

TEST_F(SiteClientTest, Nonsense_in_version_1_is_a_violation) {
  speaks = SiteLink::Version::v1;
  for (const std::string& text : {std::string("HELLO\n"), std::string("OK text/css x\n")}) {
    scripts = {text};
    EXPECT_EQ(outcome(), "!violation") << text;
  }
  scripts = {std::string(wire::limits::site_line_bytes + 10, 'x')};
  EXPECT_EQ(outcome(), "!too_large");
}

TEST_F(SiteClientTest, An_answer_that_does_not_belong_to_the_request_is_a_violation) {
  const auto lie = [&](std::string_view head, SiteRequest request) {
    answers(head);
    return outcome(std::move(request));
  };
  SiteRequest ranged = request_for("a");
  ranged.range = wire::SiteRange::between(0, 3);
  EXPECT_EQ(lie("partial\nsize: 9\nlength: 1\nrange: 0-0\n", request_for("a")), "!violation");
  EXPECT_EQ(lie("partial\nsize: 9\nlength: 4\nrange: 1-4\n", ranged), "!violation");
  EXPECT_EQ(lie("range_not_satisfiable\nsize: 9\n", ranged), "!violation");
  EXPECT_EQ(lie("range_not_satisfiable\nsize: 9\n", request_for("a")), "!violation");
  EXPECT_EQ(lie("not_modified\n", request_for("a")), "!violation");
  EXPECT_EQ(lie("directory\n", request_for("a/")), "!violation");
  EXPECT_EQ(lie("ok\nsize: 9\nlength: 4\nencoding: br\n", request_for("a")), "!violation");
  EXPECT_EQ(lie("what\n", request_for("a")), "!violation");
}

TEST_F(SiteClientTest, More_than_the_cap_is_refused_before_it_comes) {
  answers("ok\nsize: 1000001\nlength: 1000001\n");
  EXPECT_EQ(outcome(), "too_large");
  speaks = SiteLink::Version::v1;
  scripts = {"OK text/plain 1000001\n"};
  EXPECT_EQ(outcome(), "too_large");
}

TEST_F(SiteClientTest, The_owners_refusals_keep_their_meaning) {
  for (const auto& [word, code] :
       {std::pair("bad_request", "invalid"), std::pair("busy", "busy"),
        std::pair("not_found", "not_found"), std::pair("forbidden", "forbidden"),
        std::pair("disabled", "unsupported")}) {
    answers(fmt::format("{}\n", word));
    EXPECT_EQ(outcome(), code);
    client.forget(owner);
  }
}

TEST_F(SiteClientTest, An_owner_whose_turns_are_all_taken_says_busy) {
  site.files["big"] = pattern(700'000);
  std::vector<SiteReply> held;
  for (std::size_t i = 0; i < limits::answers_per_peer; ++i) held.push_back(get("big").value());
  EXPECT_EQ(get(request_for("big"), 20s).error().code, Errc::busy);
}

TEST_F(SiteClientTest, An_owner_that_never_answers_runs_into_the_deadline) {
  scripts = {std::string(silence)};
  EXPECT_EQ(outcome(), "!timeout");
}

TEST_F(SiteClientTest, Requests_beyond_the_streams_of_an_owner_wait_for_their_turn) {
  for (std::size_t i = 0; i < limits::fetches_per_peer; ++i) {
    answers("ok\nsize: 100000\nlength: 100000\n", std::string(10, 'x'));
  }
  std::vector<SiteReply> held;
  for (std::size_t i = 0; i < limits::fetches_per_peer; ++i) held.push_back(get("a").value());
  EXPECT_EQ(outcome(), "!timeout");
  EXPECT_EQ(opened, limits::fetches_per_peer);
  site.files["a"] = to_bytes("alpha");
  held.pop_back();
  EXPECT_EQ(outcome(), "alpha");
}

TEST_F(SiteClientTest, Idle_streams_are_few_and_end_in_order_after_a_while) {
  site.files["big"] = pattern(100'000);
  std::vector<SiteReply> held;
  for (std::size_t i = 0; i < limits::idle_streams_per_peer + 2; ++i)
    held.push_back(get("big").value());
  for (SiteReply& reply : held) EXPECT_EQ(content(std::move(reply)).size(), 100'000u);
  EXPECT_EQ(client.idle_streams(), limits::idle_streams_per_peer);
  runtime.run_for(limits::fetch_idle + 1s);
  EXPECT_EQ(client.idle_streams(), 0u);
  for (const auto& end : far) EXPECT_FALSE((*end)->was_reset());
}

TEST_F(SiteClientTest, Idle_streams_to_all_owners_together_have_a_cap) {
  site.files["a"] = to_bytes("alpha");
  for (std::size_t i = 0; i < limits::idle_streams_total + 5; ++i) {
    SiteRequest request = request_for("a");
    const auto peer = test_peer(static_cast<std::uint8_t>(i + 1));
    runtime.wait(client.get(peer, request, Deadline::never())).value();
  }
  EXPECT_EQ(client.idle_streams(), limits::idle_streams_total);
}

TEST_F(SiteClientTest, A_reader_that_stops_stops_the_owner) {
  site.files["big"] = pattern(900'000);
  SiteReply reply = get("big").value();
  runtime.run_for(1s);
  EXPECT_LE(server.counters().body_bytes, 2 * 64u * 1024);  // the window, and a chunk on its way
  EXPECT_EQ(content(std::move(reply)), as_text(pattern(900'000)));
}

}  // namespace
}  // namespace goop::peer::site
