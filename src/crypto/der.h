// A strict DER walk over what strangers send: short, bounded, without recursion.
//
// Only what a public key needs: an element of an expected tag, with a definite length in its
// shortest form, and the promise that nothing is left over.
#pragma once

#include "base/bytes.h"

namespace goop::crypto {

class DerReader {
 public:
  explicit DerReader(BytesView bytes) : rest_(bytes) {}

  enum Tag : std::uint8_t {
    integer = 0x02,
    bit_string = 0x03,
    null = 0x05,
    object_id = 0x06,
    sequence = 0x30,
  };

  // The content of the next element, which must be of `tag`.
  Result<BytesView> element(Tag tag);
  // A positive INTEGER in its shortest form, without the sign byte.
  Result<BytesView> positive_integer();
  // A BIT STRING of whole bytes.
  Result<BytesView> bit_string_bytes();
  Result<void> end() const;  // invalid when something is left

 private:
  BytesView rest_;
};

}  // namespace goop::crypto
