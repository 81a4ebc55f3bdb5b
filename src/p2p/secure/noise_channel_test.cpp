// The data phase of Noise over a pipe in memory, in every split, up to its limits.
#include "p2p/secure/noise_channel.h"

#include <gtest/gtest.h>

#include "p2p/secure/limits.h"
#include "testing/sim/sim_runtime.h"

namespace goop::p2p {
namespace {

// What is written is read from it again, `piece` bytes at a time; then comes the end.
class LoopStream final : public net::ByteStream {
 public:
  explicit LoopStream(std::size_t piece) : piece_(piece) {}

  Task<std::size_t> read_some(MutBytes into) override {
    largest_room = std::max(largest_room, into.size());
    last_room = into.size();
    const auto count = std::min({into.size(), piece_, bytes.size() - taken_});
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(taken_), count, into.begin());
    taken_ += count;
    co_return count;
  }
  Task<> write(std::span<const BytesView> parts) override {
    for (const BytesView part : parts) append(bytes, part);
    co_return;
  }
  void shutdown_write() noexcept override {}
  void abort() noexcept override {}
  net::Endpoint local() const override { return {}; }
  net::Endpoint remote() const override { return {}; }

  Bytes bytes;
  std::size_t largest_room = 0, last_room = 0;

 private:
  std::size_t piece_, taken_ = 0;
};

// One channel that hears itself: both directions have the same key.
struct Loop {
  explicit Loop(std::size_t piece = 1 << 20)
      : stream(new LoopStream(piece)),
        channel(std::unique_ptr<net::ByteStream>(stream), {}, {}, std::make_shared<BlockPool>()) {}

  void send(std::size_t size) {
    const Bytes body(size, 7);
    channel.append({}, body);
    rt.wait(channel.flush());
  }

  // Everything that can be read; nullopt when it does not hold.
  std::optional<std::size_t> receive() {
    std::size_t total = 0;
    for (;;) {
      auto next = channel.next();
      if (!next) return std::nullopt;
      if (*next) total += (*next)->size();
      if (!*next && !rt.wait(channel.receive())) return total;
    }
  }

  sim::SimRuntime rt;
  LoopStream* stream;
  NoiseChannel channel;
};

// A frame whose plaintext is empty, sealed as the channel's first.
Bytes empty_frame(std::uint64_t nonce) {
  crypto::ChaChaPoly sealing{crypto::Secret<32>{}};
  Bytes frame(2 + limits::noise_tag_bytes);
  frame[1] = limits::noise_tag_bytes;
  sealing.seal(nonce, {}, BytesView{}, MutBytes(frame).subspan(2));
  return frame;
}

TEST(NoiseChannel, Trap07_EmptyAndPartialFramesAreNoEnd) {
  for (const std::size_t piece : {1, 2, 3, 17, 1000}) {
    Loop loop(piece);
    for (std::uint64_t nonce = 0; nonce < 3; ++nonce)
      append(loop.stream->bytes, empty_frame(nonce));
    auto first = loop.channel.next();
    while (first && !*first && loop.rt.wait(loop.channel.receive())) first = loop.channel.next();
    EXPECT_TRUE(first && !*first);  // nothing came, and nothing is wrong
  }
  for (const std::size_t piece : {1, 2, 3, 17, 1000}) {
    Loop loop(piece);
    loop.send(100);
    loop.send(5000);
    EXPECT_EQ(loop.receive(), 5100u);
  }
}

TEST(NoiseChannel, AFrameShorterThanItsTagIsAViolation) {
  for (std::uint8_t size = 0; size < limits::noise_tag_bytes; ++size) {
    Loop loop;
    loop.stream->bytes = {0, size};
    loop.stream->bytes.resize(100);
    EXPECT_FALSE(loop.receive());
  }
}

TEST(NoiseChannel, EveryDamagedByteOfAFrameIsNoticed) {
  for (std::size_t at = 0; at < 2 + 40 + limits::noise_tag_bytes; ++at) {
    Loop loop;
    loop.send(40);
    loop.send(40);
    loop.stream->bytes[at] ^= 1;
    EXPECT_NE(loop.receive(), 80u) << at;  // a longer length makes it wait for more
  }
}

TEST(NoiseChannel, FramesOutOfOrderOrRepeatedAreNoticed) {
  Loop swapped;
  swapped.send(40);
  swapped.send(40);
  std::ranges::rotate(swapped.stream->bytes, swapped.stream->bytes.begin() + 58);
  EXPECT_FALSE(swapped.receive());
  Loop repeated;
  repeated.send(40);
  append(repeated.stream->bytes, Bytes(repeated.stream->bytes));
  EXPECT_FALSE(repeated.receive());
}

TEST(NoiseChannel, ALargeBodyGoesOutInFramesOfTheLargestSize) {
  Loop loop;
  loop.send(limits::noise_plaintext_bytes);
  EXPECT_EQ(loop.stream->bytes.size(), 2 + limits::noise_frame_bytes);
  loop.stream->bytes.clear();
  Loop more;
  more.send(limits::noise_plaintext_bytes + 1);
  EXPECT_EQ(more.stream->bytes.size(), 2 + limits::noise_frame_bytes + 2 + 1 + 16);
  EXPECT_EQ(more.receive(), limits::noise_plaintext_bytes + 1);
}

TEST(NoiseChannel, SmallPiecesShareAFrameAndLargeBodiesAreNotCopiedIntoOne) {
  Loop loop;
  const Bytes header(12, 1), small(limits::direct_body_bytes - 1, 2);
  loop.channel.append(header, small);
  loop.channel.append(header, {});
  loop.rt.wait(loop.channel.flush());
  EXPECT_EQ(loop.stream->bytes.size(), 2 + 12 + small.size() + 12 + 16);
  Loop direct;
  const Bytes body(limits::direct_body_bytes, 2);
  direct.channel.append(header, body);
  direct.channel.append(header, {});
  direct.rt.wait(direct.channel.flush());
  EXPECT_EQ(direct.stream->bytes.size(), 2 + 12 + body.size() + 16 + 2 + 12 + 16);
}

TEST(NoiseChannel, TheReceiveBufferGrowsWhileReadsFillItAndShrinksWhenIdle) {
  Loop loop;
  EXPECT_FALSE(loop.rt.wait(loop.channel.receive()));
  EXPECT_EQ(loop.stream->last_room, limits::receive_buffer_least);
  for (int i = 0; i < 40; ++i) loop.send(limits::noise_plaintext_bytes);
  EXPECT_EQ(loop.receive(), 40 * limits::noise_plaintext_bytes);
  EXPECT_GT(loop.stream->largest_room, limits::receive_buffer_most / 2);
  EXPECT_LE(loop.stream->largest_room, limits::receive_buffer_most);
  for (std::size_t i = 0; i <= limits::receive_small_reads + 1; ++i) {
    loop.send(10);
    loop.receive();
  }
  EXPECT_LE(loop.stream->last_room, limits::receive_buffer_least);
}

TEST(NoiseChannel, PendingCountsWhatIsStagedAndSealed) {
  Loop loop;
  loop.channel.append(Bytes(12), Bytes(100));
  EXPECT_EQ(loop.channel.pending(), 112u);
  loop.channel.append(Bytes(12), Bytes(limits::direct_body_bytes));
  EXPECT_EQ(loop.channel.pending(), 112 + 12 + limits::direct_body_bytes + 18);
  loop.rt.wait(loop.channel.flush());
  EXPECT_EQ(loop.channel.pending(), 0u);
}

}  // namespace
}  // namespace goop::p2p
