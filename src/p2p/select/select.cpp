#include "p2p/select/select.h"

namespace goop::p2p {
namespace {

Task<BytesView> fill_more(Duplex& over, Deadline by) {
  const BytesView view = co_await over.fill(by);
  if (view.empty()) raise(Errc::closed, "the stream ended during negotiation");
  co_return view;
}

// Writes an answer. Somebody who asked lazily may be gone already, having said all there is to
// say (an identify push): then what it sent still counts, so a lost answer is no failure.
Task<> write_answer(Duplex& over, Bytes output, Deadline by) {
  try {
    co_await over.write(output, by);
  } catch (const Failure& failure) {
    if (failure.code() != Errc::closed) throw;
  }
}

}  // namespace

Task<ProtocolId> select(Duplex& over, std::span<const ProtocolId> proposals, Deadline by) {
  Initiator machine(std::vector<ProtocolId>(proposals.begin(), proposals.end()));
  for (;;) {
    const Bytes output = machine.take_output();
    if (!output.empty()) co_await over.write(output, by);
    if (machine.done()) co_return machine.proposed();
    const BytesView view = co_await fill_more(over, by);
    over.consume(or_raise(machine.on_bytes(view)));
  }
}

Task<ProtocolId> answer(Duplex& over, Responder::Supported supported, Deadline by) {
  Responder machine(std::move(supported));
  for (;;) {
    Bytes output = machine.take_output();
    if (!output.empty()) co_await write_answer(over, std::move(output), by);
    if (machine.agreed()) co_return *machine.agreed();
    const BytesView view = co_await over.fill(by);
    if (view.empty() && machine.refused() > 0) {
      raise(Errc::unsupported, "none of {} proposals is supported here", machine.refused());
    }
    if (view.empty()) raise(Errc::closed, "the stream ended during negotiation");
    over.consume(or_raise(machine.on_bytes(view)));
  }
}

Task<> check_lazy(Duplex& over, ProtocolId protocol, Deadline by) {
  LazyAnswer machine(protocol);
  while (!machine.done()) {
    const BytesView view = co_await fill_more(over, by);
    over.consume(or_raise(machine.on_bytes(view)));
  }
}

}  // namespace goop::p2p
