// Streams over two real connections' ends, in a simulated network.
#include "p2p/mux/yamux.h"

#include <gtest/gtest.h>

#include "p2p/select/multistream.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::p2p::mux {
namespace {

crypto::Secret<32> key(std::uint8_t fill) {
  std::array<std::uint8_t, 32> bytes;
  bytes.fill(fill);
  return crypto::Secret<32>(bytes);
}

const ProtocolId protocol = *ProtocolId::parse("/test/1.0.0");

Stream as_stream(std::shared_ptr<YamuxStream> stream) {
  return Stream(std::move(stream), protocol, Stream::Negotiation::done);
}

struct Pair {
  explicit Pair(sim::Link link = {}, YamuxOptions client_options = {})
      : a(internet.add_host("192.0.2.1", link)), b(internet.add_host("192.0.2.2", link)) {
    rt.wait(connect());
    client = make(std::move(dialled), Role::client, std::move(client_options));
    server = make(std::move(accepted), Role::server, {});
    scope.spawn(client->run(), [this](std::optional<Error> e) {
      client_end = e;
      client_done = true;
    });
    scope.spawn(server->run(), [this](std::optional<Error> e) {
      server_end = e;
      server_done = true;
    });
  }
  ~Pair() { rt.wait(scope.close()); }

  Task<> connect() {
    auto listener = *a.listen({a.address(), 4001}, {});
    dialled = co_await b.connect(listener->local(), std::nullopt, Deadline::never());
    accepted = co_await listener->accept();
  }

  std::unique_ptr<Yamux> make(std::unique_ptr<net::ByteStream> below, Role role,
                              YamuxOptions options) {
    options.role = role;
    NoiseChannel::Keys keys{key(role == Role::client ? 1 : 2), key(role == Role::client ? 2 : 1)};
    return std::make_unique<Yamux>(rt, NoiseChannel(std::move(below), keys, {}, pool),
                                   std::move(options));
  }

  Deadline soon() { return Deadline::after(rt.now(), 10s); }
  Stream open() { return as_stream(rt.wait(client->open(soon()))); }
  Stream accept() { return as_stream(rt.wait(server->accept())); }

  sim::SimRuntime rt;
  sim::SimInternet internet{rt};
  sim::SimHost &a, &b;
  std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>();
  std::unique_ptr<net::ByteStream> dialled, accepted;
  std::unique_ptr<Yamux> client, server;
  std::optional<Error> client_end, server_end;
  bool client_done = false, server_done = false;
  TaskScope scope{rt, "pair"};
};

Task<> send(Stream& stream, std::size_t size, Deadline by) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  co_await stream.write(bytes, by);
  stream.close_write();
}

TEST(Yamux, BytesArriveWholeAndEndsAreSeen) {
  Pair pair;
  auto out = pair.open();
  sim::SimScope scope(pair.rt);
  scope.spawn(send(out, 5'000'000, pair.soon()));
  auto in = pair.accept();
  const auto got = pair.rt.wait(read_to_end(in, 10'000'000, pair.soon()));
  ASSERT_EQ(got.size(), 5'000'000u);
  for (std::size_t i = 0; i < got.size(); i += 997) {
    ASSERT_EQ(got[i], static_cast<std::uint8_t>(i * 7 + i / 251));
  }
  in.close();
  EXPECT_EQ(pair.rt.wait(read_to_end(out, 1, pair.soon())).size(), 0u);
}

TEST(Yamux, Trap14_AReaderThatStopsBlocksItsStreamAlone) {
  Pair pair;
  auto stuck = pair.open();
  auto stuck_in = pair.accept();
  const Bytes bulk(1'000'000, 1);
  auto blocked = pair.rt.wait(attempt(stuck.write(bulk, pair.soon())));
  EXPECT_EQ(blocked.error().code, Errc::timeout);
  auto other = pair.open();
  auto other_in = pair.accept();
  pair.rt.wait(other.write(as_bytes("still here"), pair.soon()));
  EXPECT_EQ(as_text(pair.rt.wait(other_in.fill(pair.soon()))), "still here");
}

TEST(Yamux, AResetReachesBothReaderAndWriter) {
  Pair pair;
  auto out = pair.open();
  auto in = pair.accept();
  in.reset(ResetCode::rate_limited);
  pair.rt.run_for(1s);
  EXPECT_EQ(pair.rt.wait(attempt(out.fill(pair.soon()))).error().code, Errc::closed);
  EXPECT_EQ(pair.rt.wait(attempt(out.write(as_bytes("x"), pair.soon()))).error().code,
            Errc::closed);
}

TEST(Yamux, WhatAReaderLooksAtStaysWhileAResetComesIn) {
  for (const bool connection_ends : {false, true}) {
    Pair pair;
    auto out = pair.open();
    pair.rt.wait(out.write(Bytes(5000, 7), pair.soon()));
    auto in = pair.accept();
    const auto view = pair.rt.wait(in.fill(pair.soon()));
    out.reset();
    pair.rt.run_for(1s);
    if (connection_ends) pair.client->abort();
    pair.rt.run_for(1s);
    EXPECT_EQ(to_bytes(view), Bytes(view.size(), 7));
    in.consume(view.size());
    EXPECT_EQ(pair.rt.wait(attempt(in.fill(pair.soon()))).error().code, Errc::closed);
  }
}

TEST(Yamux, Trap12_ADroppedHandleResetsItsStream) {
  Pair pair;
  auto out = pair.open();
  {
    auto dropped = pair.accept();
  }
  EXPECT_EQ(pair.rt.wait(attempt(out.fill(pair.soon()))).error().code, Errc::closed);
}

// Trap 29: data cut at close.
TEST(Yamux, AHandleMayBeResetWhileOthersUseIt) {
  Pair pair;
  auto out = std::make_unique<Stream>(pair.open());
  auto in = pair.accept();
  sim::SimScope scope(pair.rt);
  std::optional<Error> reading, writing;
  scope.spawn(send(*out, 5'000'000, pair.soon()), [&](std::optional<Error> e) { writing = e; });
  auto read = [](Stream& stream, Deadline by) -> Task<> { co_await stream.fill(by); };
  scope.spawn(read(*out, pair.soon()), [&](std::optional<Error> e) { reading = e; });
  pair.rt.run_for(1s);  // the writer waits for credit
  out->reset();
  in.reset();
  pair.rt.run_for(1s);
  ASSERT_TRUE(reading && writing);
  EXPECT_EQ(reading->code, Errc::closed);
  EXPECT_EQ(writing->code, Errc::closed);
}

// interop trap 40: js-libp2p misses an end that comes in one read with name and data.
TEST(StreamTraps, Trap40_ALazyStreamsEndWaitsForTheAnswer) {
  Pair pair;
  const auto raw = pair.rt.wait(pair.client->open(pair.soon()));
  Stream out(raw, protocol, Stream::Negotiation::lazy_unsent);
  sim::SimScope scope(pair.rt);
  auto read = [](Stream& stream, Deadline by) -> Task<> { co_await stream.fill(by); };
  scope.spawn(send(out, 5, pair.soon()));
  scope.spawn(read(out, Deadline::never()));
  auto in = pair.accept();
  pair.rt.run_for(1s);
  const auto first = pair.rt.wait(in.fill(pair.soon()));
  EXPECT_EQ(first.size(), lazy_preamble(protocol).size() + 5);
  in.consume(first.size());
  EXPECT_EQ(pair.rt.wait(attempt(in.fill(pair.soon()))).error().code, Errc::timeout);

  pair.rt.wait(in.write(lazy_preamble(protocol), pair.soon()));
  EXPECT_TRUE(pair.rt.wait(in.fill(pair.soon())).empty());
  in.close();
  pair.rt.run_for(1s);
}

TEST(Stream, ALazyOneEndsAtOnceWhenThePeerIsKnownToNotice) {
  Pair pair;
  const auto raw = pair.rt.wait(pair.client->open(pair.soon()));
  Stream out(raw, protocol, Stream::Negotiation::lazy_unsent, Stream::Ending::at_once);
  sim::SimScope scope(pair.rt);
  scope.spawn(send(out, 5, pair.soon()));
  auto in = pair.accept();
  const auto all = pair.rt.wait(read_to_end(in, 1000, pair.soon()));
  EXPECT_EQ(all.size(), lazy_preamble(protocol).size() + 5);
}

TEST(Stream, OneWhoseNegotiationGetsNoAnswerIsReset) {
  Pair pair;
  const auto raw = pair.rt.wait(pair.client->open(pair.soon()));
  Stream out(raw, protocol, Stream::Negotiation::lazy_unsent);
  EXPECT_EQ(pair.rt.wait(attempt(out.fill(pair.soon()))).error().code, Errc::timeout);
  EXPECT_EQ(pair.rt.wait(attempt(out.fill(pair.soon()))).error().code, Errc::closed);
}

TEST(YamuxTraps, Trap29_WhatWasWrittenBeforeCloseArrives) {
  Pair pair({.latency = 50ms, .bytes_per_second = 1e6});
  auto out = pair.open();
  auto in = pair.accept();
  const Bytes bytes(200'000, 9);
  pair.rt.wait(out.write(bytes, pair.soon()));
  out.close();
  EXPECT_EQ(pair.rt.wait(read_to_end(in, 300'000, pair.soon())).size(), bytes.size());
}

TEST(Yamux, OneThatIsClosingIsNotOfferedForNewStreams) {
  Pair pair({.latency = 50ms});
  pair.scope.spawn(pair.client->close(pair.soon()));
  pair.rt.run_for(1ms);
  EXPECT_FALSE(pair.client_done);
  EXPECT_TRUE(pair.client->ended());
  EXPECT_EQ(pair.rt.wait(attempt(pair.client->open(pair.soon()))).error().code, Errc::closed);
}

TEST(Yamux, CloseEndsBothSidesInOrder) {
  Pair pair;
  auto out = pair.open();
  auto in = pair.accept();
  pair.rt.wait(pair.client->close(pair.soon()));
  pair.rt.run_for(1s);
  EXPECT_TRUE(pair.client_done);
  EXPECT_TRUE(pair.server_done);
  EXPECT_FALSE(pair.client_end);
  EXPECT_FALSE(pair.server_end);
  EXPECT_EQ(pair.rt.wait(attempt(in.fill(pair.soon()))).error().code, Errc::closed);
}

TEST(Yamux, StreamsOutliveTheConnectionHarmlessly) {
  std::optional<Stream> out;
  sim::SimRuntime* runtime = nullptr;
  {
    Pair pair;
    runtime = &pair.rt;
    out = pair.open();
    auto in = pair.accept();
    pair.rt.wait(in.write(as_bytes("last words"), pair.soon()));
    in.close();
    pair.rt.run_for(1s);
    pair.internet.cut(pair.a, pair.b);
    pair.rt.run_for(1s);
    EXPECT_TRUE(pair.client_done);
    EXPECT_EQ(as_text(pair.rt.wait(out->fill(pair.soon()))), "last words");
    out->consume(4);
    out.reset();
  }
  EXPECT_TRUE(runtime);
}

// Trap 36: a path that went dead without a word is noticed by the keep-alive.
TEST(YamuxTraps, Trap36_ADeadPathIsNoticedWithinSeconds) {
  for (const auto lived : {20'000ms, 21'700ms, 23'300ms}) {
    Pair pair;
    pair.rt.run_for(lived);
    ASSERT_FALSE(pair.client_done);
    pair.internet.partition(pair.a, pair.b);
    pair.rt.run_for(limits::keep_alive_interval + limits::pong_timeout + 100ms);
    EXPECT_TRUE(pair.client_done);
    EXPECT_EQ(pair.client_end->code, Errc::timeout);
    EXPECT_TRUE(pair.server_done);
  }
}

TEST(Yamux, IdleConnectionsStayForTenMinutes) {
  Pair pair;
  pair.rt.run_for(10min);
  EXPECT_FALSE(pair.client_done);
  auto out = pair.open();
  pair.rt.wait(out.write(as_bytes("hi"), pair.soon()));
  EXPECT_EQ(as_text(pair.rt.wait(pair.accept().fill(pair.soon()))), "hi");
  EXPECT_TRUE(pair.client->info().rtt);
}

TEST(Yamux, TheWindowGrowsToFillALongFatPath) {
  Pair pair({.latency = 25ms, .bytes_per_second = 1e8});
  pair.rt.run_for(1s);
  auto out = pair.open();
  sim::SimScope scope(pair.rt);
  const auto start = pair.rt.now();
  scope.spawn(send(out, 100'000'000, Deadline::after(start, 1min)));
  auto in = pair.accept();
  std::size_t total = 0;
  auto drain = [](Stream& stream, std::size_t& count, Deadline by) -> Task<> {
    for (;;) {
      const auto view = co_await stream.fill(by);
      if (view.empty()) co_return;
      count += view.size();
      stream.consume(view.size());
    }
  };
  pair.rt.wait(drain(in, total, Deadline::after(start, 1min)));
  EXPECT_EQ(total, 100'000'000u);
  const auto seconds = std::chrono::duration<double>(pair.rt.now() - start).count();
  // 256 KiB per 100 ms round trip would take 40 s; the link itself takes one.
  EXPECT_LT(seconds, 3.0);
}

// Attack "head-of-line blocking by bulk streams": the first writer never runs out of credit.
TEST(Yamux, AWriterWaitsForOneFrameOfEachOtherStreamAtMost) {
  sim::Link slow{.latency = 1ms, .bytes_per_second = 5e6};
  Pair pair(slow);
  std::vector<Stream> out, in;
  sim::SimScope scope(pair.rt);
  const auto swallow = [](Stream& stream, Deadline by) -> Task<> {
    (void)co_await read_to_end(stream, 1 << 30, by);
  };
  constexpr int streams = 12;
  for (int i = 0; i < streams; ++i) out.push_back(pair.open());
  for (int i = 0; i < streams; ++i) in.push_back(pair.accept());
  const auto quiet = [](std::optional<Error>) {};
  for (auto& stream : in) scope.spawn(swallow(stream, Deadline::never()), quiet);
  for (auto& stream : out) scope.spawn(send(stream, 20'000'000, Deadline::never()), quiet);
  pair.rt.run_for(1s);
  auto late = pair.open();
  const Instant before = pair.rt.now();
  pair.rt.wait(late.write(Bytes(1000), pair.soon()));
  // All the others' frames, and what was under way before.
  EXPECT_LT(pair.rt.now() - before, 500ms);
}

TEST(Yamux, AThousandStreamsAtOnceTakeTurns) {
  Pair pair;
  std::vector<Stream> out, in;
  for (int i = 0; i < 200; ++i) {
    out.push_back(pair.open());
    in.push_back(pair.accept());
  }
  sim::SimScope scope(pair.rt);
  int finished = 0;
  auto end = [&finished](std::optional<Error> error) { finished += !error; };
  for (auto& stream : out) scope.spawn(send(stream, 100'000, pair.soon()), end);
  std::size_t total = 0;
  for (auto& stream : in) total += pair.rt.wait(read_to_end(stream, 200'000, pair.soon())).size();
  EXPECT_EQ(total, 200u * 100'000);
  EXPECT_EQ(finished, 200);
}

// A connection whose other end we script byte by byte.
TEST(Yamux, AFrameThatDoesNotAuthenticateEndsTheConnection) {
  sim::SimRuntime rt;
  sim::SimInternet internet(rt);
  auto& a = internet.add_host("192.0.2.1");
  auto& b = internet.add_host("192.0.2.2");
  auto listener = *a.listen({a.address(), 4001}, {});
  auto dialled = rt.wait(b.connect(listener->local(), std::nullopt, Deadline::never()));
  auto accepted = rt.wait(listener->accept());
  auto pool = std::make_shared<BlockPool>();
  Yamux yamux(rt, NoiseChannel(std::move(accepted), {key(1), key(2)}, {}, pool),
              {.role = Role::server});
  std::optional<Error> end;
  sim::SimScope scope(rt);
  scope.spawn(yamux.run(), [&end](std::optional<Error> error) { end = error; });
  Bytes forged(2 + 40, 3);
  forged[0] = 0;
  forged[1] = 40;
  const BytesView part = forged;
  rt.wait(dialled->write({&part, 1}));
  rt.run_for(1s);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, Errc::violation);
}

Task<> echo_one(Runtime& runtime, Yamux& server, Deadline by) {
  auto stream = as_stream(co_await server.accept());
  co_await runtime.yield();  // as a handler, which is a task of its own
  const auto view = co_await stream.fill(by);
  co_await stream.write(view, by);
  stream.consume(view.size());
  stream.close();
}

Task<Bytes> ask(Yamux& client, BytesView bytes, Deadline by) {
  auto stream = as_stream(co_await client.open(by));
  co_await stream.write(bytes, by);
  stream.close_write();
  co_return co_await read_to_end(stream, bytes.size(), by);
}

TEST(Yamux, TheAcknowledgementOfAStreamTravelsWithTheAnswer) {
  Pair pair;
  sim::SimScope scope(pair.rt);
  scope.spawn(echo_one(pair.rt, *pair.server, pair.soon()));
  pair.rt.run_for(1s);
  const auto before = pair.server->bytes_out();
  const auto echo = pair.rt.wait(ask(*pair.client, as_bytes("16 bytes of text"), pair.soon()));
  EXPECT_EQ(as_text(echo), "16 bytes of text");
  constexpr std::size_t one_noise_frame = 2 + limits::noise_tag_bytes;
  EXPECT_EQ(pair.server->bytes_out() - before, one_noise_frame + 3 * header_bytes + 16);
}

}  // namespace
}  // namespace goop::p2p::mux
