// websocket_echo: an HTTP server on a free loopback port that sends each message back. It prints
// its port and ends with its standard input. "close CODE REASON" makes it close.

#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <charconv>
#include <cstdio>

#include "base/os_runtime.h"
#include "net/http/server.h"
#include "net/http/websocket.h"
#include "net/http/websocket_handshake.h"
#include "net/os_network.h"

namespace goop::net::http {
namespace {

constexpr auto patience = 5s;

class Echo {
 public:
  explicit Echo(Runtime& runtime)
      : runtime_(runtime),
        scope_(runtime, "echo"),
        server_(runtime, {}, [this](Request& request) { return answer(request); }) {}

  Task<> run(Network& network) {
    auto listener = or_raise(network.listen({asio::ip::address_v4::loopback(), 0}, {}));
    fmt::print("{}\n", listener->local().port);
    std::fflush(stdout);
    server_.serve(std::move(listener));
    co_await input_end();
    co_await server_.stop(Deadline::after(runtime_.now(), patience));
    co_await scope_.close();
  }

 private:
  Task<Response> answer(Request& request) {
    constexpr std::string_view ours[] = {"goop.test"};
    const auto chosen = choose_subprotocol(request, ours);
    co_return accept_websocket(request, chosen, [this](Handover handover) {
      auto socket = std::make_shared<WebSocket>(runtime_, std::move(handover), ws::Role::server);
      scope_.spawn(serve(runtime_, socket), [](const std::optional<Error>&) {});
      scope_.spawn(keep(socket));
    });
  }

  static Task<> keep(std::shared_ptr<WebSocket> socket) { co_await socket->keep_alive(); }

  static Task<> serve(Runtime& runtime, std::shared_ptr<WebSocket> socket) {
    constexpr std::string_view order = "close ";
    for (;;) {
      const auto message = co_await socket->read(Deadline::never());
      if (!message) co_return;
      auto text = message->text();
      if (!text.starts_with(order)) {
        co_await socket->send(message->kind, message->payload);
        continue;
      }
      text.remove_prefix(order.size());
      ws::Close why;
      std::from_chars(text.data(), text.data() + 4, why.code);
      why.reason = text.substr(5);
      co_await socket->close(std::move(why), Deadline::after(runtime.now(), patience));
      co_return;
    }
  }

  Task<> input_end() {
    asio::posix::stream_descriptor input(runtime_.loop(), ::dup(STDIN_FILENO));
    std::array<std::uint8_t, 64> ignored;
    try {
      for (;;) co_await input.async_read_some(asio::buffer(ignored), asio::use_awaitable);
    } catch (const boost::system::system_error&) {  // the end
    }
  }

  Runtime& runtime_;
  TaskScope scope_;
  Server server_;
};

}  // namespace
}  // namespace goop::net::http

int main() {
  goop::OsRuntime runtime;
  goop::net::OsNetwork network(runtime);
  goop::net::http::Echo echo(runtime);
  goop::TaskScope scope(runtime, "main");
  scope.spawn(echo.run(network));
  runtime.run();
  return 0;
}
