// What a visitor's requests may cost, over whole hosts.
#include <gtest/gtest.h>

#include "peer/site/client.h"
#include "peer/site/site_test_kit.h"
#include "testing/hosts/flood_world.h"

namespace goop::peer::site {
namespace {

using sim::FloodWorld;

constexpr Duration span = 5s;

struct SiteWork : testing::Test {
  explicit SiteWork(p2p::WorkLimits work = sim::small_work) : flood(1, work) {
    server.attach(flood.victim);
    site.files["page"] = pattern(800);
    flood.world.rt.run_for(3s);  // the protocol is known
  }
  ~SiteWork() override { flood.stop(); }

  FloodWorld flood;
  MemorySite site;
  SiteServer server{flood.world.rt, site};
};

TEST_F(SiteWork, Pipelined_requests_are_bounded) {
  const Bytes one = framed(wire::site_v2::encode_request(request_for("page")));
  Bytes many;
  for (int i = 0; i < 500; ++i) append(many, one);
  const auto id = flood.ask(version_2);
  const auto longest = flood.run(span, [&] {
    while (flood.say(id, many)) {
    }
  });
  EXPECT_LT(longest, 1s);
  EXPECT_LE(flood.charged(), flood.allowed(span));
  EXPECT_GE(flood.charged(), flood.work.connection.per_second * 4);
  EXPECT_GT(server.counters().requests, 5'000u);
  EXPECT_EQ(server.counters().refused, 0u);  // they wait, and are answered
}

TEST_F(SiteWork, Requests_over_many_streams_are_bounded) {
  const Bytes one = framed(wire::site_v2::encode_request(request_for("page")));
  Bytes many;
  for (int i = 0; i < 100; ++i) append(many, one);
  std::vector<std::uint32_t> streams;
  for (int i = 0; i < 30; ++i) streams.push_back(flood.ask(version_2));
  const auto longest = flood.run(span, [&] {
    for (const auto id : streams) flood.say(id, many);
  });
  EXPECT_LT(longest, 1s);
  EXPECT_LE(flood.charged(), flood.allowed(span));
}

struct UsualSiteWork : SiteWork {
  UsualSiteWork() : SiteWork(p2p::WorkLimits{}) {}
};

Task<> fetch(SiteClient& client, p2p::PeerId owner, std::size_t& done, Deadline by) {
  SiteReply reply = or_raise(co_await client.get(owner, request_for("page"), by));
  const Bytes body = co_await drain(std::move(reply.body));
  done += body.size() == 800 ? 1 : 0;
}

TEST_F(UsualSiteWork, A_page_of_two_hundred_files_is_not_slowed) {
  SiteClient client(flood.world.rt, open_from(flood.neighbour));
  std::size_t done = 0;
  {
    sim::SimScope scope(flood.world.rt);
    for (int i = 0; i < 200; ++i) {
      scope.spawn(fetch(client, flood.victim.id(), done, flood.world.soon()));
    }
    flood.world.rt.run_for(2s);
  }
  EXPECT_EQ(done, 200u);
  EXPECT_EQ(flood.victim.counters().slowed, 0u);
}

}  // namespace
}  // namespace goop::peer::site
