// The times and sizes of net/http/limits.h that need a rude other side to be reached.
#include <gtest/gtest.h>

#include "base/failure_limits.h"
#include "base/log.h"
#include "net/http/client.h"
#include "net/http/limits.h"
#include "net/http/server.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::net::http {
namespace {

// A source that gives one part and then nothing until it is given up on.
class Stuck final : public BodySource {
 public:
  explicit Stuck(Runtime& runtime) : runtime_(runtime) {}
  Task<BytesView> next(Deadline by) override {
    if (!std::exchange(given_, true)) co_return as_bytes("part");
    co_await runtime_.sleep_until(by);
    raise(Errc::timeout, "no further part");
  }

 private:
  Runtime& runtime_;
  bool given_ = false;
};

// The first bytes of a request come over it, nothing more, and it takes no answer.
class DeafStream final : public ByteStream {
 public:
  explicit DeafStream(Runtime& runtime) : over_(runtime) {}
  Task<std::size_t> read_some(MutBytes into) override {
    if (!std::exchange(said_, true)) {
      into[0] = 'G';
      co_return 1;
    }
    co_await until_aborted();
    co_return 0;
  }
  Task<> write(std::span<const BytesView>) override { return until_aborted(); }
  void shutdown_write() noexcept override {}
  void abort() noexcept override {
    aborted_ = true;
    over_.notify_all();
  }
  Endpoint local() const override { return {}; }
  Endpoint remote() const override { return {}; }

 private:
  Task<> until_aborted() {
    while (!aborted_) co_await over_.wait_until(Deadline::never());
    raise(Errc::closed, "aborted");
  }
  Signal over_;
  bool said_ = false, aborted_ = false;
};

// Gives one stream, if it has one, and fails whenever it is asked for another.
class PoorListener final : public Listener {
 public:
  PoorListener(std::unique_ptr<ByteStream> only, int& asked)
      : only_(std::move(only)), asked_(asked) {}
  Task<std::unique_ptr<ByteStream>> accept() override {
    if (only_) co_return std::move(only_);
    if (closed_) raise(Errc::closed, "closed");
    ++asked_;
    raise(Errc::busy, "no descriptors left");
  }
  Endpoint local() const override { return {}; }
  void close() noexcept override { closed_ = true; }

 private:
  std::unique_ptr<ByteStream> only_;
  int& asked_;
  bool closed_ = false;
};

struct HttpTimes : testing::Test {
  ~HttpTimes() override { rt.wait(server.stop(Deadline::after(rt.now(), 1s))); }

  Task<Response> answer(Request& request) {
    Response response;
    if (request.target.path == "/stuck") {
      response.body = Response::Pulled{std::make_unique<Stuck>(rt), {}};
    } else {
      response.text("text/plain", "fine");
    }
    co_return response;
  }
  std::unique_ptr<ByteStream> dial() {
    if (!served) server.serve(std::move(*here.listen({here.address(), 80}, {})));
    served = true;
    return rt.wait(there.connect({here.address(), 80}, {}, Deadline::never()));
  }
  static Task<> say(ByteStream& stream, std::string text) {
    const BytesView part = as_bytes(text);
    co_await stream.write(std::span(&part, 1));
  }
  // How much the other side takes before it ends.
  static Task<> pour(ByteStream& stream, std::size_t& taken) {
    const Bytes block(16 * 1024, 'x');
    const BytesView part = block;
    for (;;) {
      co_await stream.write(std::span(&part, 1));
      taken += block.size();
    }
  }
  // What the client makes of an answer.
  Task<> ask(std::string text, std::size_t& largest) {
    auto listener = *here.listen({here.address(), 81}, {});
    TaskScope scope(rt, "client");
    auto client = co_await Client::connect(rt, there, listener->local(), Deadline::never());
    auto accepted = co_await listener->accept();
    scope.spawn(say(*accepted, std::move(text)), [](std::optional<Error>) {});
    ClientRequest request;
    auto asking = client->send(std::move(request), Deadline::after(rt.now(), 10s));
    const auto head = co_await attempt(std::move(asking));
    if (head) {
      for (;;) {
        const auto part = co_await client->next(Deadline::after(rt.now(), 10s));
        if (part.empty()) break;
        largest = std::max(largest, part.size());
      }
    }
    co_await scope.close();
    if (!head) throw Failure(head.error());
  }

  sim::SimRuntime rt{7};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& there = internet.add_host("192.0.2.2");
  bool served = false;
  Server server{rt,
                {.name = "test", .own_fields = {}, .connections = 4, .failed = {}},
                [this](Request& request) { return answer(request); }};
};

TEST_F(HttpTimes, a_source_has_part_time_for_its_next_part) {
  auto stream = dial();
  rt.wait(say(*stream, "GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n"));
  rt.run_for(limits::part_time - 1s);
  EXPECT_EQ(server.open_connections(), 1u);
  rt.run_for(2s);
  EXPECT_EQ(server.open_connections(), 0u);
}

constexpr std::string_view large_upload =
    "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n";

TEST_F(HttpTimes, behind_a_last_answer_it_reads_on_for_linger_time) {
  auto stream = dial();
  rt.wait(say(*stream, std::string(large_upload)));
  rt.run_for(limits::linger_time - 500ms);
  EXPECT_EQ(server.open_connections(), 1u);
  rt.run_for(1s);
  EXPECT_EQ(server.open_connections(), 0u);
}

TEST_F(HttpTimes, behind_a_last_answer_it_drops_lingered_bytes_at_most) {
  auto stream = dial();
  rt.wait(say(*stream, std::string(large_upload)));
  rt.run_for(100ms);
  std::size_t taken = 0;
  TaskScope scope(rt, "pour");
  scope.spawn(pour(*stream, taken), [](std::optional<Error>) {});
  rt.run_for(limits::linger_time / 2);
  EXPECT_EQ(server.open_connections(), 0u);  // long before its time
  EXPECT_GE(taken, limits::lingered_bytes);
  rt.wait(scope.close());
}

TEST_F(HttpTimes, a_408_has_farewell_time_to_get_out) {
  int asked = 0;
  server.serve(std::make_unique<PoorListener>(std::make_unique<DeafStream>(rt), asked));
  rt.run_for(limits::head_time + limits::farewell_time - 100ms);
  EXPECT_EQ(server.open_connections(), 1u);
  rt.run_for(200ms);
  EXPECT_EQ(server.open_connections(), 0u);
}

TEST_F(HttpTimes, when_nothing_can_be_accepted_it_pauses_between_tries) {
  int asked = 0;
  server.serve(std::make_unique<PoorListener>(nullptr, asked));
  rt.run_for(10 * limits::accept_pause + 1ms);
  EXPECT_GE(asked, 10);
  EXPECT_LE(asked, 11);
}

// Passing errors by turns, also such as end other loops.
class FickleListener final : public Listener {
 public:
  explicit FickleListener(std::unique_ptr<ByteStream> last) : last_(std::move(last)) {}
  Task<std::unique_ptr<ByteStream>> accept() override {
    constexpr std::array codes{Errc::closed,  Errc::unreachable, Errc::busy,
                               Errc::timeout, Errc::internal,    Errc::storage};
    if (at_ < codes.size()) raise(codes[at_++], "passing");
    if (last_) co_return std::move(last_);
    raise(Errc::cancelled, "over");
  }
  Endpoint local() const override { return {}; }
  void close() noexcept override {}

 private:
  std::unique_ptr<ByteStream> last_;
  std::size_t at_ = 0;
};

TEST_F(HttpTimes, no_passing_error_ends_the_accepting) {
  server.serve(std::make_unique<FickleListener>(std::make_unique<DeafStream>(rt)));
  rt.run_for(1s);
  EXPECT_GE(server.accepts_failed(), 6u);
  EXPECT_EQ(server.open_connections(), 1u);
}

TEST_F(HttpTimes, accepts_that_fail_are_told_once_a_minute) {
  const auto before = log::recent();
  const auto number = before.empty() ? 0 : before.back().number;
  const auto told = [number] {
    return std::ranges::count_if(log::recent(number), [](const log::Line& line) {
      return line.text.find("http.accept.failed ") != line.text.npos;
    });
  };
  int asked = 0;
  server.serve(std::make_unique<PoorListener>(nullptr, asked));
  rt.run_for(goop::limits::failure_log_pace - 1s);
  EXPECT_EQ(told(), 1);
  rt.run_for(2s);
  EXPECT_EQ(told(), 2);
  EXPECT_GT(server.accepts_failed(), 500u);
}

TEST_F(HttpTimes, the_client_takes_a_head_of_response_head_bytes_at_most) {
  const std::string start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Long: ";
  std::size_t largest = 0;
  const auto fits = limits::response_head_bytes - start.size() - 4;
  rt.wait(ask(start + std::string(fits, 'x') + "\r\n\r\n", largest));
  EXPECT_THROW(rt.wait(ask(start + std::string(fits + 100, 'x') + "\r\n\r\n", largest)), Failure);
}

TEST_F(HttpTimes, the_client_holds_client_buffer_bytes_of_a_body_at_most) {
  std::size_t largest = 0;
  rt.wait(ask("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'x'),
              largest));
  EXPECT_EQ(largest, limits::client_buffer_bytes);
}

}  // namespace
}  // namespace goop::net::http
