#include "p2p/multi/protocol_id.h"

#include <gtest/gtest.h>

namespace goop::p2p {
namespace {

TEST(ProtocolId, is_the_text_it_was_made_of) {
  EXPECT_EQ(ProtocolId::parse("/ipfs/ping/1.0.0").value(), protocol::ping);
  EXPECT_EQ(fmt::format("{}", protocol::ping), "/ipfs/ping/1.0.0");
}

TEST(ProtocolId, refuses_what_would_not_fit_on_a_line_of_multistream) {
  for (const std::string_view text :
       {"", "ping", " /ping", "/ping\n", "/pi ng", "/p\x7f", "/\xc3\xa9"}) {
    EXPECT_EQ(ProtocolId::parse(text).error().code, Errc::invalid) << text;
  }
}

TEST(ProtocolId, has_a_longest_form) {
  EXPECT_TRUE(ProtocolId::parse("/" + std::string(limits::protocol_id_bytes - 1, 'a')));
  EXPECT_EQ(ProtocolId::parse("/" + std::string(limits::protocol_id_bytes, 'a')).error().code,
            Errc::too_large);
}

}  // namespace
}  // namespace goop::p2p
