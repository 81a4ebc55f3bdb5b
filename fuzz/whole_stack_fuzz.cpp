// deps: testing_hosts
//
// Two hosts with a hand on the wire between them: it flips bytes, cuts, and joins or splits what
// passes. Whatever it does, an answer is the right one or there is none, and both hosts stop.
#include "testing/hosts/below.h"
#include "testing/hosts/host_world.h"

namespace goop::p2p {
namespace {

using namespace std::chrono_literals;

// What is done to the bytes of one direction: at offset `at`, counted from the previous change.
struct Change {
  std::size_t at;
  std::uint8_t flip;  // 0: the connection is cut
};

class Hand {
 public:
  explicit Hand(BytesView script) : script_(script) {}

  std::optional<Change> next() {
    if (script_.size() < 3) return std::nullopt;
    const Change change{static_cast<std::size_t>(script_[0]) << 4 | (script_[1] & 15u), script_[2]};
    script_ = script_.subspan(3);
    return change;
  }

 private:
  BytesView script_;
};

class HandledStream final : public net::ByteStream {
 public:
  HandledStream(std::unique_ptr<net::ByteStream> below, BytesView out, BytesView in)
      : below_(std::move(below)), out_(out), in_(in) {}

  Task<std::size_t> read_some(MutBytes into) override {
    const auto count = co_await below_->read_some(into);
    in_.pass(into.first(count), *below_);
    co_return count;
  }
  Task<> write(std::span<const BytesView> parts) override {
    Bytes all;
    for (const BytesView part : parts) append(all, part);
    out_.pass(all, *below_);
    const BytesView one = all;
    co_await below_->write({&one, 1});
  }
  void shutdown_write() noexcept override { below_->shutdown_write(); }
  void abort() noexcept override { below_->abort(); }
  net::Endpoint local() const override { return below_->local(); }
  net::Endpoint remote() const override { return below_->remote(); }

 private:
  struct Side {
    explicit Side(BytesView script) : hand(script), change(hand.next()) {}

    void pass(MutBytes bytes, net::ByteStream& below) {
      while (change && change->at < bytes.size()) {
        if (change->flip == 0) below.abort();
        bytes[change->at] ^= change->flip;
        bytes = bytes.subspan(change->at);
        change = hand.next();
      }
      if (change) change->at -= bytes.size();
    }

    Hand hand;
    std::optional<Change> change;
  };

  std::unique_ptr<net::ByteStream> below_;
  Side out_, in_;
};

// A machine whose outgoing connections pass the hand.
class HandledNetwork final : public test::Below {
 public:
  HandledNetwork(net::Network& below, BytesView out, BytesView in)
      : Below(below), out_(out), in_(in) {}

  Task<std::unique_ptr<net::ByteStream>> connect(net::Endpoint to,
                                                 std::optional<net::Endpoint> from,
                                                 Deadline by) override {
    auto stream = co_await below_.connect(to, from, by);
    co_return std::make_unique<HandledStream>(std::move(stream), out_, in_);
  }

 private:
  BytesView out_, in_;
};

Task<std::string> greet(Host& from, Host& to, Deadline by) {
  co_await from.connect(to.id(), to.addresses(), by);
  std::vector<ProtocolId> protocols = {sim::greet};
  co_return co_await sim::ask_line(from, to.id(), std::move(protocols), "mira", by);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const BytesView input(data + 1, size - 1);
  const auto split = std::min<std::size_t>(data[0], input.size());
  sim::HostWorld world(size);
  HandledNetwork network(world.machine(1), input.first(split), input.subspan(split));
  auto& b = world.add(2);
  auto& a = world.add(network, world.options(1));
  for (int i = 0; i < 3; ++i) {
    const auto answer = world.rt.wait(attempt(greet(a, b, world.soon())));
    GOOP_ASSERT(!answer || *answer == "hello mira" || answer->empty());
    if (input.size() < 3) GOOP_ASSERT(answer);
    world.rt.run_for(1s);
  }
  return 0;
}

}  // namespace goop::p2p
