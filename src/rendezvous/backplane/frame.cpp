#include "rendezvous/backplane/frame.h"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

#include "p2p/multi/varint.h"
#include "rendezvous/backplane/limits.h"
#include "wire/presence_limits.h"

namespace goop::rendezvous::backplane {
namespace {

namespace asio = boost::asio;

constexpr std::uint8_t version = 1;
enum Kind : std::uint8_t { pulse = 1, news = 2, ask = 3, bye = 4, meet = 5 };
enum Mark : std::uint8_t { begin_mark = 1, end_mark = 2 };

void append_u64(Bytes& to, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    to.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void append_address(Bytes& to, const net::IpAddress& address) {
  if (address.is_v4()) {
    p2p::append_prefixed(to, address.to_v4().to_bytes());
  } else {
    p2p::append_prefixed(to, address.to_v6().to_bytes());
  }
}

void append_entry(Bytes& to, const Entry& entry) {
  to.push_back(static_cast<std::uint8_t>(entry.kind));
  p2p::append_prefixed(to, entry.peer.bytes());
  p2p::append_uvarint(to, static_cast<std::uint64_t>(entry.ts));
  append_address(to, entry.address);
  p2p::append_prefixed(to, as_bytes(entry.text));
}

// Takes from the front of what is left.
class Reader {
 public:
  explicit Reader(BytesView bytes) : rest_(bytes) {}

  Result<std::uint8_t> u8() {
    GOOP_TRY(const auto bytes, take(1));
    return bytes[0];
  }
  Result<std::uint64_t> u64() {
    GOOP_TRY(const auto bytes, take(8));
    std::uint64_t value = 0;
    for (const auto byte : bytes) value = value << 8 | byte;
    return value;
  }
  Result<std::uint64_t> uvarint() {
    GOOP_TRY(const auto read, p2p::read_uvarint(rest_));
    rest_ = rest_.subspan(read.size);
    return read.value;
  }
  Result<BytesView> prefixed(std::size_t most) {
    GOOP_TRY(const auto size, uvarint());
    if (size > most) return fail(Errc::too_large, "{} bytes where {} are the most", size, most);
    return take(static_cast<std::size_t>(size));
  }
  Result<void> end() const {
    if (!rest_.empty()) return fail(Errc::invalid, "{} bytes too many", rest_.size());
    return {};
  }

 private:
  Result<BytesView> take(std::size_t size) {
    if (rest_.size() < size) return fail(Errc::invalid, "it ends too early");
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  BytesView rest_;
};

Result<net::IpAddress> read_address(Reader& in) {
  GOOP_TRY(const auto bytes, in.prefixed(16));
  if (bytes.size() == 4) {
    asio::ip::address_v4::bytes_type v4;
    std::ranges::copy(bytes, v4.begin());
    return net::IpAddress(asio::ip::address_v4(v4));
  }
  if (bytes.size() != 16) return fail(Errc::invalid, "an address of {} bytes", bytes.size());
  asio::ip::address_v6::bytes_type v6;
  std::ranges::copy(bytes, v6.begin());
  return net::IpAddress(asio::ip::address_v6(v6));
}

Result<p2p::PeerId> read_peer(Reader& in) {
  GOOP_TRY(const auto id, in.prefixed(p2p::limits::peer_id_bytes));
  return p2p::PeerId::from_bytes(id);
}

Result<Entry> read_entry(Reader& in) {
  Entry entry;
  GOOP_TRY(const auto kind, in.u8());
  if (kind != 1 && kind != 2) return fail(Errc::invalid, "an entry of kind {}", kind);
  entry.kind = static_cast<Entry::Kind>(kind);
  GOOP_TRY(entry.peer, read_peer(in));
  GOOP_TRY(const auto ts, in.uvarint());
  entry.ts = static_cast<std::int64_t>(ts);
  GOOP_TRY(entry.address, read_address(in));
  GOOP_TRY(const auto text, in.prefixed(wire::limits::presence_bytes));
  entry.text = to_text(text);
  if (entry.kind == Entry::Kind::here && entry.text.empty()) {
    return fail(Errc::invalid, "an entry without a message");
  }
  return entry;
}

Result<News> read_news(Reader& in) {
  News read;
  GOOP_TRY(read.number, in.uvarint());
  GOOP_TRY(const auto marks, in.u8());
  if (marks > (begin_mark | end_mark)) return fail(Errc::invalid, "marks {}", marks);
  read.begin = marks & begin_mark;
  read.end = marks & end_mark;
  GOOP_TRY(const auto count, in.uvarint());
  if (count > limits::entries_most) return fail(Errc::too_large, "{} entries", count);
  for (std::uint64_t i = 0; i < count; ++i) {
    GOOP_TRY(auto entry, read_entry(in));
    read.entries.push_back(std::move(entry));
  }
  return read;
}

Result<Pulse> read_pulse(Reader& in) {
  Pulse read;
  GOOP_TRY(read.number, in.uvarint());
  GOOP_TRY(read.peers, in.uvarint());
  GOOP_TRY(read.sum, in.u64());
  GOOP_TRY(const auto hail, in.u8());
  if (hail > 1) return fail(Errc::invalid, "a hail of {}", hail);
  read.hail = hail == 1;
  return read;
}

Result<Meet> read_meet(Reader& in) {
  Meet read;
  GOOP_TRY(read.peer, read_peer(in));
  GOOP_TRY(const auto count, in.uvarint());
  if (count > limits::introductions) return fail(Errc::too_large, "{} peers to meet", count);
  for (std::uint64_t i = 0; i < count; ++i) {
    GOOP_TRY(auto other, read_peer(in));
    read.others.push_back(std::move(other));
  }
  return read;
}

struct Writer {
  Bytes& out;

  void operator()(const Pulse& said) const {
    out.push_back(pulse);
    p2p::append_uvarint(out, said.number);
    p2p::append_uvarint(out, said.peers);
    append_u64(out, said.sum);
    out.push_back(said.hail ? 1 : 0);
  }
  void operator()(const News& said) const {
    out.push_back(news);
    p2p::append_uvarint(out, said.number);
    out.push_back(
        static_cast<std::uint8_t>((said.begin ? begin_mark : 0) | (said.end ? end_mark : 0)));
    p2p::append_uvarint(out, said.entries.size());
    for (const auto& entry : said.entries) append_entry(out, entry);
  }
  void operator()(const Ask& said) const {
    out.push_back(ask);
    append_u64(out, said.to);
  }
  void operator()(const Meet& said) const {
    out.push_back(meet);
    p2p::append_prefixed(out, said.peer.bytes());
    p2p::append_uvarint(out, said.others.size());
    for (const auto& other : said.others) p2p::append_prefixed(out, other.bytes());
  }
  void operator()(const Bye&) const { out.push_back(bye); }
};

}  // namespace

std::size_t encoded_size(const Entry& entry) { return entry.text.size() + 128; }

std::uint64_t share_sum(const p2p::PeerId& peer) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, then mixed, since sums are added up
  for (const auto byte : peer.bytes()) hash = (hash ^ byte) * 0x100000001b3;
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  return hash ^ (hash >> 33);
}

Bytes encode(const Frame& frame) {
  Bytes body;
  std::visit(Writer{body}, frame.what);
  Bytes out;
  out.reserve(body.size() + 9);
  out.push_back(version);
  append_u64(out, frame.from);
  append(out, body);
  return out;
}

Result<Frame> decode(BytesView bytes) {
  if (bytes.size() > limits::frame_most) return fail(Errc::too_large, "{} bytes", bytes.size());
  Reader in(bytes);
  GOOP_TRY(const auto theirs, in.u8());
  if (theirs != version) return fail(Errc::unsupported, "version {}", theirs);
  Frame frame;
  GOOP_TRY(frame.from, in.u64());
  GOOP_TRY(const auto kind, in.u8());
  switch (kind) {
    case pulse: {
      GOOP_TRY(frame.what, read_pulse(in));
      break;
    }
    case news: {
      GOOP_TRY(frame.what, read_news(in));
      break;
    }
    case ask: {
      GOOP_TRY(const auto to, in.u64());
      frame.what = Ask{to};
      break;
    }
    case meet: {
      GOOP_TRY(frame.what, read_meet(in));
      break;
    }
    case bye:
      frame.what = Bye{};
      break;
    default:
      return fail(Errc::invalid, "a frame of kind {}", kind);
  }
  GOOP_CHECK(in.end());
  return frame;
}

}  // namespace goop::rendezvous::backplane
