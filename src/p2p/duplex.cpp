#include "p2p/duplex.h"

#include "p2p/multi/limits.h"
#include "p2p/multi/varint.h"

namespace goop::p2p {
namespace {

[[noreturn]] void cut_off() { raise(Errc::closed, "the stream ended in the middle of a message"); }

}  // namespace

Task<> charge_and_wait(Duplex& from, Runtime& runtime, WorkUnits units) {
  const Duration pause = from.charge(units);
  if (pause > Duration::zero()) co_await runtime.sleep_for(pause);
}

Task<> read_exactly(Duplex& from, MutBytes into, Deadline by) {
  while (!into.empty()) {
    const BytesView view = co_await from.fill(by);
    if (view.empty()) cut_off();
    const std::size_t count = std::min(view.size(), into.size());
    std::copy_n(view.begin(), count, into.begin());
    from.consume(count);
    into = into.subspan(count);
  }
}

Task<std::optional<std::string>> read_line(Duplex& from, std::size_t max_bytes, Deadline by) {
  std::string line;
  for (;;) {
    const BytesView view = co_await from.fill(by);
    if (view.empty() && line.empty()) co_return std::nullopt;
    if (view.empty()) cut_off();
    const auto newline = std::find(view.begin(), view.end(), '\n');
    const auto count = static_cast<std::size_t>(newline - view.begin());
    if (count > max_bytes - line.size()) {
      raise(Errc::too_large, "a line of more than {} bytes", max_bytes);
    }
    line += as_text(view.first(count));
    const bool complete = newline != view.end();
    from.consume(complete ? count + 1 : count);
    if (complete) co_return line;
  }
}

Task<std::optional<Bytes>> read_prefixed(Duplex& from, std::size_t max_bytes, Deadline by) {
  LengthPrefixed message(max_bytes);
  while (!message.complete()) {
    const BytesView view = co_await from.fill(by);
    if (view.empty() && !message.started()) co_return std::nullopt;
    if (view.empty()) cut_off();
    from.consume(or_raise(message.on_bytes(view)));
  }
  co_return message.take();
}

Task<> write_prefixed(Duplex& to, BytesView message, Deadline by) {
  Bytes framed;
  framed.reserve(limits::uvarint_bytes + message.size());
  append_prefixed(framed, message);
  co_await to.write(framed, by);
}

Task<Bytes> read_to_end(Duplex& from, std::size_t max_bytes, Deadline by) {
  Bytes all;
  for (;;) {
    const BytesView view = co_await from.fill(by);
    if (view.empty()) co_return all;
    if (view.size() > max_bytes - all.size()) {
      raise(Errc::too_large, "more than {} bytes", max_bytes);
    }
    append(all, view);
    from.consume(view.size());
  }
}

}  // namespace goop::p2p
