#include "crypto/der.h"

namespace goop::crypto {

// X.690, sections 8.1.3 and 10.1. Two length bytes reach 65535, more than any key has.
Result<BytesView> DerReader::element(Tag tag) {
  if (rest_.size() < 2) return fail(Errc::invalid, "DER ends where an element should start");
  if (rest_[0] != tag) {
    return fail(Errc::invalid, "DER has tag {:#04x} where {:#04x} belongs", rest_[0],
                static_cast<unsigned>(tag));
  }
  std::size_t length = rest_[1], header = 2;
  if (length >= 0x80) {
    const std::size_t length_bytes = length & 0x7f;
    if (length_bytes == 0 || length_bytes > 2) {
      return fail(Errc::invalid, "DER length is indefinite or too long");
    }
    header += length_bytes;
    if (rest_.size() < header) return fail(Errc::invalid, "DER ends inside a length");
    length = rest_[2];
    if (length_bytes == 2) length = length << 8 | rest_[3];
    if (length < (length_bytes == 1 ? 0x80u : 0x100u)) {
      return fail(Errc::invalid, "DER length is not in its shortest form");
    }
  }
  if (rest_.size() - header < length) return fail(Errc::invalid, "DER ends inside an element");
  const BytesView content = rest_.subspan(header, length);
  rest_ = rest_.subspan(header + length);
  return content;
}

Result<BytesView> DerReader::positive_integer() {
  GOOP_TRY(BytesView content, element(integer));
  if (content.empty() || content[0] >= 0x80) return fail(Errc::invalid, "DER integer is negative");
  if (content[0] != 0) return content;
  if (content.size() == 1) return fail(Errc::invalid, "DER integer is zero");
  if (content[1] < 0x80) return fail(Errc::invalid, "DER integer is not in its shortest form");
  return content.subspan(1);
}

Result<BytesView> DerReader::bit_string_bytes() {
  GOOP_TRY(BytesView content, element(bit_string));
  if (content.empty() || content[0] != 0) {
    return fail(Errc::invalid, "DER bit string is not made of whole bytes");
  }
  return content.subspan(1);
}

Result<void> DerReader::end() const {
  if (!rest_.empty()) return fail(Errc::invalid, "{} bytes follow the DER element", rest_.size());
  return {};
}

}  // namespace goop::crypto
