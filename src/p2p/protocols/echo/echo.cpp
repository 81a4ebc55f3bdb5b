#include "p2p/protocols/echo/echo.h"

namespace goop::p2p {

Task<> serve_echo(Stream stream, Runtime& runtime) {
  for (;;) {
    const Deadline idle = Deadline::after(runtime.now(), limits::echo_idle);
    const BytesView view = co_await stream.fill(idle);
    if (view.empty()) break;
    co_await stream.write(view, Deadline::after(runtime.now(), limits::echo_idle));
    stream.consume(view.size());
  }
  stream.close();
}

Task<Bytes> echo_once(Stream& stream, BytesView bytes, Deadline by) {
  co_await stream.write(bytes, by);
  stream.close_write();
  co_return co_await read_to_end(stream, bytes.size(), by);
}

}  // namespace goop::p2p
