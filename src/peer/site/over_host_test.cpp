// Server and client over whole hosts: TCP, Noise, yamux in a simulated network.
#include <gtest/gtest.h>

#include "p2p/host.h"
#include "peer/site/client.h"
#include "peer/site/limits.h"
#include "peer/site/server.h"
#include "peer/site/site_test_kit.h"
#include "testing/sim/sim_network.h"

namespace goop::peer::site {
namespace {

struct TwoPeers : testing::Test {
  sim::SimRuntime runtime;
  sim::SimInternet internet{runtime};
  MemorySite site;
  SiteServer server{runtime, site};
  p2p::Host owner{runtime, internet.add_host("10.0.0.1"), options(1)};
  p2p::Host visitor{runtime, internet.add_host("10.0.0.2"), options(2)};
  SiteClient client{runtime, open_from(visitor)};

  TwoPeers() {
    EXPECT_TRUE(owner.start());
    EXPECT_TRUE(visitor.start());
    runtime.wait(visitor.connect(owner.id(), owner.addresses(), soon()));
  }
  ~TwoPeers() override {
    runtime.wait(visitor.stop(soon()));
    runtime.wait(owner.stop(soon()));
  }

  static p2p::HostOptions options(std::uint8_t number) {
    std::array<std::uint8_t, 32> seed;
    seed.fill(number);
    p2p::HostOptions made(p2p::KeyPair::from_seed(crypto::Secret<32>(seed)));
    made.listen = {*p2p::Multiaddr::parse("/ip4/0.0.0.0/tcp/4001")};
    return made;
  }
  Deadline soon() { return Deadline::after(runtime.now(), 10s); }

  std::string content(std::string_view path) {
    Result<SiteReply> reply = runtime.wait(client.get(owner.id(), request_for(path), soon()));
    if (!reply) return std::string(name(reply.error().code));
    return to_text(runtime.wait(drain(std::move(reply->body))));
  }
};

TEST_F(TwoPeers, Version_2_is_spoken_and_its_stream_reused) {
  server.attach(owner);
  site.files["a"] = to_bytes("alpha");
  site.files["big"] = pattern(3'000'000);
  EXPECT_EQ(content("a"), "alpha");
  EXPECT_EQ(content("big"), as_text(pattern(3'000'000)));
  EXPECT_EQ(content("none"), "not_found");
  EXPECT_EQ(client.counters().streams, 1u);
  EXPECT_EQ(client.idle_streams(), 1u);
}

TEST_F(TwoPeers, An_owner_that_only_speaks_version_1_is_read_by_it) {
  owner.handle(version_1, [&](p2p::Stream stream) { return server.serve(std::move(stream)); });
  site.files["a"] = to_bytes("alpha");
  site.files["big"] = pattern(3'000'000);
  for (int again = 0; again < 2; ++again) {  // before and after identify has come in
    EXPECT_EQ(content("a"), "alpha");
    EXPECT_EQ(content("big"), as_text(pattern(3'000'000)));
    EXPECT_EQ(content("none"), "not_found");
    runtime.run_for(1s);
  }
  EXPECT_EQ(client.idle_streams(), 0u);
}

TEST_F(TwoPeers, A_file_that_changes_while_it_is_sent_resets_the_stream) {
  server.attach(owner);
  site.files["big"] = pattern(3'000'000);
  site.breaks_at = 1'000'000;
  EXPECT_THROW(content("big"), Failure);
  site.files["a"] = to_bytes("alpha");
  EXPECT_EQ(content("a"), "alpha");  // on the same connection
}

TEST_F(TwoPeers, A_visitor_that_stops_reading_costs_the_owner_a_window) {
  server.attach(owner);
  site.files["big"] = pattern(60'000'000);
  Result<SiteReply> reply = runtime.wait(client.get(owner.id(), request_for("big"), soon()));
  ASSERT_TRUE(reply);
  runtime.run_for(limits::progress - 5s);
  EXPECT_LT(server.counters().body_bytes, 20'000'000u);
  runtime.run_for(10s);
  EXPECT_EQ(server.counters().broken_off, 1u);
}

TEST_F(TwoPeers, A_peer_that_speaks_neither_version_is_unsupported) {
  try {
    content("a");
    ADD_FAILURE();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::unsupported);
  }
}

Task<std::unique_ptr<p2p::Stream>> open_version_2(p2p::Host& from, p2p::PeerId to, Deadline by) {
  std::vector<p2p::ProtocolId> versions{version_2};
  const p2p::OpenOptions options{by};
  p2p::Stream stream = co_await from.open(to, std::move(versions), options);
  const Bytes request = framed("HEAD /a\n");
  co_await stream.write(request, by);
  const BytesView answer = co_await stream.fill(by);
  if (answer.empty()) raise(Errc::closed, "refused");
  co_return std::make_unique<p2p::Stream>(std::move(stream));
}

TEST_F(TwoPeers, One_visitor_has_only_so_many_streams) {
  server.attach(owner);
  runtime.run_for(1s);
  std::vector<std::unique_ptr<p2p::Stream>> streams;
  for (std::size_t i = 0; i < limits::streams_per_peer; ++i) {
    streams.push_back(runtime.wait(open_version_2(visitor, owner.id(), soon())));
  }
  EXPECT_THROW(runtime.wait(open_version_2(visitor, owner.id(), soon())), Failure);
  streams.pop_back();
  runtime.run_for(1s);
  EXPECT_NO_THROW(runtime.wait(open_version_2(visitor, owner.id(), soon())));
}

TEST_F(TwoPeers, A_lost_connection_is_made_again_for_a_request) {
  server.attach(owner);
  site.files["a"] = to_bytes("alpha");
  EXPECT_EQ(content("a"), "alpha");
  owner.disconnect(visitor.id());
  runtime.run_for(1s);
  EXPECT_EQ(content("a"), "alpha");
}

}  // namespace
}  // namespace goop::peer::site
