// Both sides over a simulated network, and a rude client with frames of its own, in virtual time.
#include "net/http/websocket.h"

#include <gtest/gtest.h>

#include "net/http/client.h"
#include "net/http/server.h"
#include "net/http/websocket_handshake.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::net::http {
namespace {

using ws::Kind;
using ws::Role;

Task<> echo(std::shared_ptr<WebSocket> socket) {
  for (;;) {
    const auto message = co_await socket->read(Deadline::never());
    if (!message) co_return;
    co_await socket->send(message->kind, message->payload);
  }
}
Task<> alive(std::shared_ptr<WebSocket> socket) { co_await socket->keep_alive(); }

struct WebSockets : testing::Test {
  WebSockets() {
    auto listener = here.listen({here.address(), 80}, {});
    server.serve(std::move(*listener));
  }
  ~WebSockets() override {
    rt.wait(server.stop(Deadline::after(rt.now(), 1s)));
    rt.wait(scope.close());
  }

  Task<Response> handle(Request& request) {
    co_return accept_websocket(request, "", [this](Handover handover) {
      taken = std::make_shared<WebSocket>(rt, std::move(handover), Role::server);
      scope.spawn(echo(taken), [this](const std::optional<Error>& error) {
        ended = true;
        end = error;
      });
      scope.spawn(alive(taken));
    });
  }

  // A connection that has been upgraded.
  Handover dial() {
    auto client = rt.wait(Client::connect(rt, there, {here.address(), 80}, Deadline::never()));
    const auto key = to_bytes("0123456789abcdef");
    ClientRequest request;
    request.fields = upgrade_fields(key, {});
    const auto* head = rt.wait(client->send(request, Deadline::never()));
    EXPECT_TRUE(check_upgrade(*head, key, {}));
    return client->release();
  }
  std::shared_ptr<WebSocket> connect() {
    return std::make_shared<WebSocket>(rt, dial(), Role::client);
  }
  Task<> say(ByteStream& stream, Bytes bytes) {
    const BytesView part(bytes);
    co_await stream.write(std::span(&part, 1));
  }
  Task<Bytes> hear(ByteStream& stream) {
    Bytes all, buffer(4096);
    for (;;) {
      auto reading = stream.read_some(buffer);
      const auto got = co_await attempt(std::move(reading));
      if (!got || *got == 0) co_return all;
      append(all, BytesView(buffer).first(*got));
    }
  }
  // The code of the close frame with which the server ends on `bytes`.
  int refusal(Bytes bytes) {
    auto raw = dial();
    rt.wait(say(*raw.stream, std::move(bytes)));
    raw.stream->shutdown_write();
    const auto heard = rt.wait(hear(*raw.stream));
    if (heard.size() < 4 || heard[0] != 0x88) return 0;
    return heard[2] << 8 | heard[3];
  }
  std::optional<ws::Message> ask(WebSocket& socket, std::string text) {
    rt.wait(socket.send(Kind::text, as_bytes(text)));
    return rt.wait(socket.read(Deadline::never()));
  }

  sim::SimRuntime rt{7};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& there = internet.add_host("192.0.2.2");
  std::shared_ptr<WebSocket> taken;
  bool ended = false;
  std::optional<Error> end;
  TaskScope scope{rt, "sockets"};
  Server server{rt, {}, [this](Request& request) { return handle(request); }};
};

TEST_F(WebSockets, carry_messages_of_every_size_up_to_the_cap) {
  auto socket = connect();
  for (const std::size_t size : {0u, 1u, 125u, 126u, 1024u, 5000u, 65535u, 65536u}) {
    const auto message = ask(*socket, std::string(size, 'x'));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->payload.size(), size);
  }
  rt.wait(socket->close({1000, "done"}, Deadline::after(rt.now(), 5s)));
  rt.run_for(1s);
  EXPECT_TRUE(ended && !end);
  EXPECT_EQ(taken->their_close(), (ws::Close{1000, "done"}));
  EXPECT_EQ(socket->their_close()->code, 1000);
  EXPECT_THROW(rt.wait(socket->send(Kind::text, {})), Failure);
  EXPECT_THROW(rt.wait(socket->read(Deadline::never())), Failure);
}

TEST_F(WebSockets, live_through_silence_by_pings_and_end_without_them) {
  auto socket = connect();
  scope.spawn(echo(socket), [](const std::optional<Error>&) {});
  rt.run_for(5min);
  EXPECT_FALSE(ended);
  internet.partition(here, there);
  const auto since = rt.now();
  while (!ended) rt.run_for(1s);
  EXPECT_LE(rt.now() - since, limits::ws_silence + 2s);
  EXPECT_EQ(end->code, Errc::timeout);
}

TEST_F(WebSockets, end_when_the_reader_has_waited_long_enough) {
  auto socket = connect();
  try {
    rt.wait(socket->read(Deadline::after(rt.now(), 3s)));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::timeout);
  }
  EXPECT_TRUE(socket->over());
}

TEST_F(WebSockets, are_ended_by_the_server_too_with_code_and_reason) {
  auto socket = connect();
  ask(*socket, "hello");
  TaskScope closing(rt, "closing");
  closing.spawn(taken->close({1001, "the server stops"}, Deadline::after(rt.now(), 5s)));
  EXPECT_FALSE(rt.wait(socket->read(Deadline::never())));
  const auto since = rt.now();
  rt.wait(closing.join());
  EXPECT_LT(rt.now() - since, 1s);
  EXPECT_EQ(socket->their_close(), (ws::Close{1001, "the server stops"}));
  EXPECT_TRUE(ended && !end);
}

TEST_F(WebSockets, are_not_kept_by_a_client_that_ignores_the_close) {
  auto raw = dial();
  rt.run_for(1s);
  const auto since = rt.now();
  rt.wait(taken->close({}, Deadline::after(rt.now(), 3s)));
  EXPECT_EQ(rt.now() - since, 3s);
  rt.run_for(1s);
  EXPECT_TRUE(ended);
}

TEST_F(WebSockets, tell_a_rude_client_why) {
  EXPECT_EQ(refusal(*from_hex("810161")), 1002);  // not masked
  EXPECT_EQ(refusal(*from_hex("8182000000"
                              "00c328")),
            1007);  // no UTF-8
  EXPECT_EQ(refusal(*from_hex("82ff0000000000010001"
                              "00000000")),
            1009);
  EXPECT_EQ(refusal(*from_hex("888100000000"
                              "03")),
            1002);  // half a close code
  Bytes pings;
  for (int i = 0; i < limits::ws_control_burst + 2; ++i) append(pings, *from_hex("898000000000"));
  rt.run_for(5s);
  ended = false;
  end.reset();
  auto raw = dial();
  rt.wait(say(*raw.stream, pings));
  const auto heard = rt.wait(hear(*raw.stream));
  EXPECT_EQ(heard.size(),
            2 * limits::ws_control_burst + 4 + std::string("too many control frames").size());
  rt.run_for(5s);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, Errc::busy);
}

TEST_F(WebSockets, wait_only_so_long_for_a_client_that_does_not_read) {
  auto raw = dial();
  rt.run_for(1s);
  const Bytes frame = ws::encode(Kind::binary, Bytes(1 << 20));
  const std::vector<BytesView> frames(64, frame);
  const auto since = rt.now();
  EXPECT_THROW(rt.wait(taken->send_encoded(frames)), Failure);
  EXPECT_EQ(rt.now() - since, limits::ws_write_time);
}

TEST_F(WebSockets, send_whole_frames_of_many_writers_in_order) {
  auto socket = connect();
  ask(*socket, "hello");
  const auto send_large = [](std::shared_ptr<WebSocket> s, char c) -> Task<> {
    const std::string text(60000, c);
    co_await s->send(Kind::text, as_bytes(text));
  };
  for (char c = 'a'; c < 'i'; ++c) scope.spawn(send_large(taken, c));
  for (char c = 'a'; c < 'i'; ++c) {
    const auto message = rt.wait(socket->read(Deadline::never()));
    EXPECT_EQ(message->text(), std::string(60000, c));
  }
}

TEST_F(WebSockets, take_what_came_with_the_upgrade) {
  auto stream = rt.wait(there.connect({here.address(), 80}, {}, Deadline::never()));
  auto head = to_bytes(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  append(head, ws::encode_masked(Kind::text, as_bytes("early"), {1, 2, 3, 4}));
  rt.wait(say(*stream, head));
  rt.run_for(1s);
  stream->shutdown_write();
  const auto heard = rt.wait(hear(*stream));
  EXPECT_TRUE(as_text(heard).ends_with("early"));
  EXPECT_EQ(end->code, Errc::closed);  // it left without a closing handshake
}

TEST_F(WebSockets, hold_little_while_nothing_comes) { EXPECT_LE(sizeof(WebSocket), 1024u); }

}  // namespace
}  // namespace goop::net::http
