#include "p2p/pubsub/message.h"

#include <bit>
#include <cstring>
#include <optional>

#include "p2p/multi/protobuf_guard.h"
#include "p2p/multi/varint.h"

namespace goop::p2p::pubsub {
namespace {

constexpr std::uint32_t from_field = 1, data_field = 2, seqno_field = 3, topic_field = 4,
                        signature_field = 5, key_field = 6;
constexpr std::string_view signing_prefix = "libp2p-pubsub:";

std::array<std::uint8_t, 8> big_endian(std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes;
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return bytes;
}

void append_field(Bytes& to, std::uint32_t number, BytesView value) {
  append_uvarint(to, number << 3 | 2);
  append_prefixed(to, value);
}

// A field and the bytes it stands in.
struct Piece {
  std::uint32_t number;
  BytesView value;
  BytesView raw;
};

// The message's fields; invalid: a field of ours is a number.
Result<std::vector<Piece>> pieces_of(BytesView wire) {
  std::vector<Piece> pieces;
  ProtobufReader reader(wire);
  for (;;) {
    const BytesView before = reader.rest();
    GOOP_TRY(const auto field, reader.next());
    if (!field) return pieces;
    if (field->number <= key_field && field->kind != ProtobufField::Kind::bytes) {
      return fail(Errc::invalid, "field {} of a message is not bytes", field->number);
    }
    pieces.push_back(
        {field->number, field->bytes, before.first(before.size() - reader.rest().size())});
  }
}

bool in_order(const std::vector<Piece>& pieces) {
  return std::ranges::adjacent_find(pieces, [](const Piece& a, const Piece& b) {
           return a.number > b.number || (a.number == b.number && a.number <= key_field);
         }) == pieces.end();
}

// The last of each field of ours, ascending; behind them what we do not know, as it came.
Bytes put_in_order(const std::vector<Piece>& pieces) {
  Bytes ordered;
  for (std::uint32_t number = from_field; number <= key_field; ++number) {
    const auto last = std::ranges::find(pieces.rbegin(), pieces.rend(), number, &Piece::number);
    if (last != pieces.rend()) append(ordered, last->raw);
  }
  for (const Piece& piece : pieces) {
    if (piece.number > key_field) append(ordered, piece.raw);
  }
  return ordered;
}

std::optional<BytesView> value_of(const std::vector<Piece>& pieces, std::uint32_t number) {
  const auto found = std::ranges::find(pieces, number, &Piece::number);
  if (found == pieces.end()) return std::nullopt;
  return found->value;
}

__extension__ typedef unsigned __int128 Wide;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

MessageId::MessageId(const PeerId& from, std::uint64_t seqno) {
  const BytesView author = from.bytes();
  const auto number = big_endian(seqno);
  std::ranges::copy(number, std::ranges::copy(author, bytes_.begin()).out);
  size_ = static_cast<std::uint8_t>(author.size() + number.size());
}

Result<MessageId> MessageId::from_bytes(BytesView bytes) {
  if (bytes.size() > max_bytes)
    return fail(Errc::too_large, "message id of {} bytes", bytes.size());
  MessageId id;
  std::ranges::copy(bytes, id.bytes_.begin());
  id.size_ = static_cast<std::uint8_t>(bytes.size());
  return id;
}

std::size_t MessageIdHash::operator()(const MessageId& id) const noexcept {
  const BytesView bytes = id.bytes();
  std::uint64_t state = key_ ^ 0x9e3779b97f4a7c15u ^ bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
    state = mix(state ^ word, 0xd6e8feb86659fd93u ^ std::rotl(key_, 32));
  }
  return mix(state, 0xa0761d6478bd642fu ^ key_);
}

Result<MessagePtr> read_message(BytesView wire) {
  GOOP_TRY(std::vector<Piece> pieces, pieces_of(wire));
  Bytes own = in_order(pieces) ? to_bytes(wire) : put_in_order(pieces);
  GOOP_TRY(pieces, pieces_of(own));

  const auto author = value_of(pieces, from_field), number = value_of(pieces, seqno_field);
  const auto topic_name = value_of(pieces, topic_field);
  if (!author || !number || !topic_name || !value_of(pieces, signature_field)) {
    return fail(Errc::invalid, "a message lacks its author, number, topic or signature");
  }
  if (number->size() != 8) return fail(Errc::invalid, "number of {} bytes", number->size());
  GOOP_TRY(const PeerId from, PeerId::from_bytes(*author));
  GOOP_TRY(Topic topic, Topic::parse(as_text(*topic_name)));
  std::uint64_t seqno = 0;
  for (const auto byte : *number) seqno = seqno << 8 | byte;
  const BytesView data = value_of(pieces, data_field).value_or(BytesView());
  // `data` stays valid: a moved vector keeps its memory.
  return std::make_shared<const SignedMessage>(
      SignedMessage{MessageId(from, seqno), from, std::move(topic), std::move(own), data});
}

Result<void> check_signature(const SignedMessage& message) {
  GOOP_TRY(const std::vector<Piece> pieces, pieces_of(message.wire));
  Bytes covered = to_bytes(signing_prefix);
  for (const Piece& piece : pieces) {
    if (piece.number != signature_field && piece.number != key_field) append(covered, piece.raw);
  }
  const auto signature = value_of(pieces, signature_field);
  const auto sent_key = value_of(pieces, key_field);
  auto key = sent_key && !sent_key->empty() ? PublicKey::from_protobuf(*sent_key)
                                            : message.from.public_key();
  if (!key) return fail(Errc::unverified, "no key for {}: {}", message.from, key.error());
  if (!message.from.matches(*key)) return fail(Errc::unverified, "not the key of the author");
  if (!signature || !key->verify(covered, *signature)) {
    return fail(Errc::unverified, "the signature of a message does not hold");
  }
  return {};
}

MessagePtr sign_message(const KeyPair& key, std::uint64_t seqno, const Topic& topic,
                        BytesView data) {
  const PeerId from = PeerId::from_key(key.public_key());
  Bytes covered = to_bytes(signing_prefix);
  append_field(covered, from_field, from.bytes());
  append_field(covered, data_field, data);
  append_field(covered, seqno_field, big_endian(seqno));
  append_field(covered, topic_field, as_bytes(topic.text()));
  const auto signature = key.sign(covered);
  Bytes wire(covered.begin() + signing_prefix.size(), covered.end());
  append_field(wire, signature_field, signature);  // our ids contain the key: no field 6
  auto message = read_message(wire);
  GOOP_ASSERT(message.has_value());
  return *message;
}

}  // namespace goop::p2p::pubsub
