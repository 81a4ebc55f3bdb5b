#include "p2p/pubsub/message.h"

#include <gtest/gtest.h>

#include "p2p/multi/test_vectors.h"
#include "p2p/multi/varint.h"

namespace goop::p2p::pubsub {
namespace {

Topic topic() { return Topic::parse("goop.presence.v1").value(); }

Bytes field(std::uint32_t number, BytesView value) {
  Bytes bytes;
  append_uvarint(bytes, number << 3 | 2);
  append_prefixed(bytes, value);
  return bytes;
}
Bytes field(std::uint32_t number, std::string_view value) { return field(number, as_bytes(value)); }

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts) append(all, part);
  return all;
}

struct Parts {
  Bytes from = field(1, vectors::id().bytes());
  Bytes data = field(2, "hello");
  Bytes seqno = field(3, Bytes{0, 0, 0, 0, 0, 0, 0, 1});
  Bytes name = field(4, topic().text());

  Bytes signature(BytesView covered) const {
    Bytes bytes = to_bytes("libp2p-pubsub:");
    append(bytes, covered);
    return field(5, vectors::key_pair().sign(bytes));
  }
};

bool holds(BytesView wire) {
  const auto message = read_message(wire);
  return message && check_signature(**message);
}

TEST(GossipMessage, AnEmptyOneKeepsItsDataFieldInTheSignature) {
  const auto message = sign_message(vectors::key_pair(), 5, topic(), {});
  EXPECT_TRUE(check_signature(*message));
  EXPECT_TRUE(message->data.empty());
  Parts parts;
  const Bytes with = joined({parts.from, field(2, ""), parts.seqno, parts.name});
  const Bytes without = joined({parts.from, parts.seqno, parts.name});
  EXPECT_TRUE(holds(joined({with, parts.signature(with)})));
  EXPECT_TRUE(holds(joined({without, parts.signature(without)})));
  EXPECT_FALSE(holds(joined({with, parts.signature(without)})));
}

TEST(GossipMessage, FieldsInAnyOrderAreSignedAsIfInOrder) {
  Parts parts;
  const Bytes ordered = joined({parts.from, parts.data, parts.seqno, parts.name});
  const Bytes shuffled =
      joined({parts.name, parts.signature(ordered), parts.data, parts.from, parts.seqno});
  EXPECT_TRUE(holds(shuffled));
  const auto message = read_message(shuffled).value();
  EXPECT_EQ(message->wire, joined({ordered, parts.signature(ordered)}));
}

TEST(GossipMessage, OfARepeatedFieldTheLastCountsAndIsSigned) {
  Parts parts;
  const Bytes meant = joined({parts.from, parts.data, parts.seqno, parts.name});
  const Bytes twice = joined(
      {parts.from, parts.data, parts.seqno, field(4, "old"), parts.name, parts.signature(meant)});
  EXPECT_TRUE(holds(twice));
  EXPECT_EQ(read_message(twice).value()->topic, topic());
}

TEST(GossipMessage, UnknownFieldsAreCoveredAndPassedOn) {
  Parts parts;
  const Bytes known = joined({parts.from, parts.data, parts.seqno, parts.name});
  const Bytes unknown = field(9, "later");
  const Bytes wire = joined({known, parts.signature(joined({known, unknown})), unknown});
  EXPECT_TRUE(holds(wire));
  EXPECT_EQ(read_message(wire).value()->wire, wire);
  EXPECT_FALSE(holds(joined({known, parts.signature(known), unknown})));
}

TEST(GossipMessage, AKeyThatIsSentMustBeTheAuthors) {
  Parts parts;
  const Bytes known = joined({parts.from, parts.data, parts.seqno, parts.name});
  const auto own = vectors::key_pair().public_key();
  const auto other = KeyPair::from_seed({}).public_key();
  EXPECT_TRUE(holds(joined({known, parts.signature(known), field(6, own.protobuf())})));
  EXPECT_FALSE(holds(joined({known, parts.signature(known), field(6, other.protobuf())})));
  EXPECT_FALSE(holds(joined({known, parts.signature(known), field(6, "no key")})));
}

TEST(GossipMessage, AuthorNumberTopicAndSignatureMustBeThere) {
  Parts parts;
  const Bytes all[] = {parts.from, parts.seqno, parts.name, field(5, "signature")};
  for (std::size_t left_out = 0; left_out < std::size(all); ++left_out) {
    Bytes wire;
    for (std::size_t i = 0; i < std::size(all); ++i) {
      if (i != left_out) append(wire, all[i]);
    }
    EXPECT_FALSE(read_message(wire));
  }
  EXPECT_TRUE(read_message(joined({all[0], all[1], all[2], all[3]})));
}

TEST(GossipMessage, ANumberHasEightBytes) {
  Parts parts;
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{9}}) {
    EXPECT_FALSE(read_message(
        joined({parts.from, field(3, Bytes(size)), parts.name, field(5, "signature")})));
  }
}

TEST(GossipMessage, AFieldOfAnotherTypeIsInvalid) {
  Parts parts;
  EXPECT_FALSE(read_message(
      joined({parts.from, parts.data, Bytes{0x18, 0x01}, parts.name, field(5, "signature")})));
}

TEST(GossipMessage, AnyChangedBitBreaksIt) {
  const Bytes wire =
      sign_message(vectors::key_pair(), 1, topic(), as_bytes(std::string_view("hi")))->wire;
  for (std::size_t bit = 0; bit < 8 * wire.size(); ++bit) {
    Bytes changed = wire;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(holds(changed)) << bit;
  }
}

TEST(GossipMessage, IdsAreKeyed) {
  const MessageId id(vectors::id(), 1), other(vectors::id(), 2);
  EXPECT_EQ(MessageIdHash(1)(id), MessageIdHash(1)(id));
  EXPECT_NE(MessageIdHash(1)(id), MessageIdHash(2)(id));
  EXPECT_NE(MessageIdHash(1)(id), MessageIdHash(1)(other));
}

TEST(GossipTopic, HasANameOfBoundedSize) {
  EXPECT_EQ(Topic::parse("").error().code, Errc::invalid);
  EXPECT_TRUE(Topic::parse(std::string(limits::topic_bytes, 'x')));
  EXPECT_EQ(Topic::parse(std::string(limits::topic_bytes + 1, 'x')).error().code, Errc::too_large);
}

}  // namespace
}  // namespace goop::p2p::pubsub
