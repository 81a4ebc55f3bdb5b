#include "net/nats_servers.h"

#include <gtest/gtest.h>

namespace goop::net {
namespace {

TEST(NatsServersTest, reads_one_server_and_several) {
  const auto one = *NatsServers::parse("nats://bus.example.org");
  EXPECT_EQ(one.urls(), std::vector<std::string>{"nats://bus.example.org:4222"});
  EXPECT_FALSE(one.secure());
  const auto several = *NatsServers::parse("tls://u:p%40ss@a:1,tls://[2001:db8::1]:2");
  EXPECT_TRUE(several.secure());
  EXPECT_EQ(several.user(), "u");
  EXPECT_EQ(several.password(), "p@ss");
  EXPECT_EQ(several.hosts(), (std::vector<std::string>{"a", "2001:db8::1"}));
  EXPECT_EQ(NatsServers::parse("nats://token@a")->user(), "token");
}

TEST(NatsServersTest, shows_and_complains_without_what_is_secret) {
  EXPECT_EQ(NatsServers::parse("nats://nora:secret@a:1,nats://b")->shown(),
            "nats://a:1,nats://b:4222");
  const auto wrong = NatsServers::parse("http://nora:secret@a");
  EXPECT_EQ(wrong.error().detail.find("secret"), std::string::npos);
}

TEST(NatsServersTest, refuses_what_is_none) {
  for (const auto* text : {"", "a", "nats://", "http://a", "nats://a/path", "nats://a?x",
                           "nats://a:0", "nats://a:99999", "nats://a,tls://b",
                           "nats://u:p@a,nats://v:p@b", "nats://:p@a", "nats://a b"}) {
    EXPECT_FALSE(NatsServers::parse(text)) << text;
  }
  std::string many = "nats://a";
  for (int i = 0; i < 16; ++i) many += ",nats://a";
  EXPECT_FALSE(NatsServers::parse(many));
}

}  // namespace
}  // namespace goop::net
