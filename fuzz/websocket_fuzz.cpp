// deps: net_http
// Frames, whole and in pieces: the same messages, and the same end, in both ways. What was decoded
// and encoded again is decoded to the same.
#include <algorithm>

#include "net/http/websocket_frames.h"

namespace {

using namespace goop;
using namespace goop::net::http::ws;

constexpr std::size_t max_message = 1000;

struct Outcome {
  std::vector<std::pair<Kind, Bytes>> messages;
  std::optional<Error> error;
  bool at_rest = false;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(Role role, BytesView bytes, std::size_t step) {
  Decoder decoder(role, max_message);
  Outcome out;
  while (!bytes.empty()) {
    auto piece = bytes.first(std::min(step, bytes.size()));
    bytes = bytes.subspan(piece.size());
    while (!piece.empty()) {
      auto fed = decoder.feed(piece);
      if (!fed) {
        out.error = fed.error();
        return out;
      }
      GOOP_ASSERT(fed->taken > 0);
      piece = piece.subspan(fed->taken);
      if (fed->message) {
        GOOP_ASSERT(fed->message->payload.size() <= max_message);
        if (fed->message->kind == Kind::close) (void)parse_close(fed->message->payload);
        out.messages.emplace_back(fed->message->kind, std::move(fed->message->payload));
      } else {
        GOOP_ASSERT(piece.empty());
      }
    }
  }
  out.at_rest = decoder.at_rest();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto role = data[0] % 2 == 0 ? Role::server : Role::client;
  const std::size_t step = data[0] / 2 % 16 + 1;
  const BytesView bytes(data + 1, size - 1);
  const auto whole = decode(role, bytes, bytes.size() + 1);
  GOOP_ASSERT(whole == decode(role, bytes, step));

  Bytes again;
  const Mask mask{data[0], 2, 3, 4};
  for (const auto& [kind, payload] : whole.messages) {
    append(again,
           role == Role::server ? encode_masked(kind, payload, mask) : encode(kind, payload));
  }
  const auto twice = decode(role, again, step);
  GOOP_ASSERT(twice.messages == whole.messages && twice.at_rest && !twice.error);
  return 0;
}
