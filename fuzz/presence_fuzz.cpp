// deps: wire
//
// Presence messages: what is accepted is written to a text that reads back to the same. One byte
// in front decides whether the text is a message or the payload of a signed one, so that the
// parser behind the envelope is reached, too.
#include "base/base64.h"
#include "crypto/secret.h"
#include "wire/presence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace goop;
  static const auto key = p2p::KeyPair::from_seed(crypto::Secret<32>());
  if (size == 0) return 0;
  std::string text(as_text({data + 1, size - 1}));
  if (data[0] == 's') {
    const p2p::EnvelopePurpose purpose{wire::presence_domain,
                                       as_bytes(wire::presence_payload_type)};
    text = "{\"sig\":\"" + to_base64(p2p::seal_envelope(key, purpose, as_bytes(text))) + "\"}";
  }
  const auto message = wire::parse_presence(text);
  if (!message) return 0;
  const auto again = wire::parse_presence(wire::write_presence(*message));
  // Control characters take six bytes when they are escaped: the text may outgrow the cap.
  GOOP_ASSERT(again ? *again == *message : again.error().code == Errc::too_large);
  if (message->is_signed()) static_cast<void>(wire::check_signature(*message));
  return 0;
}
