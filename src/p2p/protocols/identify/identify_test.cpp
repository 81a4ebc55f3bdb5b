#include "p2p/protocols/identify/identify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identify.pb.h"
#include "p2p/multi/envelope.h"
#include "testing/p2p/duplex_pipe.h"
#include "testing/sim/sim_runtime.h"

namespace goop::p2p {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

KeyPair key_of(std::uint8_t value) {
  std::array<std::uint8_t, 32> seed;
  seed.fill(value);
  return KeyPair::from_seed(crypto::Secret<32>(seed));
}
Multiaddr at(std::string_view text) { return Multiaddr::parse(text).value(); }

const Multiaddr far = at("/ip4/8.8.4.4/tcp/40000");
const Multiaddr lan = at("/ip4/192.168.1.9/tcp/40000");
const Multiaddr same_machine = at("/ip4/127.0.0.1/tcp/40000");

const Multiaddr public_address = at("/ip4/1.2.3.4/tcp/4001");
const Multiaddr private_address = at("/ip4/192.168.1.2/tcp/4001");
const Multiaddr loopback_address = at("/ip4/127.0.0.1/tcp/4001");

struct IdentifyTest : testing::Test {
  Introduction introduction() {
    return {.key = key.public_key(),
            .addresses = {public_address, private_address, loopback_address},
            .protocols = {protocol::identify, protocol::ping},
            .agent = "goop2/test",
            .protocol_version = "v1",
            .signed_record = {}};
  }
  Bytes record(const KeyPair& signer, std::uint64_t seq, std::vector<Multiaddr> addresses) {
    return seal_peer_record(signer, seq, addresses);
  }
  Result<void> read(const pb::Identify& message) {
    return reader.on_message(to_bytes(message.SerializeAsString()));
  }

  KeyPair key = key_of(1);
  PeerId id = PeerId::from_key(key.public_key());
  IdentifyReader reader{key.public_key()};
};

TEST_F(IdentifyTest, WhatIsSaidIsUnderstood) {
  Introduction self = introduction();
  self.signed_record = record(key, 7, self.addresses);
  ASSERT_TRUE(reader.on_message(encode_identify(self, same_machine)));
  const auto [facts, seq] = reader.finish(same_machine);
  EXPECT_EQ(facts.agent, "goop2/test");
  EXPECT_EQ(facts.protocol_version, "v1");
  EXPECT_THAT(facts.protocols, ElementsAre(protocol::identify, protocol::ping));
  EXPECT_THAT(facts.addresses, ElementsAre(public_address, private_address, loopback_address));
  EXPECT_EQ(facts.observed, same_machine);
  EXPECT_TRUE(facts.signed_record);
  EXPECT_EQ(seq, 7u);
}

TEST_F(IdentifyTest, LoopbackAddressesAreOnlyToldOnThisMachine) {
  pb::Identify message;
  const Bytes bytes = encode_identify(introduction(), lan);
  ASSERT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  EXPECT_EQ(message.listen_addrs_size(), 2);
}

TEST_F(IdentifyTest, ASignedRecordHasLoopbackAddressesOnlyIfThereIsNothingElse) {
  const std::vector<Multiaddr> all{public_address, private_address, loopback_address};
  EXPECT_THAT(addresses_to_sign(all), ElementsAre(public_address, private_address));
  const std::vector<Multiaddr> only{loopback_address};
  EXPECT_THAT(addresses_to_sign(only), ElementsAre(loopback_address));
}

TEST_F(IdentifyTest, AddressesAreKeptIfTheyReachAsFarAsTheConnection) {
  ASSERT_TRUE(reader.on_message(encode_identify(introduction(), same_machine)));
  EXPECT_THAT(reader.finish(far).facts.addresses, ElementsAre(public_address));
  EXPECT_THAT(reader.finish(lan).facts.addresses, ElementsAre(public_address, private_address));
}

TEST_F(IdentifyTest,
       Trap16_OneMessageFitsIntoFourKibibytesWhateverThereIsToSay) {  // interop traps 15, 16
  Introduction self = introduction();
  self.agent = std::string(1000, 'a');
  self.protocol_version = std::string(1000, 'v');
  std::vector<Multiaddr> own;
  for (int i = 0; i < 60; ++i) {
    own.push_back(at(fmt::format("/ip4/10.0.0.{}/tcp/4001", i)));
    own.push_back(at(fmt::format("/ip6/2001:470::{:x}/udp/4001/quic-v1", i)));
    own.push_back(at(fmt::format("/ip4/9.9.9.{}/tcp/1/p2p/{}/p2p-circuit", i, id)));
    own.push_back(at(fmt::format("/dns4/{}.example.net/tcp/443/tls/ws", std::string(60, 'x'))));
    self.protocols.push_back(ProtocolId::parse(fmt::format("/p/{:0>200}", i)).value());
  }
  self.addresses = addresses_to_tell(own);
  self.signed_record = record(key, 1, self.addresses);
  const Bytes bytes = encode_identify(self, far);
  EXPECT_LE(bytes.size(), limits::identify_sent_bytes);
  ASSERT_TRUE(reader.on_message(bytes));
  const auto facts = reader.finish(far).facts;
  EXPECT_TRUE(facts.signed_record);
  EXPECT_EQ(facts.agent.size(), limits::identify_text_bytes);

  pb::Identify message;
  ASSERT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  std::size_t protocol_bytes = 0;
  for (const auto& protocol : message.protocols()) protocol_bytes += protocol.size() + 3;
  EXPECT_LE(protocol_bytes, limits::identify_sent_protocol_bytes);
}

TEST_F(IdentifyTest, ManyShortAddressesStillFit) {
  std::vector<Multiaddr> own;
  for (int i = 0; i < 200; ++i) own.push_back(at(fmt::format("/ip4/9.9.9.{}/tcp/4001", i)));
  Introduction self = introduction();
  self.addresses = addresses_to_tell(own);
  EXPECT_EQ(self.addresses.size(), limits::identify_sent_addresses);
  self.signed_record = record(key, 1, self.addresses);
  for (int i = 0; i < 200; ++i) {
    self.protocols.push_back(ProtocolId::parse(fmt::format("/{}", i)).value());
  }
  const Bytes bytes = encode_identify(self, far);
  EXPECT_LE(bytes.size(), limits::identify_sent_bytes);
  pb::Identify message;
  ASSERT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  EXPECT_EQ(message.protocols_size(), static_cast<int>(limits::identify_protocols));
}

TEST_F(IdentifyTest, AddressesOfLowValueAreLeftOutFirst) {
  std::vector<Multiaddr> own;
  for (std::size_t i = 0; i < 20; ++i) {
    own.push_back(at(fmt::format("/ip4/9.9.9.9/tcp/{}/p2p/{}/p2p-circuit", i, id)));
    own.push_back(at(fmt::format("/ip4/10.0.0.{}/tcp/4001", i)));
  }
  own.push_back(loopback_address);
  own.push_back(public_address);
  const auto told = addresses_to_tell(own);
  EXPECT_EQ(told.front(), public_address);
  EXPECT_EQ(std::ranges::count_if(told, &Multiaddr::is_circuit),
            static_cast<int>(limits::identify_sent_circuits));
  EXPECT_EQ(std::ranges::count_if(told,
                                  [](const Multiaddr& address) {
                                    return !address.is_circuit() &&
                                           address.scope() == AddressScope::private_net;
                                  }),
            static_cast<int>(limits::identify_sent_private));
}

TEST_F(IdentifyTest, MessagesAreMerged) {
  pb::Identify first, second;
  first.set_agent_version("one");
  first.add_protocols("/a");
  first.add_listen_addrs(to_text(public_address.bytes()));
  second.set_agent_version("two");
  second.add_protocols("/b");
  second.add_protocols("/a");
  second.set_signed_peer_record(to_text(record(key, 3, {private_address})));
  ASSERT_TRUE(read(first));
  ASSERT_TRUE(read(second));
  const auto [facts, seq] = reader.finish(lan);
  EXPECT_EQ(facts.agent, "two");
  EXPECT_THAT(facts.protocols, ElementsAre(ProtocolId("/a"), ProtocolId("/b")));
  EXPECT_THAT(facts.addresses, ElementsAre(private_address));  // the record's
  EXPECT_EQ(seq, 3u);
}

// GHSA-rvfr-cqwq-rc4j: a key from identify reached a parser before it was compared.
TEST_F(IdentifyTest, GHSA_rvfr_cqwq_rc4j_AnotherKeyIsRefusedUnparsed) {
  for (const std::string& said : {to_text(key_of(2).public_key().protobuf()),
                                  std::string("\x30\x84\xff\xff\xff\xff"), std::string()}) {
    IdentifyReader fresh(key.public_key());
    pb::Identify message;
    message.set_public_key(said);
    message.set_agent_version("liar");
    const auto result = fresh.on_message(to_bytes(message.SerializeAsString()));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::unverified);
    EXPECT_EQ(fresh.finish(lan).facts.agent, "");
  }
}

// CVE-2023-40583: records of other peers were stored.
TEST_F(IdentifyTest, CVE_2023_40583_ARecordOfSomebodyElseCountsForNothing) {
  pb::Identify message;
  message.add_listen_addrs(to_text(public_address.bytes()));
  message.set_signed_peer_record(to_text(record(key_of(2), 9, {private_address})));
  ASSERT_TRUE(read(message));
  const auto [facts, seq] = reader.finish(lan);
  EXPECT_FALSE(facts.signed_record);
  EXPECT_FALSE(seq);
  EXPECT_THAT(facts.addresses, ElementsAre(public_address));
}

TEST_F(IdentifyTest, ABrokenRecordFallsBackToTheUnsignedList) {
  pb::Identify message;
  message.add_listen_addrs(to_text(public_address.bytes()));
  Bytes broken = record(key, 9, {private_address});
  broken.back() ^= 1;
  message.set_signed_peer_record(to_text(broken));
  ASSERT_TRUE(read(message));
  EXPECT_THAT(reader.finish(lan).facts.addresses, ElementsAre(public_address));
}

TEST_F(IdentifyTest, ForeignAndBrokenAddressesAreLeftOut) {
  pb::Identify message;
  message.add_listen_addrs(to_text(public_address.with_peer(id).bytes()));
  message.add_listen_addrs(to_text(public_address.bytes()));
  message.add_listen_addrs(
      to_text(private_address.with_peer(PeerId::from_key(key_of(2).public_key())).bytes()));
  message.add_listen_addrs("\xff\xff");
  message.add_listen_addrs("");
  message.set_observed_addr("nonsense");
  ASSERT_TRUE(read(message));
  const auto facts = reader.finish(lan).facts;
  EXPECT_THAT(facts.addresses, ElementsAre(public_address));
  EXPECT_FALSE(facts.observed);
}

TEST_F(IdentifyTest, ObservedAddressesLoseThePeerThatJsPutsBehindThem) {
  pb::Identify message;
  message.set_observed_addr(to_text(far.with_peer(id).bytes()));
  ASSERT_TRUE(read(message));
  EXPECT_EQ(reader.finish(lan).facts.observed, far);
}

// GHSA-g35j-m5xg-vh3q: what identify says must be bounded.
TEST_F(IdentifyTest, GHSA_g35j_m5xg_vh3q_ProtocolsAndAddressesHaveLimits) {
  for (int part = 0; part < 4; ++part) {
    pb::Identify message;
    for (int i = 0; i < 200; ++i) {
      message.add_protocols(fmt::format("/{}/{}", part, i));
      message.add_listen_addrs(to_text(at(fmt::format("/ip4/9.9.{}.{}/tcp/1", part, i)).bytes()));
    }
    ASSERT_TRUE(read(message));
  }
  const auto facts = reader.finish(lan).facts;
  EXPECT_EQ(facts.protocols.size(), limits::identify_protocols);
  EXPECT_EQ(facts.addresses.size(), limits::identify_addresses);
}

TEST_F(IdentifyTest, ProtocolIdsOverTheirLimitAreLeftOut) {
  pb::Identify message;
  message.add_protocols("/" + std::string(limits::protocol_id_bytes, 'x'));
  message.add_protocols("no slash");
  message.add_protocols("/fine");
  ASSERT_TRUE(read(message));
  EXPECT_THAT(reader.finish(lan).facts.protocols, ElementsAre(ProtocolId("/fine")));
}

TEST_F(IdentifyTest, TextsAreShortAndPrintable) {
  pb::Identify message;
  message.set_agent_version("evil\x1b[2J\n\xff" + std::string(500, 'x'));
  ASSERT_TRUE(read(message));
  const std::string agent = reader.finish(lan).facts.agent;
  EXPECT_TRUE(is_utf8(agent));
  EXPECT_EQ(agent.find('\x1b'), std::string::npos);
  EXPECT_EQ(agent.find('\n'), std::string::npos);
  EXPECT_LE(agent.size(), limits::identify_text_bytes + 4);
}

TEST_F(IdentifyTest, MessagesHaveLimits) {
  pb::Identify large;
  large.set_agent_version(std::string(limits::identify_message_bytes, 'x'));
  auto result = read(large);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::too_large);

  pb::Identify elements;
  for (std::size_t i = 0; i <= limits::identify_elements; ++i) elements.add_protocols("");
  IdentifyReader other(key.public_key());
  result = other.on_message(to_bytes(elements.SerializeAsString()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::too_large);

  IdentifyReader third(key.public_key());
  for (std::size_t i = 0; i < limits::identify_messages; ++i) {
    ASSERT_TRUE(third.on_message({}));
  }
  result = third.on_message({});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::too_large);
}

TEST_F(IdentifyTest, WhatIsNoProtobufIsInvalid) {
  const auto result = reader.on_message(as_bytes("\x12\x7f"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::invalid);
}

Task<> note_identify(Duplex& from, PublicKey key, Multiaddr remote, Deadline by,
                     std::optional<Identified>* out, std::optional<Error>* error) {
  try {
    *out = co_await read_identify(from, std::move(key), std::move(remote), by);
  } catch (const Failure& failure) {
    *error = failure.error();
  }
}

struct IdentifyOverDuplex : IdentifyTest {
  void run() {
    const Deadline by = Deadline::after(runtime.now(), 5s);
    runtime.wait(note_identify(pipe.b, key.public_key(), lan, by, &out, &error));
  }

  sim::SimRuntime runtime;
  sim::DuplexPipe pipe{runtime};
  std::optional<Identified> out;
  std::optional<Error> error;
};

TEST_F(IdentifyOverDuplex, IsReadUntilTheEnd) {
  const Deadline by = Deadline::after(runtime.now(), 5s);
  const Introduction self = introduction();
  pipe.b.show_at_most(7);
  runtime.wait(write_identify(pipe.a, self, lan, by));
  pipe.a.end();
  run();
  ASSERT_TRUE(out);
  EXPECT_EQ(out->facts.agent, "goop2/test");
}

TEST_F(IdentifyOverDuplex, NothingAtAllIsAnEmptyAnswer) {
  pipe.a.end();
  run();
  ASSERT_TRUE(out);
  EXPECT_THAT(out->facts.protocols, IsEmpty());
}

TEST_F(IdentifyOverDuplex, AnEndlessAnswerIsCutOff) {
  for (std::size_t i = 0; i < 50; ++i) {
    pipe.b.put(*from_hex("00"));
  }
  run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::too_large);
}

TEST_F(IdentifyOverDuplex, AnAnswerThatIsNotClosedEndsAtTheDeadline) {  // interop trap 15
  pipe.b.put(*from_hex("00"));
  run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::timeout);
}

}  // namespace
}  // namespace goop::p2p
