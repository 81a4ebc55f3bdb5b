// deps: rendezvous
//
// What comes over NATS from another server: a frame that is taken is written back to the same
// bytes' meaning, and a board that is told it stays in order. A first byte of 't' makes the rest
// the text of an entry, and one of 's' what a key has signed in it, so that the message behind the
// frame is reached.
#include "base/base64.h"
#include "crypto/secret.h"
#include "rendezvous/backplane/joint.h"

namespace {

using namespace goop;
using namespace goop::rendezvous;

backplane::Frame with_text(std::string_view text) {
  backplane::News news{1, true, true, {}};
  backplane::Entry entry;
  if (const auto message = wire::parse_presence(text)) {
    entry.peer = message->presence.peer;
    entry.ts = message->presence.ts;
  }
  entry.text = text;
  news.entries.push_back(std::move(entry));
  return {7, std::move(news)};
}

std::string sealed(BytesView payload) {
  static const auto key = p2p::KeyPair::from_seed(crypto::Secret<32>());
  const p2p::EnvelopePurpose purpose{wire::presence_domain, as_bytes(wire::presence_payload_type)};
  return "{\"sig\":\"" + to_base64(p2p::seal_envelope(key, purpose, payload)) + "\"}";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, data + size);
  if (size > 0 && data[0] == 't') bytes = encode(with_text(as_text({data + 1, size - 1})));
  if (size > 0 && data[0] == 's') bytes = encode(with_text(sealed({data + 1, size - 1})));
  if (const auto frame = backplane::decode(bytes)) {
    const auto again = backplane::decode(encode(*frame));
    GOOP_ASSERT(again && *again == *frame);
  }
  Board board({100, 20s});
  backplane::Joint joint(1, board);
  const Instant now = Instant(1h);
  const WallTime wall{std::chrono::milliseconds(1'760'000'000'000)};
  joint.connected(now);
  for (int i = 0; i < 2; ++i) {
    auto work = joint.take(bytes, now, wall);
    for (auto& candidate : work) {
      if (!candidate.message.is_signed()) continue;
      candidate.good = wire::check_signature(candidate.message).has_value();
    }
    joint.finish(std::move(work), now, wall);
    joint.send(now);
  }
  GOOP_ASSERT(board.size() <= 100);
  joint.expire(now + 1h);
  board.expire(now + 1h, wall);
  GOOP_ASSERT(board.size() == 0);
  return 0;
}
