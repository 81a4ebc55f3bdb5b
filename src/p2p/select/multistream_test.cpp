#include "p2p/select/multistream.h"

#include <gtest/gtest.h>

namespace goop::p2p {
namespace {

const ProtocolId alpha("/alpha/1.0.0");
const ProtocolId beta("/beta/1.0.0");

Bytes token(std::string_view text) {
  Bytes bytes;
  append_token(bytes, text);
  return bytes;
}
Bytes tokens(std::initializer_list<std::string_view> texts) {
  Bytes bytes;
  for (const auto text : texts) append_token(bytes, text);
  return bytes;
}
constexpr std::string_view header = "/multistream/1.0.0";

Responder::Supported only(const ProtocolId& protocol) {
  return [protocol](const ProtocolId& asked) { return asked == protocol; };
}

// Feeds `bytes` in pieces of `size` until the machine stops taking them; returns the untaken rest.
template <class Machine>
Result<Bytes> feed(Machine& machine, BytesView bytes, std::size_t size) {
  while (!bytes.empty()) {
    const BytesView piece = bytes.first(std::min(size, bytes.size()));
    auto taken = machine.on_bytes(piece);
    if (!taken) return std::unexpected(taken.error());
    bytes = bytes.subspan(*taken);
    if (*taken < piece.size()) break;
  }
  return to_bytes(bytes);
}

TEST(Multistream, TokensAreThoseOfTheSpecification) {
  EXPECT_EQ(to_hex(token("/multistream/1.0.0")), "132f6d756c746973747265616d2f312e302e300a");
  EXPECT_EQ(to_hex(token("na")), "036e610a");
  EXPECT_EQ(to_hex(token("ls")), "036c730a");
  EXPECT_EQ(to_hex(token("/noise")), "072f6e6f6973650a");
  EXPECT_EQ(to_hex(token("/tls/1.0.0")), "0b2f746c732f312e302e300a");
  EXPECT_EQ(to_hex(token("/yamux/1.0.0")), "0d2f79616d75782f312e302e300a");
  EXPECT_EQ(to_hex(token("/ipfs/id/1.0.0")), "0f2f697066732f69642f312e302e300a");
}

TEST(Multistream, InitiatorSpeaksFirstWithHeaderAndProposal) {  // interop trap 3
  Initiator initiator({alpha, beta});
  EXPECT_EQ(initiator.take_output(), tokens({header, alpha.text()}));
  EXPECT_TRUE(initiator.take_output().empty());
}

TEST(Multistream, InitiatorGoesThroughItsProposals) {
  Initiator initiator({alpha, beta});
  initiator.take_output();
  const Bytes refusal = tokens({header, "na"});
  EXPECT_EQ(initiator.on_bytes(refusal), refusal.size());
  EXPECT_EQ(initiator.take_output(), token(beta.text()));
  EXPECT_FALSE(initiator.done());
  const Bytes echo = token(beta.text());
  EXPECT_EQ(initiator.on_bytes(echo), echo.size());
  EXPECT_TRUE(initiator.done());
  EXPECT_EQ(initiator.proposed(), beta);
}

TEST(Multistream, AllRefusedIsUnsupported) {
  Initiator initiator({alpha});
  const auto result = initiator.on_bytes(tokens({header, "na"}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unsupported);
}

TEST(Multistream, Trap01_TakesNothingOfWhatIsPipelinedBehindTheName) {  // interop trap 1
  const Bytes data = to_bytes("application data");
  for (std::size_t size = 1; size < 80; ++size) {
    Bytes bytes = tokens({header, "na", beta.text()});
    append(bytes, data);
    Initiator initiator({alpha, beta});
    EXPECT_EQ(feed(initiator, bytes, size), data) << size;
    EXPECT_TRUE(initiator.done());

    bytes = tokens({header, alpha.text(), beta.text()});
    append(bytes, data);
    Responder responder(only(beta));
    EXPECT_EQ(feed(responder, bytes, size), data) << size;
    EXPECT_EQ(responder.agreed(), beta);
    EXPECT_EQ(responder.take_output(), tokens({header, "na", beta.text()}));
  }
}

TEST(Multistream, ResponderAnswersHeaderAndEchoTogether) {
  Responder responder(only(alpha));
  EXPECT_TRUE(responder.take_output().empty());
  ASSERT_TRUE(responder.on_bytes(tokens({header, alpha.text()})));
  EXPECT_EQ(responder.take_output(), tokens({header, alpha.text()}));
}

TEST(Multistream, ResponderAnswersAHeaderThatComesAlone) {
  Responder responder(only(alpha));
  ASSERT_TRUE(responder.on_bytes(token(header)));
  EXPECT_EQ(responder.take_output(), token(header));
}

TEST(Multistream, ResponderRefusesLsAndWhatIsNoProtocolId) {
  Responder responder([](const ProtocolId&) { return true; });
  ASSERT_TRUE(responder.on_bytes(tokens({header, "ls", "", "no slash", "/with space"})));
  EXPECT_EQ(responder.take_output(), tokens({header, "na", "na", "na", "na"}));
  EXPECT_FALSE(responder.agreed());
}

TEST(Multistream, ResponderStopsAtItsLimitOfProposals) {
  Responder responder(only(beta));
  ASSERT_TRUE(responder.on_bytes(token(header)));
  for (std::size_t i = 0; i < limits::select_proposals; ++i) {
    ASSERT_TRUE(responder.on_bytes(token(alpha.text())));
  }
  const auto result = responder.on_bytes(token(beta.text()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::violation);
}

TEST(Multistream, TokensHaveALimit) {
  Bytes longest;
  append_uvarint(longest, limits::select_token_bytes);
  longest.insert(longest.end(), limits::select_token_bytes - 1, 'x');
  longest.push_back('\n');
  Bytes start = token(header);
  Responder responder(only(alpha));
  ASSERT_TRUE(responder.on_bytes(start));
  EXPECT_EQ(responder.on_bytes(longest), longest.size());

  Bytes longer;
  append_uvarint(longer, limits::select_token_bytes + 1);
  const auto result = responder.on_bytes(longer);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::violation);
}

TEST(Multistream, BadFramingIsAViolation) {
  const std::string_view cases[] = {
      "00",                                        // an empty token has no newline
      "8000",                                      // not minimal
      "ffffffffffffffffff01",                      // longer than a varint may be
      "026e61",                                    // no newline
      "132f6d756c746973747265616d2f322e302e300a",  // another version
      "036e610a",                                  // no header
  };
  for (const auto hex : cases) {
    const Bytes bytes = *from_hex(hex);
    Responder responder(only(alpha));
    Initiator initiator({alpha});
    const auto answer = responder.on_bytes(bytes);
    const auto proposal = initiator.on_bytes(bytes);
    ASSERT_FALSE(answer) << hex;
    ASSERT_FALSE(proposal) << hex;
    EXPECT_EQ(answer.error().code, Errc::violation);
    EXPECT_EQ(proposal.error().code, Errc::violation);
  }
}

TEST(Multistream, AnAnswerThatWasNotAskedForIsAViolation) {
  Initiator initiator({alpha, beta});
  const auto result = initiator.on_bytes(tokens({header, beta.text()}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::violation);
}

TEST(Multistream, TwoInitiatorsDoNotAgreeByAccident) {
  Initiator one({protocol::noise}), other({protocol::yamux});
  EXPECT_FALSE(one.on_bytes(other.take_output()));
}

TEST(Multistream, LazyPreambleIsHeaderAndName) {
  EXPECT_EQ(lazy_preamble(alpha), tokens({header, alpha.text()}));
  LazyAnswer answer(alpha);
  Bytes bytes = tokens({header, alpha.text()});
  append(bytes, as_bytes("data"));
  EXPECT_EQ(answer.on_bytes(bytes), bytes.size() - 4);
  EXPECT_TRUE(answer.done());
}

TEST(Multistream, Trap37_LazyRefusalIsUnsupportedAtTheFirstRead) {  // interop trap 37
  LazyAnswer answer(alpha);
  const auto result = answer.on_bytes(tokens({header, "na"}));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unsupported);
}

}  // namespace
}  // namespace goop::p2p
