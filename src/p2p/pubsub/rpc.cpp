#include "p2p/pubsub/rpc.h"

#include "p2p/multi/protobuf_guard.h"
#include "p2p/multi/varint.h"
#include "p2p/work_prices.h"
#include "rpc.pb.h"

namespace goop::p2p::pubsub {
namespace {

constexpr std::size_t repeats = limits::protobuf_repeats;
constexpr std::size_t any_size = limits::gossip_rpc_bytes;
constexpr std::size_t topic_size = limits::gossip_topic_wire_bytes;
constexpr std::size_t entries = limits::gossip_control;

constexpr FieldLimit subscription_fields[] = {{1, repeats}, {2, repeats, topic_size}};
constexpr MessageLimits subscription_limits{subscription_fields};
constexpr FieldLimit message_fields[] = {{1, repeats, limits::peer_id_bytes},
                                         {2, repeats, any_size},
                                         {3, repeats, any_size},
                                         {4, repeats, topic_size},
                                         {5, repeats, limits::signature_bytes},
                                         {6, repeats, limits::key_bytes}};
constexpr MessageLimits message_limits{message_fields};
constexpr FieldLimit have_fields[] = {{1, repeats, topic_size},
                                      {2, limits::gossip_ids, limits::gossip_id_bytes}};
constexpr MessageLimits have_limits{have_fields};
constexpr FieldLimit ids_fields[] = {{1, limits::gossip_ids, limits::gossip_id_bytes}};
constexpr MessageLimits ids_limits{ids_fields};
constexpr FieldLimit graft_fields[] = {{1, repeats, topic_size}};
constexpr MessageLimits graft_limits{graft_fields};
constexpr FieldLimit prune_fields[] = {
    {1, repeats, topic_size},
    {2, limits::gossip_exchanged_peers, limits::gossip_exchanged_bytes},
    {3, repeats}};
constexpr MessageLimits prune_limits{prune_fields};
constexpr FieldLimit control_fields[] = {{1, entries, any_size, &have_limits},
                                         {2, entries, any_size, &ids_limits},
                                         {3, entries, any_size, &graft_limits},
                                         {4, entries, any_size, &prune_limits},
                                         {5, entries, any_size, &ids_limits}};
constexpr MessageLimits control_limits{control_fields};
constexpr FieldLimit rpc_fields[] = {
    {1, limits::gossip_subscriptions, any_size, &subscription_limits},
    {2, limits::gossip_messages, any_size, &message_limits},
    {3, repeats, any_size, &control_limits}};
constexpr MessageLimits rpc_limits{rpc_fields};

// The guard counts per entry; here the ids of all entries of an RPC together.
Result<std::size_t> count_ids(BytesView message, std::span<const std::uint32_t> path) {
  std::size_t count = 0;
  ProtobufReader reader(message);
  for (;;) {
    GOOP_TRY(const auto field, reader.next());
    if (!field) return count;
    if (field->number != path.front() || field->kind != ProtobufField::Kind::bytes) continue;
    std::size_t inside = 1;
    if (path.size() > 1) {
      GOOP_TRY(inside, count_ids(field->bytes, path.subspan(1)));
    }
    count += inside;
  }
}

Result<void> check_ids(BytesView body) {
  static constexpr std::uint32_t paths[][3] = {{3, 1, 2}, {3, 2, 1}, {3, 5, 1}};
  std::size_t total = 0;
  for (const auto& path : paths) {
    GOOP_TRY(const std::size_t count, count_ids(body, path));
    total += count;
  }
  if (total > limits::gossip_ids) return fail(Errc::too_large, "{} message ids", total);
  return {};
}

void add_ids(std::vector<MessageId>& to,
             const google::protobuf::RepeatedPtrField<std::string>& in) {
  for (const auto& bytes : in) {
    if (auto id = MessageId::from_bytes(as_bytes(bytes))) to.push_back(*id);
  }
}

Control control_of(const pb::Control& in) {
  Control control;
  for (const auto& entry : in.ihave()) {
    auto topic = Topic::parse(entry.topic());
    if (!topic) continue;
    control.ihave.push_back({std::move(*topic), {}});
    add_ids(control.ihave.back().ids, entry.ids());
  }
  for (const auto& entry : in.iwant()) add_ids(control.iwant, entry.ids());
  for (const auto& entry : in.idontwant()) add_ids(control.idontwant, entry.ids());
  for (const auto& entry : in.graft()) {
    if (auto topic = Topic::parse(entry.topic())) control.graft.push_back(std::move(*topic));
  }
  for (const auto& entry : in.prune()) {
    auto topic = Topic::parse(entry.topic());
    if (!topic) continue;
    // Clamped here, once, before any arithmetic with time (CVE-2026-33040, CVE-2026-34219).
    constexpr std::chrono::seconds most = limits::backoff_most_told;
    const auto told = std::min<std::uint64_t>(entry.backoff(), most.count());
    control.prune.push_back({std::move(*topic), std::nullopt});
    if (told > 0) control.prune.back().backoff = std::chrono::seconds(told);
  }
  return control;
}

void put(std::string& to, BytesView bytes) { to = as_text(bytes); }

template <class Message>
Bytes framed(const Message& message) {
  const std::size_t size = message.ByteSizeLong();
  Bytes bytes;
  bytes.reserve(uvarint_size(size) + size);
  append_uvarint(bytes, size);
  bytes.resize(bytes.size() + size);
  message.SerializeWithCachedSizesToArray(bytes.data() + bytes.size() - size);
  return bytes;
}

}  // namespace

Result<Rpc> read_rpc(BytesView body) {
  GOOP_CHECK(check_protobuf(body, rpc_limits, limits::gossip_rpc_bytes));
  GOOP_CHECK(check_ids(body));
  pb::Rpc in;
  if (!in.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return fail(Errc::invalid, "not a pubsub RPC");
  }
  Rpc rpc;
  for (const auto& entry : in.subscriptions()) {
    auto topic = Topic::parse(entry.topic());
    if (topic) rpc.subscriptions.push_back({std::move(*topic), entry.subscribe()});
  }
  for (const auto& wire : in.publish()) {
    auto message = read_message(as_bytes(wire));
    if (message) {
      rpc.messages.push_back(std::move(*message));
    } else {
      ++rpc.malformed;
    }
  }
  rpc.control = control_of(in.control());
  return rpc;
}

WorkUnits work_of(const Rpc& rpc) {
  const Control& control = rpc.control;
  std::size_t ids = control.iwant.size() + control.idontwant.size();
  for (const auto& have : control.ihave) ids += have.ids.size();
  const std::size_t others = control.ihave.size() + control.graft.size() + control.prune.size();
  return rpc.subscriptions.size() * price::subscription +
         (rpc.messages.size() + rpc.malformed) * price::message + ids * price::message_id +
         others * price::control_entry;
}

Bytes frame(std::span<const Subscription> subscriptions) {
  pb::Rpc rpc;
  for (const auto& [topic, subscribe] : subscriptions) {
    auto& entry = *rpc.add_subscriptions();
    entry.set_subscribe(subscribe);
    entry.set_topic(topic.text());
  }
  return framed(rpc);
}

Bytes frame(const SignedMessage& message) {
  constexpr std::uint8_t publish_tag = 2 << 3 | 2;
  const std::size_t size = message.wire.size();
  Bytes bytes;
  bytes.reserve(size + 16);
  append_uvarint(bytes, 1 + uvarint_size(size) + size);
  bytes.push_back(publish_tag);
  append_prefixed(bytes, message.wire);
  return bytes;
}

Bytes frame(const Control& control) {
  pb::Rpc rpc;
  auto& to = *rpc.mutable_control();
  for (const auto& [topic, ids] : control.ihave) {
    auto& entry = *to.add_ihave();
    entry.set_topic(topic.text());
    for (const auto& id : ids) put(*entry.add_ids(), id.bytes());
  }
  if (!control.iwant.empty()) {
    auto& entry = *to.add_iwant();
    for (const auto& id : control.iwant) put(*entry.add_ids(), id.bytes());
  }
  for (const auto& topic : control.graft) to.add_graft()->set_topic(topic.text());
  for (const auto& [topic, backoff] : control.prune) {
    auto& entry = *to.add_prune();
    entry.set_topic(topic.text());
    if (backoff) entry.set_backoff(static_cast<std::uint64_t>(backoff->count()));
  }
  if (!control.idontwant.empty()) {
    auto& entry = *to.add_idontwant();
    for (const auto& id : control.idontwant) put(*entry.add_ids(), id.bytes());
  }
  return framed(rpc);
}

}  // namespace goop::p2p::pubsub
