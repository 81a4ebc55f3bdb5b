#include "p2p/protocols/echo/echo.h"

#include <gtest/gtest.h>

#include "testing/streams/stream_world.h"

namespace goop::p2p {
namespace {

struct EchoTest : testing::Test {
  Deadline soon() { return Deadline::after(world.runtime().now(), 20s); }

  sim::StreamWorld world;
};

TEST_F(EchoTest, WhatGoesOutComesBackAfterAHalfClose) {
  for (const std::size_t size : {0, 1, 5, 65536, 131072}) {
    auto [ours, theirs] = world.open(protocol::echo);
    world.scope().spawn(serve_echo(std::move(theirs), world.runtime()));
    Bytes sent(size);
    for (std::size_t i = 0; i < size; ++i) sent[i] = static_cast<std::uint8_t>(i * 31 + 7);
    EXPECT_EQ(world.runtime().wait(echo_once(ours, sent, soon())), sent);
  }
}

TEST_F(EchoTest, AnIdleStreamIsGivenUp) {
  auto [ours, theirs] = world.open(protocol::echo);
  std::optional<Error> end;
  world.scope().spawn(serve_echo(std::move(theirs), world.runtime()),
                      [&end](std::optional<Error> error) { end = error; });
  world.runtime().run_for(limits::echo_idle + 1s);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, Errc::timeout);
}

}  // namespace
}  // namespace goop::p2p
