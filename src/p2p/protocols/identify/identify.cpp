#include "p2p/protocols/identify/identify.h"

#include <unordered_set>

#include "identify.pb.h"
#include "p2p/multi/envelope.h"
#include "p2p/multi/protobuf_guard.h"

namespace goop::p2p {
namespace {

constexpr std::size_t any_size = limits::identify_message_bytes;  // bounded by the message

constexpr FieldLimit identify_fields[] = {
    {.number = 1, .max_bytes = any_size},
    {.number = 2, .max_count = limits::identify_elements, .max_bytes = any_size},
    {.number = 3, .max_count = limits::identify_elements, .max_bytes = any_size},
    {.number = 4, .max_bytes = any_size},
    {.number = 5, .max_bytes = any_size},
    {.number = 6, .max_bytes = any_size},
    {.number = 8, .max_bytes = any_size},
};
constexpr MessageLimits identify_limits{.fields = identify_fields};

// The kinds of own addresses, most useful to a stranger first.
enum class Value { open, near, relayed, local };

Value value_of(const Multiaddr& address) {
  if (address.is_circuit()) return Value::relayed;
  switch (address.scope()) {
    case AddressScope::public_net:
      return Value::open;
    case AddressScope::private_net:
    case AddressScope::link_local:
    case AddressScope::unroutable:
      return Value::near;
    case AddressScope::loopback:
      return Value::local;
  }
  return Value::local;
}

std::size_t most_of(Value value) {
  switch (value) {
    case Value::near:
      return limits::identify_sent_private;
    case Value::relayed:
      return limits::identify_sent_circuits;
    case Value::open:
    case Value::local:
      return limits::identify_sent_addresses;
  }
  return 0;
}

// Whether an address reaches at least as far as the connection over which we heard of it.
bool reaches(AddressScope heard_over, AddressScope address) {
  switch (heard_over) {
    case AddressScope::loopback:
      return true;
    case AddressScope::private_net:
    case AddressScope::link_local:
      return address != AddressScope::loopback && address != AddressScope::unroutable;
    case AddressScope::public_net:
      return address == AddressScope::public_net;
    case AddressScope::unroutable:  // documentation networks, as in simulations
      return address == AddressScope::unroutable || address == AddressScope::public_net;
  }
  return false;
}

// The addresses of `said` worth keeping: reachable from here, of this peer, each once.
std::vector<Multiaddr> keep(std::span<const Multiaddr> said, const PeerId& peer,
                            AddressScope heard_over) {
  std::vector<Multiaddr> kept;
  std::unordered_set<Multiaddr> seen;
  for (const Multiaddr& address : said) {
    if (kept.size() == limits::identify_addresses) break;
    const auto named = address.peer_id();
    if (named && *named != peer) continue;
    Multiaddr plain = address.without_peer();
    if (plain.empty() || !reaches(heard_over, plain.scope())) continue;
    if (seen.insert(plain).second) kept.push_back(std::move(plain));
  }
  return kept;
}

std::string text_of(const std::string& said) {
  return printable(said, limits::identify_text_bytes);
}

}  // namespace

std::vector<Multiaddr> addresses_to_tell(std::span<const Multiaddr> own) {
  std::vector<Multiaddr> told;
  std::size_t bytes = 0;
  for (const Value value : {Value::open, Value::near, Value::relayed, Value::local}) {
    std::size_t of_this_value = 0;
    for (const Multiaddr& address : own) {
      const std::size_t size = address.bytes().size();
      if (value_of(address) != value || of_this_value == most_of(value) ||
          told.size() == limits::identify_sent_addresses ||
          bytes + size > limits::identify_sent_address_bytes) {
        continue;
      }
      ++of_this_value;
      bytes += size;
      told.push_back(address);
    }
  }
  return told;
}

std::vector<Multiaddr> addresses_to_sign(std::span<const Multiaddr> told) {
  std::vector<Multiaddr> signed_ones;
  std::ranges::copy_if(told, std::back_inserter(signed_ones), [](const Multiaddr& address) {
    return address.scope() != AddressScope::loopback;
  });
  if (signed_ones.empty()) signed_ones.assign(told.begin(), told.end());
  return signed_ones;
}

Bytes encode_identify(const Introduction& self, const Multiaddr& remote) {
  pb::Identify message;
  message.set_public_key(to_text(self.key.protobuf()));
  const bool same_machine = remote.scope() == AddressScope::loopback;
  for (const Multiaddr& address : self.addresses) {
    if (same_machine || address.scope() != AddressScope::loopback) {
      message.add_listen_addrs(to_text(address.bytes()));
    }
  }
  std::size_t protocol_bytes = 0;
  for (const ProtocolId& protocol : self.protocols) {
    protocol_bytes += protocol.text().size() + 3;
    if (protocol_bytes > limits::identify_sent_protocol_bytes) break;
    if (message.protocols_size() == limits::identify_protocols) break;
    message.add_protocols(protocol.text());
  }
  message.set_protocol_version(self.protocol_version.substr(0, limits::identify_text_bytes));
  message.set_agent_version(self.agent.substr(0, limits::identify_text_bytes));
  if (!self.signed_record.empty()) message.set_signed_peer_record(to_text(self.signed_record));
  const std::size_t size = message.ByteSizeLong();
  if (!remote.empty() && size + remote.bytes().size() + 3 <= limits::identify_sent_bytes) {
    message.set_observed_addr(to_text(remote.bytes()));
  }
  GOOP_ASSERT(size <= limits::identify_sent_bytes);
  return to_bytes(message.SerializeAsString());
}

Result<void> IdentifyReader::on_message(BytesView bytes) {
  if (++messages_ > limits::identify_messages) {
    return fail(Errc::too_large, "identify: more than {} messages", limits::identify_messages);
  }
  GOOP_CHECK(check_protobuf(bytes, identify_limits, limits::identify_message_bytes));
  pb::Identify message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fail(Errc::invalid, "identify: not a protobuf message");
  }
  if (message.has_public_key() && !equal(as_bytes(message.public_key()), key_.protobuf())) {
    return fail(Errc::unverified, "identify: the key is not that of the connection");
  }
  for (const std::string& said : message.listen_addrs()) {
    if (addresses_.size() == limits::identify_addresses) break;
    if (auto address = Multiaddr::from_bytes(as_bytes(said))) addresses_.push_back(*address);
  }
  for (const std::string& said : message.protocols()) {
    if (protocols_.size() == limits::identify_protocols) break;
    auto protocol = ProtocolId::parse(said);
    if (protocol && std::ranges::find(protocols_, *protocol) == protocols_.end()) {
      protocols_.push_back(std::move(*protocol));
    }
  }
  if (message.has_observed_addr()) {
    auto address = Multiaddr::from_bytes(as_bytes(message.observed_addr()));
    if (address) observed_ = address->without_peer();
  }
  if (message.has_protocol_version()) protocol_version_ = text_of(message.protocol_version());
  if (message.has_agent_version()) agent_ = text_of(message.agent_version());
  if (message.has_signed_peer_record()) {
    signed_record_ = to_bytes(message.signed_peer_record());
  }
  return {};
}

Identified IdentifyReader::finish(const Multiaddr& remote) const {
  const PeerId peer = PeerId::from_key(key_);
  Identified result;
  PeerFacts& facts = result.facts;
  facts.agent = agent_;
  facts.protocol_version = protocol_version_;
  facts.protocols = protocols_;
  facts.observed = observed_;
  std::vector<Multiaddr> said = addresses_;
  if (!signed_record_.empty()) {
    if (auto record = open_peer_record_of(key_, signed_record_)) {
      said = std::move(record->addresses);
      result.record_seq = record->seq;
      facts.signed_record = true;
    }
  }
  facts.addresses = keep(said, peer, remote.scope());
  return result;
}

Task<Identified> read_identify(Duplex& from, PublicKey key, Multiaddr remote, Deadline by) {
  IdentifyReader reader(std::move(key));
  for (;;) {
    const auto message = co_await read_prefixed(from, limits::identify_message_bytes, by);
    if (!message) co_return reader.finish(remote);
    or_raise(reader.on_message(*message));
  }
}

Task<> write_identify(Duplex& to, const Introduction& self, const Multiaddr& remote, Deadline by) {
  const Bytes message = encode_identify(self, remote);
  co_await write_prefixed(to, message, by);
}

}  // namespace goop::p2p
