// Logs, readers and the hub between them; punch pairs and the queue of signatures.
#include "rendezvous/hub.h"

#include <gtest/gtest.h>

#include "rendezvous/board_test_kit.h"
#include "rendezvous/punch.h"
#include "rendezvous/verifier.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous {
namespace {

// A connection whose other side takes what it is told to take.
class Tap final : public net::ByteStream {
 public:
  struct Pipe {
    std::string text;
    std::size_t takes = std::string::npos;  // of each write that does not wait
    bool aborted = false, ended = false;
  };
  explicit Tap(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}

  Task<std::size_t> read_some(MutBytes) override { co_return 0; }
  Task<> write(std::span<const BytesView> parts) override {
    for (const auto& part : parts) pipe_->text += as_text(part);
    co_return;
  }
  std::size_t try_write(std::span<const BytesView> parts) noexcept override {
    std::size_t written = 0;
    for (const auto& part : parts) {
      const auto here = std::min(part.size(), pipe_->takes - written);
      pipe_->text += as_text(part.first(here));
      written += here;
    }
    return written;
  }
  void shutdown_write() noexcept override { pipe_->ended = true; }
  void abort() noexcept override { pipe_->aborted = true; }
  net::Endpoint local() const override { return {}; }
  net::Endpoint remote() const override { return {}; }

 private:
  std::shared_ptr<Pipe> pipe_;
};

Chunk chunk(std::string_view text) { return std::make_shared<const Bytes>(to_bytes(text)); }

TEST(StreamLogTest, keeps_a_bounded_number_of_bytes) {
  StreamLog log;
  for (int i = 0; i < 100; ++i) {
    append(log.pending(), std::string(100'000, 'x'));
    EXPECT_TRUE(log.flush());
  }
  EXPECT_LE(log.bytes(), limits::log_bytes);
  EXPECT_EQ(log.end(), 100u);
  EXPECT_GT(log.first(), 0u);
  EXPECT_FALSE(log.flush());
}

struct SubscriberTest : ::testing::Test {
  ~SubscriberTest() override { rt.wait(tasks.close()); }
  sim::SimRuntime rt{1};
  TaskScope tasks{rt, "test"};
  int lagging = 0;
  Subscriber::Shared shared{rt, tasks, [this] { ++lagging; }};
  std::shared_ptr<Tap::Pipe> pipe = std::make_shared<Tap::Pipe>();
  std::shared_ptr<Subscriber> reader =
      std::make_shared<Subscriber>(shared, std::make_unique<Tap>(pipe), net::IpAddress());
  StreamLog log;
};

TEST_F(SubscriberTest, gets_its_own_and_then_news_whole_and_in_order) {
  pipe->takes = 3;  // the rest has to be waited for
  reader->follow(&log);
  reader->send(chunk("own."));
  append(log.pending(), "first."), log.flush();
  append(log.pending(), "second."), log.flush();
  reader->pump();
  rt.run_for(1s);
  EXPECT_EQ(pipe->text, "own.first.second.");
}

TEST_F(SubscriberTest, takes_only_so_much_of_its_own) {
  const auto half = chunk(std::string(limits::own_bytes / 2, 'x'));
  EXPECT_TRUE(reader->send(half));
  EXPECT_TRUE(reader->send(half));
  EXPECT_FALSE(reader->send(half));
  reader->pump();
  EXPECT_TRUE(reader->send(half));
}

TEST_F(SubscriberTest, that_falls_out_of_the_log_says_so_and_waits_to_be_put_back) {
  reader->follow(&log);
  for (int i = 0; i < 50; ++i) append(log.pending(), std::string(100'000, 'x')), log.flush();
  reader->pump();
  EXPECT_TRUE(reader->lags());
  EXPECT_EQ(lagging, 1);
  EXPECT_EQ(pipe->text, "");
  reader->follow(&log);
  append(log.pending(), "news"), log.flush();
  reader->pump();
  EXPECT_EQ(pipe->text, "news");
}

TEST_F(SubscriberTest, ends_after_what_waits_was_written) {
  pipe->takes = 2;
  reader->send(chunk("farewell"));
  reader->finish();
  rt.run_for(1s);
  EXPECT_EQ(pipe->text, "farewell");
  EXPECT_TRUE(pipe->ended);
  EXPECT_FALSE(pipe->aborted);
  reader->send(chunk("more"));
  reader->pump();
  EXPECT_EQ(pipe->text, "farewell");
}

struct HubTest : ::testing::Test {
  HubTest() { scope.spawn(hub.run()); }
  ~HubTest() override {
    for (const auto& reader : readers) hub.remove(*reader);
    rt.wait(hub.stop());
  }
  std::string begin(Format format, std::optional<std::uint64_t> after) {
    const auto pipe = std::make_shared<Tap::Pipe>();
    readers.push_back(hub.add(std::make_unique<Tap>(pipe), {}));
    hub.begin(*readers.back(), format, Audience::peers, after);
    return pipe->text;
  }
  void say(const std::string& label) {
    who.label = label;
    rt.run_for(1ms);
    auto message = signed_at(who, rt.wall());
    hub.tell(board.apply(message, {Proof::checked, {}}, 0, rt.now(), rt.wall()).changes);
  }

  sim::SimRuntime rt{1};
  Board board;
  Hub hub{rt, board, "B"};
  sim::SimScope scope{rt};
  std::vector<std::shared_ptr<Subscriber>> readers;
  Person who = person(1);
};

TEST_F(HubTest, resumes_within_a_bounded_window) {
  for (std::size_t i = 0; i < limits::resume_events + 10; ++i) say(fmt::format("label {}", i));
  const auto last = board.last_number();
  const auto text = begin(Format::sse_delta, last - 2);
  EXPECT_EQ(text.find("event: gap"), text.npos);
  EXPECT_NE(text.find(fmt::format("id: B-{}\ndata: ", last - 1)), text.npos);
  EXPECT_TRUE(text.ends_with(fmt::format("id: B-{}\nevent: ready\ndata: {{}}\n\n", last)));
  EXPECT_TRUE(begin(Format::sse_delta, 1).starts_with("event: gap\n"));
  EXPECT_TRUE(begin(Format::sse_delta, last + 1).starts_with("event: gap\n"));
  EXPECT_EQ(begin(Format::sse_delta, last),
            fmt::format("id: B-{}\nevent: ready\ndata: {{}}\n\n", last));
}

TEST_F(HubTest, news_of_a_moment_share_one_write_and_the_first_waits_for_nothing) {
  begin(Format::sse_full, std::nullopt);
  rt.run_for(1s);
  const auto before = rt.now();
  say("one");
  rt.run_for(1ms);
  EXPECT_EQ(hub.counters().deliveries, 1u);
  EXPECT_LT(rt.now() - before, limits::flush_pace);
}

TEST_F(HubTest, ids_of_another_run_or_none_mean_nothing) {
  EXPECT_EQ(hub.ids().parse("B-17"), 17u);
  for (const auto* text : {"", "B", "B-", "B-x", "B-1x", "C-1", "B--1", "B-99999999999999999999"}) {
    EXPECT_FALSE(hub.ids().parse(text)) << text;
  }
  EXPECT_FALSE(hub.ids().parse("B-" + std::string(limits::event_id_bytes, '1')));
}

TEST(PunchTest, pairs_are_bounded) {
  PunchPairs pairs;
  const auto one = invented(-1).presence.peer;
  const Instant now(1h);
  for (std::size_t i = 0; i < limits::punch_pairs; ++i) {
    ASSERT_TRUE(pairs.take(one, invented(static_cast<int>(i)).presence.peer, now));
  }
  EXPECT_FALSE(pairs.take(one, invented(-2).presence.peer, now));
  EXPECT_FALSE(pairs.take(invented(0).presence.peer, one, now));
  pairs.forget_old(now + limits::punch_pause);
  EXPECT_EQ(pairs.size(), 0u);
}

TEST(VerifierTest, a_full_queue_is_busy) {
  sim::SimRuntime rt{1};
  Verifier verifier(rt);
  auto who = person(1);
  const auto message = signed_at(who, rt.wall());
  std::size_t good = 0, busy = 0;
  {
    const auto ask = [](Verifier& v, wire::PresenceMessage m, std::size_t& yes,
                        std::size_t& no) -> Task<> {
      auto checked = co_await v.check(std::move(m));
      ++(checked ? yes : no);
    };
    sim::SimScope scope(rt);
    for (std::size_t i = 0; i < limits::verify_queue + 10; ++i) {
      scope.spawn(ask(verifier, message, good, busy));
    }
    rt.run_for(1s);
  }
  EXPECT_EQ(busy, 10u);
  EXPECT_EQ(good, limits::verify_queue);
  rt.wait(verifier.stop());
}

}  // namespace
}  // namespace goop::rendezvous
