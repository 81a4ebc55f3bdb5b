// What is wrong with a message is said with its field, over HTTP.
#include "rendezvous/ingest.h"

#include <gmock/gmock.h>

#include "rendezvous/server_test_kit.h"

namespace goop::rendezvous {
namespace {

struct IngestTown : TownTest {
  Posted with(std::string_view member) {
    return post(home, fmt::format(R"({{"type":"online","peerID":"{}",{}}})", nora.id, member));
  }
  static std::string text(std::string_view key, std::size_t bytes) {
    return fmt::format(R"("{}":"{}")", key, std::string(bytes, 'x'));
  }
  static std::string addresses(int count) {
    std::string list;
    for (int i = 0; i < count; ++i)
      list += fmt::format(R"({}"/ip4/192.0.2.{}/tcp/4001")", i ? "," : "", i);
    return fmt::format(R"("addrs":[{}])", list);
  }

  Person nora = person(1);
};

TEST_F(IngestTown, a_field_over_its_cap_is_a_bad_request_that_names_the_field) {
  EXPECT_EQ(with(text("content", 4096)).status, 204);
  for (const auto& [key, bytes] :
       {std::pair("content", 4097), {"email", 321}, {"avatarHash", 257}}) {
    const auto answer = with(text(key, bytes));
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, ::testing::StartsWith(key));
  }
  EXPECT_EQ(with(addresses(20)).status, 204);
  const auto many = with(addresses(21));
  EXPECT_EQ(many.status, 400);
  EXPECT_THAT(many.body, ::testing::StartsWith("addrs"));
}

}  // namespace
}  // namespace goop::rendezvous
