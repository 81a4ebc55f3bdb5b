#include "p2p/multi/protocol_id.h"

namespace goop::p2p {

Result<ProtocolId> ProtocolId::parse(std::string_view text) {
  if (text.size() > limits::protocol_id_bytes) {
    return fail(Errc::too_large, "protocol id of {} bytes, at most {} are allowed", text.size(),
                limits::protocol_id_bytes);
  }
  if (!valid(text)) return fail(Errc::invalid, "'{}' is not a protocol id", printable(text));
  return ProtocolId(Checked{}, text);
}

}  // namespace goop::p2p
