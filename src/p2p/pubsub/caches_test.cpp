// The bounded memories of a router: seen ids, recent messages, what waits to be sent.
#include <gtest/gtest.h>

#include "p2p/pubsub/outbound_queue.h"
#include "p2p/pubsub/simulation_test_kit.h"

namespace goop::p2p::pubsub {
namespace {

using p2p::test::peer;
using test::message_of;
using test::topic;

TEST(SeenCache, ForgetsTheOldestWhenFull) {
  SeenCache cache(1);
  const Instant now{1h};
  for (std::uint64_t i = 0; i <= limits::seen_ids; ++i) EXPECT_TRUE(cache.add({peer(1), i}, now));
  EXPECT_EQ(cache.size(), limits::seen_ids);
  EXPECT_FALSE(cache.contains({peer(1), 0}));
  EXPECT_TRUE(cache.contains({peer(1), 1}));
  EXPECT_FALSE(cache.add({peer(1), 1}, now));
  cache.expire(now + limits::seen_time);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(MessageCache, NamesThreeWindowsAndKeepsFive) {
  MessageCache cache(5, 3, 1);
  const auto message = message_of(peer(1), 1, "x");
  cache.put(message);
  cache.put(message);
  for (int beats = 0; beats < 5; ++beats) {
    EXPECT_EQ(cache.gossip_ids(topic()).size(), beats < 3 ? 1u : 0u);
    EXPECT_EQ(cache.size(), 1u);
    cache.shift();
  }
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
  EXPECT_EQ(cache.get_for(peer(2), message->id), nullptr);
}

TEST(MessageCache, NamesOnlyWhatIsOnTheTopic) {
  MessageCache cache(5, 3, 1);
  cache.put(message_of(peer(1), 1, "x", Topic::parse("other").value()));
  EXPECT_TRUE(cache.gossip_ids(topic()).empty());
}

TEST(MessageCache, CountsPerPeerHowOftenItWasAsked) {
  MessageCache cache(5, 3, 1);
  const auto message = message_of(peer(1), 1, "x");
  cache.put(message);
  for (std::size_t i = 0; i < limits::iwant_answers; ++i) {
    EXPECT_EQ(cache.get_for(peer(2), message->id), message);
  }
  EXPECT_EQ(cache.get_for(peer(2), message->id), nullptr);
  EXPECT_EQ(cache.get_for(peer(3), message->id), message);
}

TEST(MessageCache, IsCappedInNumberAndBytes) {
  MessageCache many(5, 3, 1);
  for (std::uint64_t i = 0; i < limits::cached_messages + 10; ++i) {
    many.put(message_of(peer(1), i, "x"));
  }
  EXPECT_EQ(many.size(), limits::cached_messages);
  MessageCache large(5, 3, 1);
  const std::string megabyte(1 << 20, 'x');
  for (std::uint64_t i = 0; i < 20; ++i) large.put(message_of(peer(1), i, megabyte));
  EXPECT_EQ(large.bytes(), limits::cached_bytes);
}

OutboundQueue::Frame frame_of(std::size_t size) {
  return std::make_shared<const Bytes>(Bytes(size));
}

TEST(OutboundQueue, DropsGossipBeforeMessagesAndKeepsTheRest) {
  OutboundQueue queue;
  EXPECT_TRUE(queue.push(Send::Kind::subscriptions, frame_of(1)));
  EXPECT_TRUE(queue.push(Send::Kind::message, frame_of(2)));
  EXPECT_TRUE(queue.push(Send::Kind::gossip, frame_of(3)));
  while (queue.size() < limits::queue_entries) {
    EXPECT_TRUE(queue.push(Send::Kind::mesh, frame_of(4)));
  }
  EXPECT_EQ(queue.dropped(), 0u);
  EXPECT_TRUE(queue.push(Send::Kind::mesh, frame_of(4)));
  EXPECT_TRUE(queue.push(Send::Kind::gossip, frame_of(3)));  // gossip itself is given up
  EXPECT_EQ(queue.dropped(), 2u);
  EXPECT_TRUE(queue.push(Send::Kind::message, frame_of(5)));  // for the older message
  EXPECT_TRUE(queue.push(Send::Kind::mesh, frame_of(4)));
  EXPECT_EQ(queue.dropped(), 4u);
  EXPECT_FALSE(queue.push(Send::Kind::mesh, frame_of(4)));
  const auto frames = queue.take();
  EXPECT_EQ(frames.size(), limits::queue_entries);
  EXPECT_EQ(frames.front()->size(), 1u);
}

TEST(OutboundQueue, IsCappedInBytes) {
  OutboundQueue queue;
  EXPECT_TRUE(queue.push(Send::Kind::message, frame_of(limits::queue_bytes + 100)));  // one always
  EXPECT_TRUE(queue.push(Send::Kind::message, frame_of(limits::queue_bytes / 2)));
  EXPECT_TRUE(queue.push(Send::Kind::message, frame_of(limits::queue_bytes / 2)));
  EXPECT_TRUE(queue.push(Send::Kind::message, frame_of(1)));
  EXPECT_EQ(queue.dropped(), 2u);
  EXPECT_LE(queue.bytes(), limits::queue_bytes);
}

TEST(OutboundQueue, AnEntryIsSettledWhenWrittenOrGivenUp) {
  OutboundQueue queue;
  queue.push(Send::Kind::message, frame_of(1));
  const auto first = queue.newest();
  EXPECT_FALSE(queue.settled(first));
  (void)queue.take();
  queue.push(Send::Kind::message, frame_of(1));
  EXPECT_FALSE(queue.settled(first));
  queue.done();
  EXPECT_TRUE(queue.settled(first));
  EXPECT_FALSE(queue.settled(queue.newest()));
  queue.clear();
  EXPECT_TRUE(queue.settled(queue.newest()));
}

}  // namespace
}  // namespace goop::p2p::pubsub
