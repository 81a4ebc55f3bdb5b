#include "p2p/multi/varint.h"

#include <algorithm>

#include "p2p/multi/limits.h"

namespace goop::p2p {

std::size_t uvarint_size(std::uint64_t value) {
  std::size_t size = 1;
  while (value >>= 7) ++size;
  return size;
}

void append_uvarint(Bytes& to, std::uint64_t value) {
  GOOP_ASSERT(value >> 63 == 0);
  while (value >= 0x80) {
    to.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  to.push_back(static_cast<std::uint8_t>(value));
}

Result<std::optional<Uvarint>> peek_uvarint(BytesView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < std::min(bytes.size(), limits::uvarint_bytes); ++i) {
    value |= std::uint64_t{bytes[i] & 0x7fu} << (7 * i);
    if (bytes[i] >= 0x80) continue;
    if (bytes[i] == 0 && i > 0) return fail(Errc::invalid, "varint is not in its shortest form");
    return Uvarint{value, i + 1};
  }
  if (bytes.size() >= limits::uvarint_bytes) {
    return fail(Errc::invalid, "varint is longer than {} bytes", limits::uvarint_bytes);
  }
  return std::nullopt;
}

Result<Uvarint> read_uvarint(BytesView bytes) {
  GOOP_TRY(const auto value, peek_uvarint(bytes));
  if (!value) return fail(Errc::invalid, "varint is cut off");
  return *value;
}

void append_prefixed(Bytes& to, BytesView message) {
  append_uvarint(to, message.size());
  append(to, message);
}

Result<std::size_t> LengthPrefixed::on_bytes(BytesView bytes) {
  std::size_t used = 0;
  while (!size_ && used < bytes.size()) {
    header_[header_size_++] = bytes[used++];
    GOOP_TRY(const auto size, peek_uvarint({header_, header_size_}));
    if (!size) continue;
    if (size->value > max_bytes_) {
      return fail(Errc::too_large, "message of {} bytes, at most {} are allowed", size->value,
                  max_bytes_);
    }
    size_ = static_cast<std::size_t>(size->value);
  }
  if (!size_) return used;
  const BytesView more = bytes.subspan(used, std::min(*size_ - body_.size(), bytes.size() - used));
  append(body_, more);
  return used + more.size();
}

Bytes LengthPrefixed::take() {
  GOOP_ASSERT(complete());
  header_size_ = 0;
  size_.reset();
  return std::exchange(body_, {});
}

}  // namespace goop::p2p
