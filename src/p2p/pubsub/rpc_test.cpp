#include "p2p/pubsub/rpc.h"

#include <gtest/gtest.h>

#include "p2p/multi/test_vectors.h"
#include "p2p/multi/varint.h"
#include "rpc.pb.h"

namespace goop::p2p::pubsub {
namespace {

Topic presence() { return Topic::parse("goop.presence.v1").value(); }
Topic t() { return Topic::parse("t").value(); }
Bytes hex(std::string_view text) { return from_hex(text).value(); }

BytesView body(const Bytes& framed) {
  const auto size = read_uvarint(framed).value();
  EXPECT_EQ(size.value, framed.size() - size.size);
  return BytesView(framed).subspan(size.size);
}

Bytes serialised(const pb::Rpc& rpc) { return to_bytes(rpc.SerializeAsString()); }

Errc refusal(const pb::Rpc& rpc) {
  const auto read = read_rpc(serialised(rpc));
  if (!read) return read.error().code;
  ADD_FAILURE() << "it should have been refused";
  return Errc::internal;
}

std::string filled(std::size_t size) { return std::string(size, 'x'); }

// --- the bytes that other implementations write ---

TEST(GossipVectors, Subscribe) {
  const Bytes bytes = hex("160a1408011210676f6f702e70726573656e63652e7631");
  const Subscription all[] = {{presence(), true}};
  EXPECT_EQ(frame(all), bytes);
  const auto rpc = read_rpc(body(bytes)).value();
  ASSERT_EQ(rpc.subscriptions.size(), 1u);
  EXPECT_EQ(rpc.subscriptions[0].topic, presence());
  EXPECT_TRUE(rpc.subscriptions[0].subscribe);
}

TEST(GossipVectors, Graft) {
  const Bytes bytes = hex("161a141a120a10676f6f702e70726573656e63652e7631");
  Control control;
  control.graft.push_back(presence());
  EXPECT_EQ(frame(control), bytes);
  EXPECT_EQ(read_rpc(body(bytes)).value().control.graft, std::vector<Topic>{presence()});
}

TEST(GossipVectors, PruneWithBackOff) {
  const Bytes bytes = hex("181a1622140a10676f6f702e70726573656e63652e7631183c");
  Control control;
  control.prune.push_back({presence(), 60s});
  EXPECT_EQ(frame(control), bytes);
  const auto read = read_rpc(body(bytes)).value().control.prune;
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].topic, presence());
  EXPECT_EQ(read[0].backoff, 60s);
}

TEST(GossipVectors, IHaveWithABinaryId) {
  const Bytes bytes = hex("0b1a090a070a01741202ff00");
  const std::uint8_t id[] = {0xff, 0x00};
  Control control;
  control.ihave.push_back({t(), {MessageId::from_bytes(id).value()}});
  EXPECT_EQ(frame(control), bytes);
  const auto read = read_rpc(body(bytes)).value().control.ihave;
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].ids, control.ihave[0].ids);
}

TEST(GossipVectors, ASignedMessage) {
  const auto message =
      sign_message(vectors::key_pair(), 1, presence(), as_bytes(std::string_view("hello")));
  const Bytes unsigned_part =
      hex("0a260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"
          "120568656c6c6f1a0800000000000000012210676f6f702e70726573656e63652e7631");
  const Bytes signature =
      hex("8250bf3ebfa12d75bb6870491fcc9d0183e77985df194c9055f3feaf649fc267"
          "e4a36133a125e2076140f37804e1d39b01faed44d10bac5cedb9274469423609");
  Bytes wire = unsigned_part;
  append(wire, hex("2a40"));
  append(wire, signature);
  EXPECT_EQ(message->wire, wire);
  const Bytes framed = frame(*message);
  EXPECT_EQ(body(framed).size(), 144u);
  EXPECT_EQ(to_hex(BytesView(framed).first(8)), "9001128d010a2600");

  const auto rpc = read_rpc(body(framed)).value();
  ASSERT_EQ(rpc.messages.size(), 1u);
  EXPECT_EQ(rpc.messages[0]->from, vectors::id());
  EXPECT_EQ(as_text(rpc.messages[0]->data), "hello");
  EXPECT_EQ(rpc.messages[0]->id.bytes().size(), 46u);
  EXPECT_TRUE(check_signature(*rpc.messages[0]));
}

TEST(GossipRpc, AnEmptyOneIsReadAndWrittenAsGoDoesIt) {
  EXPECT_EQ(frame(std::span<const Subscription>()), Bytes{0});
  const auto rpc = read_rpc({}).value();
  EXPECT_TRUE(rpc.subscriptions.empty() && rpc.messages.empty() && rpc.control.empty());
}

TEST(GossipRpc, APruneForAnOldPeerHasNoBackOff) {
  Control control;
  control.prune.push_back({t(), std::nullopt});
  EXPECT_EQ(to_hex(frame(control)), "071a0522030a0174");
  EXPECT_EQ(read_rpc(body(frame(control))).value().control.prune[0].backoff, std::nullopt);
}

TEST(GossipRpc, IdontwantAndIwantComeBack) {
  Control control;
  const MessageId id(vectors::id(), 7);
  control.iwant = {id};
  control.idontwant = {id, id};
  const auto read = read_rpc(body(frame(control))).value().control;
  EXPECT_EQ(read.iwant, control.iwant);
  EXPECT_EQ(read.idontwant, control.idontwant);
}

TEST(GossipRpc, Trap23_IdsLongerThanOursCanBeAreLeftOut) {  // rust-libp2p's default ids
  pb::Rpc rpc;
  auto& have = *rpc.mutable_control()->add_ihave();
  have.set_topic("t");
  have.add_ids(filled(MessageId::max_bytes + 1));
  have.add_ids(filled(MessageId::max_bytes));
  EXPECT_EQ(read_rpc(serialised(rpc)).value().control.ihave[0].ids.size(), 1u);
}

TEST(GossipRpc, EntriesWithTopicsThatCannotBeOursAreLeftOut) {
  pb::Rpc rpc;
  for (const std::string& topic : {std::string(), filled(limits::topic_bytes + 1)}) {
    auto& subscription = *rpc.add_subscriptions();
    subscription.set_subscribe(true);
    subscription.set_topic(topic);
    rpc.mutable_control()->add_ihave()->set_topic(topic);
    rpc.mutable_control()->add_graft()->set_topic(topic);
    rpc.mutable_control()->add_prune()->set_topic(topic);
  }
  const auto read = read_rpc(serialised(rpc)).value();
  EXPECT_TRUE(read.subscriptions.empty());
  EXPECT_TRUE(read.control.empty());
}

TEST(GossipRpc, CVE_2026_33040_ABackOffWithoutBoundsIsClamped) {
  for (const std::uint64_t told :
       {std::uint64_t{4000}, std::uint64_t{1} << 62, ~std::uint64_t{0}}) {
    pb::Rpc rpc;
    auto& prune = *rpc.mutable_control()->add_prune();
    prune.set_topic("t");
    prune.set_backoff(told);
    EXPECT_EQ(read_rpc(serialised(rpc)).value().control.prune[0].backoff,
              limits::backoff_most_told);
  }
}

// --- caps, each reached and overstepped by one ---

TEST(GossipRpcCaps, Subscriptions) {
  pb::Rpc rpc;
  for (std::size_t i = 0; i < limits::gossip_subscriptions; ++i)
    rpc.add_subscriptions()->set_topic("t");
  EXPECT_TRUE(read_rpc(serialised(rpc)));
  rpc.add_subscriptions();
  EXPECT_EQ(refusal(rpc), Errc::too_large);
}

TEST(GossipRpcCaps, Messages) {
  pb::Rpc rpc;
  for (std::size_t i = 0; i < limits::gossip_messages; ++i) rpc.add_publish();
  EXPECT_EQ(read_rpc(serialised(rpc)).value().malformed, limits::gossip_messages);
  rpc.add_publish();
  EXPECT_EQ(refusal(rpc), Errc::too_large);
}

TEST(GossipRpcCaps, EachKindOfControl) {
  using Add = void (*)(pb::Control&);
  const Add kinds[] = {[](pb::Control& c) { c.add_ihave(); }, [](pb::Control& c) { c.add_iwant(); },
                       [](pb::Control& c) { c.add_graft(); }, [](pb::Control& c) { c.add_prune(); },
                       [](pb::Control& c) { c.add_idontwant(); }};
  for (const Add add : kinds) {
    pb::Rpc rpc;
    for (std::size_t i = 0; i < limits::gossip_control; ++i) add(*rpc.mutable_control());
    EXPECT_TRUE(read_rpc(serialised(rpc)));
    add(*rpc.mutable_control());
    EXPECT_EQ(refusal(rpc), Errc::too_large);
  }
}

TEST(GossipRpcCaps, IdsOfAllEntriesTogether) {
  pb::Rpc rpc;
  auto& control = *rpc.mutable_control();
  auto& have = *control.add_ihave();
  for (std::size_t i = 0; i < limits::gossip_ids - 2; ++i) have.add_ids("");
  control.add_iwant()->add_ids("");
  control.add_idontwant()->add_ids("");
  EXPECT_TRUE(read_rpc(serialised(rpc)));
  control.add_ihave()->add_ids("");
  EXPECT_EQ(refusal(rpc), Errc::too_large);
}

TEST(GossipRpcCaps, SizesOfIdsTopicsAndExchangedPeers) {
  pb::Rpc long_id;
  long_id.mutable_control()->add_iwant()->add_ids(filled(limits::gossip_id_bytes + 1));
  EXPECT_EQ(refusal(long_id), Errc::too_large);
  pb::Rpc long_topic;
  long_topic.mutable_control()->add_graft()->set_topic(filled(limits::gossip_topic_wire_bytes + 1));
  EXPECT_EQ(refusal(long_topic), Errc::too_large);

  const auto exchange = [](std::size_t peers, std::size_t bytes) {
    Bytes prune, control, rpc;
    for (std::size_t i = 0; i < peers; ++i) {
      prune.push_back(0x12);
      append_prefixed(prune, Bytes(bytes));
    }
    control.push_back(0x22);
    append_prefixed(control, prune);
    rpc.push_back(0x1a);
    append_prefixed(rpc, control);
    return rpc;
  };
  EXPECT_TRUE(read_rpc(exchange(limits::gossip_exchanged_peers, 40)));
  EXPECT_FALSE(read_rpc(exchange(limits::gossip_exchanged_peers + 1, 40)));
  EXPECT_TRUE(read_rpc(exchange(1, limits::gossip_exchanged_bytes)));
  EXPECT_FALSE(read_rpc(exchange(1, limits::gossip_exchanged_bytes + 1)));
}

TEST(GossipRpcCaps, TheWholeRpc) {
  pb::Rpc rpc;
  rpc.add_publish(filled(limits::gossip_rpc_bytes));
  EXPECT_EQ(refusal(rpc), Errc::too_large);
}

TEST(GossipRpc, WhatIsNoProtobufIsInvalid) {
  EXPECT_EQ(read_rpc(hex("0a05")).error().code, Errc::invalid);
  EXPECT_EQ(read_rpc(hex("0b")).error().code, Errc::invalid);
}

}  // namespace
}  // namespace goop::p2p::pubsub
