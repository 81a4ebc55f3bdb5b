// deps: p2p_secure testing_sim
//
// The data phase of Noise over a pipe in memory: what was sent honestly arrives whole in any
// pieces; of what was damaged under way only a part of the beginning does; and raw bytes give
// nothing.
#include "p2p/secure/noise_channel.h"
#include "testing/sim/sim_runtime.h"

namespace goop::p2p {
namespace {

// Keeps what is written; gives what it holds in pieces.
class MemoryStream final : public net::ByteStream {
 public:
  MemoryStream(Bytes& written, Bytes input, std::size_t piece)
      : written_(written), input_(std::move(input)), piece_(piece) {}

  Task<std::size_t> read_some(MutBytes into) override {
    const auto count = std::min({into.size(), piece_, input_.size() - taken_});
    std::copy_n(input_.begin() + static_cast<std::ptrdiff_t>(taken_), count, into.begin());
    taken_ += count;
    co_return count;
  }
  Task<> write(std::span<const BytesView> parts) override {
    for (const BytesView part : parts) append(written_, part);
    co_return;
  }
  void shutdown_write() noexcept override {}
  void abort() noexcept override {}
  net::Endpoint local() const override { return {}; }
  net::Endpoint remote() const override { return {}; }

 private:
  Bytes& written_;
  Bytes input_;
  std::size_t piece_, taken_ = 0;
};

NoiseChannel channel(Bytes& written, Bytes input, std::size_t piece) {
  static const auto pool = std::make_shared<BlockPool>();
  const NoiseChannel::Keys keys{};
  return {std::make_unique<MemoryStream>(written, std::move(input), piece), keys, {}, pool};
}

// Everything that comes out, and whether the pipe ended without an accusation.
struct Received {
  Bytes plain;
  bool fine = true;
};

Task<Received> receive(Bytes sealed, std::size_t piece) {
  Bytes nothing;
  auto reader = channel(nothing, std::move(sealed), piece);
  Received received;
  for (;;) {
    auto next = reader.next();
    if (!next) {
      received.fine = false;
      co_return received;
    }
    if (*next) {
      append(received.plain, (*next)->view());
      continue;
    }
    const bool more = co_await reader.receive();
    if (!more) co_return received;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  sim::SimRuntime runtime;
  const BytesView input(data + 4, size - 4);
  const std::size_t piece = data[0] * data[0] + 1u;
  if (data[1] % 4 == 0) {
    const auto received = runtime.wait(receive(to_bytes(input), piece));
    GOOP_ASSERT(received.plain.empty());
    return 0;
  }

  Bytes plain, sealed;
  auto writer = channel(sealed, {}, 1);
  for (std::size_t i = 0; i < std::min<std::size_t>(input.size(), 12); ++i) {
    const Bytes header(input[i] % 16u, input[i]);
    const Bytes body(std::size_t{input[i]} * input[i] * 2, static_cast<std::uint8_t>(i));
    append(plain, header);
    append(plain, body);
    writer.append(header, body);
    if (input[i] % 3 == 0) runtime.wait(writer.flush());
  }
  runtime.wait(writer.flush());
  GOOP_ASSERT(writer.pending() == 0);
  GOOP_ASSERT(sealed.size() <= plain.size() + 18 * (plain.size() / 1000 + 130));

  const std::size_t step = std::max(piece, sealed.size() / 2000);  // small pieces of small input
  const bool damage = data[1] % 4 == 1 && !sealed.empty() && data[3] != 0;
  if (damage) sealed[(data[2] * 251u + size) % sealed.size()] ^= data[3];
  const auto received = runtime.wait(receive(std::move(sealed), step));
  if (!damage) GOOP_ASSERT(received.fine && received.plain == plain);
  if (damage) GOOP_ASSERT(received.plain.size() < plain.size());
  GOOP_ASSERT(std::equal(received.plain.begin(), received.plain.end(), plain.begin()));
  return 0;
}

}  // namespace goop::p2p
