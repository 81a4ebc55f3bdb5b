// deps: p2p_pubsub
//
// Pubsub RPCs: what is read stays within its limits and can be said again; a router survives
// whatever comes, in any order, and what it then sends is well-formed and small enough to be read.
#include "p2p/multi/varint.h"
#include "p2p/pubsub/router.h"

namespace goop::p2p::pubsub {
namespace {

PeerId peer(std::uint8_t number) {
  Bytes bytes(34, number);
  bytes[0] = 0x12;
  bytes[1] = 0x20;
  return PeerId::from_bytes(bytes).value();
}

Bytes frame_of(const Send& send) {
  if (const auto* message = std::get_if<MessagePtr>(&send.what)) return frame(**message);
  if (const auto* control = std::get_if<Control>(&send.what)) return frame(*control);
  return frame(std::get<std::vector<Subscription>>(send.what));
}

void check(const Rpc& rpc) {
  std::size_t ids = rpc.control.iwant.size() + rpc.control.idontwant.size();
  for (const auto& have : rpc.control.ihave) ids += have.ids.size();
  GOOP_ASSERT(ids <= limits::gossip_ids);
  GOOP_ASSERT(rpc.subscriptions.size() <= limits::gossip_subscriptions);
  GOOP_ASSERT(rpc.messages.size() + rpc.malformed <= limits::gossip_messages);
  for (const auto& prune : rpc.control.prune) {
    GOOP_ASSERT(!prune.backoff || *prune.backoff <= limits::backoff_most_told);
  }
  for (const auto& message : rpc.messages) {
    // What is passed on is read by others as it was by us.
    const auto again = read_message(message->wire);
    GOOP_ASSERT(again && (*again)->id == message->id && (*again)->wire == message->wire);
    GOOP_ASSERT(equal((*again)->data, message->data) && (*again)->topic == message->topic);
  }
}

}  // namespace

// RPCs with their lengths, the first byte of each says from which neighbour, or that time passes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  BytesView input(data, size);
  if (const auto whole = read_rpc(input)) check(*whole);

  Router router(peer(0), {}, 1);
  Instant now{1h};
  router.join(Topic::parse("t").value(), now);
  for (std::uint8_t n = 1; n <= 4; ++n) {
    router.add_peer(peer(n), {"", n % 2 ? Direction::inbound : Direction::outbound});
    router.can_send(peer(n), versions[n % versions.size()].second, now);
  }
  while (!input.empty()) {
    const PeerId from = peer(static_cast<std::uint8_t>(1 + input[0] % 4));
    if (input[0] & 0x80) {
      now += 1s;
      router.heartbeat(now);
    }
    input = input.subspan(1);
    const auto prefix = peek_uvarint(input);
    if (!prefix || !*prefix || (*prefix)->value > input.size() - (*prefix)->size) break;
    const auto body = input.subspan((*prefix)->size, (*prefix)->value);
    input = input.subspan((*prefix)->size + body.size());
    const auto rpc = read_rpc(body);
    if (!rpc) {
      router.on_bad_rpc(from);
      continue;
    }
    for (const auto& message : router.on_rpc(from, *rpc, now)) {
      // Signatures do not hold here: every other one is believed.
      if (message->data.size() % 2 == 0) {
        if (router.signature_held(from, message, now)) router.judged(message, Verdict::accept);
      } else {
        router.signature_failed(message, from);
      }
    }
  }
  router.remove_peer(peer(1), now);
  router.heartbeat(now);
  for (const auto& send : router.take_output()) {
    const Bytes framed = frame_of(send);
    const auto prefix = read_uvarint(framed).value();
    GOOP_ASSERT(prefix.value == framed.size() - prefix.size);
    GOOP_ASSERT(read_rpc(BytesView(framed).subspan(prefix.size)).has_value());
  }
  return 0;
}

}  // namespace goop::p2p::pubsub
