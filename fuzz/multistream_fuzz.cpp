// deps: p2p_select
//
// Both sides of multistream-select: whole and in every piece size the same is taken, answered and
// agreed; answers stay small; nothing behind the agreement is touched.
#include "p2p/select/multistream.h"

namespace goop::p2p {
namespace {

struct Outcome {
  std::size_t taken = 0;
  Bytes output;
  std::string end;  // what was agreed, or the error

  bool operator==(const Outcome&) const = default;
};

std::string agreed_of(const Initiator& machine) {
  return machine.done() ? machine.proposed().text() : "";
}
std::string agreed_of(const Responder& machine) {
  return machine.agreed() ? machine.agreed()->text() : "";
}

template <class Machine>
Outcome run(Machine machine, BytesView input, std::size_t piece) {
  Outcome outcome;
  append(outcome.output, machine.take_output());
  while (outcome.taken < input.size()) {
    const BytesView rest = input.subspan(outcome.taken);
    const BytesView shown = rest.first(std::min(piece, rest.size()));
    const auto taken = machine.on_bytes(shown);
    append(outcome.output, machine.take_output());
    if (!taken) {
      outcome.taken = 0;  // how far it came depends on the pieces
      outcome.end = to_string(taken.error());
      return outcome;
    }
    GOOP_ASSERT(*taken <= shown.size());
    GOOP_ASSERT(*taken == shown.size() || !agreed_of(machine).empty());
    outcome.taken += *taken;
    if (*taken < shown.size()) break;
  }
  outcome.end = agreed_of(machine);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<ProtocolId> proposals{protocol::noise, protocol::yamux, protocol::ping};
  static const auto supported = [](const ProtocolId& asked) { return asked == protocol::ping; };
  const BytesView input(data, std::min<std::size_t>(size, 8192));

  const Outcome initiated = run(Initiator(proposals), input, input.size() + 1);
  const Outcome answered = run(Responder(supported), input, input.size() + 1);
  GOOP_ASSERT(initiated.output.size() <= 64);
  GOOP_ASSERT(answered.output.size() <= 20 + 4 * limits::select_proposals + 19);
  for (const std::size_t piece : {1, 2, 3, 7, 20, 100}) {
    GOOP_ASSERT(run(Initiator(proposals), input, piece) == initiated);
    GOOP_ASSERT(run(Responder(supported), input, piece) == answered);
  }
  return 0;
}

}  // namespace goop::p2p
