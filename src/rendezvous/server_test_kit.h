// A rendezvous server on a simulated internet, and clients of every kind, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include "net/http/client.h"
#include "net/http/websocket_frames.h"
#include "rendezvous/board_test_kit.h"
#include "rendezvous/server.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous {

struct Posted {
  int status = 0;
  std::string body, retry_after, clock_difference;
};

// Whoever reads a stream: everything that has come so far.
struct Reading {
  std::unique_ptr<net::ByteStream> stream;
  std::string text;                   // with the head
  std::vector<std::string> messages;  // of a WebSocket
  std::optional<net::http::ws::Close> close;
  net::http::ws::Decoder decoder{net::http::ws::Role::client, 1 << 20};
  bool upgraded = false, over = false, answers = true;

  std::size_t count(std::string_view part) const {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
  }
  bool has(std::string_view part) const { return text.find(part) != text.npos; }
  int status() const { return text.size() < 12 ? 0 : std::atoi(text.c_str() + 9); }
};
using Reader = std::shared_ptr<Reading>;

class TownTest : public ::testing::Test {
 protected:
  static Options roomy() {
    Options options;
    options.file_limit = 20'000;
    return options;
  }
  explicit TownTest(Options options = roomy()) : options_(std::move(options)) {
    options_.bind = {here.address(), 8787};
    school.link().bytes_per_second = 10e6;  // so that who does not read is soon full
    open();
  }
  ~TownTest() override { shut(); }

  void open() {
    server = std::make_unique<Server>(rt, here, options_);
    rt.wait(server->start());
  }
  void shut() {
    if (!server) return;
    rt.wait(server->stop(Deadline::after(rt.now(), 3s)));
    server.reset();
  }

  Posted post(sim::SimHost& from, std::string body, std::string forwarded = {}) {
    return rt.wait(post_task(from, std::move(body), std::move(forwarded)));
  }
  Posted say(sim::SimHost& from, Person& who) {
    return post(from, wire::write_presence(signed_at(who, rt.wall())));
  }
  Posted say_unsigned(sim::SimHost& from, const Person& who) {
    return post(from, wire::write_presence(unsigned_at(who, rt.wall())));
  }
  Posted get(sim::SimHost& from, std::string target, std::string authorization = {}) {
    return rt.wait(get_task(from, std::move(target), std::move(authorization)));
  }

  Reader open_stream(sim::SimHost& from, std::string target, std::string fields = {},
                     std::string_view method = "GET") {
    auto reading = std::make_shared<Reading>();
    auto dialling = from.connect({here.address(), 8787}, {}, Deadline::never());
    reading->stream = rt.wait(std::move(dialling));
    const auto head =
        fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", method, target, host_name, fields);
    rt.wait(write(*reading->stream, head));
    start_reading(reading);
    return reading;
  }
  Reader listen(sim::SimHost& from, std::string target, std::string fields = {},
                std::string_view method = "GET") {
    auto reading = open_stream(from, std::move(target), std::move(fields), method);
    pass(100ms);
    return reading;
  }
  void start_reading(const Reader& reading) { readers_.spawn(read(reading)); }
  Reader socket(sim::SimHost& from, const Person& who, bool delta = false,
                std::string more_fields = {}) {
    std::string fields =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    if (delta) fields += "Sec-WebSocket-Protocol: goop.presence.delta\r\n";
    return listen(from, fmt::format("/ws?peer_id={}", who.id), fields + more_fields);
  }
  void say(const Reader& socket, Person& who) {
    frame(socket, wire::write_presence(signed_at(who, rt.wall())));
  }
  void frame(const Reader& socket, std::string_view text,
             net::http::ws::Kind kind = net::http::ws::Kind::text) {
    const auto bytes = net::http::ws::encode_masked(kind, as_bytes(text), {1, 2, 3, 4});
    rt.wait(write(*socket->stream, as_text(bytes)));
    pass(100ms);
  }
  void hang_up(const Reader& reading) {
    reading->stream->abort();
    pass(100ms);
  }
  void pass(Duration span) { rt.run_for(span); }

  sim::SimHost& client(int number) {
    auto& host = clients_[number];
    if (!host) {
      const auto address = fmt::format("198.51.{}.{}", 100 + number / 250, 1 + number % 250);
      host = &internet.add_host(address);
    }
    return *host;
  }

  sim::SimRuntime rt{5};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& home = internet.add_host("198.51.99.1");
  sim::SimHost& school = internet.add_host("198.51.99.2");
  sim::SimHost& stranger = internet.add_host("198.51.99.3");
  Options options_;
  std::unique_ptr<Server> server;
  std::string host_name = "192.0.2.1:8787";  // of the Host field

  static Task<> write(net::ByteStream& stream, std::string_view text) {
    const BytesView part = as_bytes(text);
    co_await stream.write(std::span(&part, 1));
  }

 private:
  static Task<> read(Reader reading) {
    Bytes buffer(16384);
    for (;;) {
      auto coming = reading->stream->read_some(buffer);
      const auto got = co_await attempt(std::move(coming));
      if (!got || *got == 0) break;
      co_await take(reading, as_text(BytesView(buffer).first(*got)));
    }
    reading->over = true;
  }

  static Task<> take(Reader reading, std::string_view bytes) {
    if (!reading->upgraded) {
      reading->text += bytes;
      const auto end = reading->text.find("\r\n\r\n");
      if (reading->status() != 101 || end == std::string::npos) co_return;
      reading->upgraded = true;
      const std::string rest = reading->text.substr(end + 4);
      reading->text.resize(end + 4);
      co_return co_await take_frames(reading, rest);
    }
    co_await take_frames(reading, bytes);
  }

  static Task<> take_frames(Reader reading, std::string_view bytes) {
    auto rest = as_bytes(bytes);
    while (!rest.empty()) {
      auto fed = reading->decoder.feed(rest);
      EXPECT_TRUE(fed);
      rest = rest.subspan(fed->taken);
      if (!fed->message) continue;
      const auto& message = *fed->message;
      if (message.kind == net::http::ws::Kind::text) reading->messages.emplace_back(message.text());
      if (message.kind == net::http::ws::Kind::close) {
        reading->close = *net::http::ws::parse_close(message.payload);
        co_await answer(reading, net::http::ws::Kind::close);
      }
      if (message.kind == net::http::ws::Kind::ping) {
        co_await answer(reading, net::http::ws::Kind::pong);
      }
      reading->text += message.text();
      reading->text += '\n';
    }
  }

  static Task<> answer(Reader reading, net::http::ws::Kind kind) {
    if (!reading->answers) co_return;
    const auto frame = net::http::ws::encode_masked(kind, {}, {1, 2, 3, 4});
    auto writing = write(*reading->stream, as_text(frame));
    co_await attempt(std::move(writing));
  }

  Task<Posted> exchange(sim::SimHost& from, net::http::ClientRequest request) {
    const auto by = Deadline::after(rt.now(), 10s);
    auto client = co_await net::http::Client::connect(rt, from, {here.address(), 8787}, by);
    const auto* head = co_await client->send(std::move(request), by);
    Posted posted;
    posted.status = head->status;
    posted.retry_after = head->fields.find("Retry-After").value_or("");
    posted.clock_difference = head->fields.find("X-Goop-Clock-Difference-Ms").value_or("");
    const auto body = co_await client->read_body(16 << 20, by);
    posted.body = to_text(body);
    co_return posted;
  }
  Task<Posted> post_task(sim::SimHost& from, std::string body, std::string forwarded) {
    net::http::ClientRequest request;
    request.method = "POST";
    request.target = "/publish";
    request.body = std::move(body);
    if (!forwarded.empty()) request.fields.emplace_back("X-Forwarded-For", std::move(forwarded));
    co_return co_await exchange(from, std::move(request));
  }
  Task<Posted> get_task(sim::SimHost& from, std::string target, std::string authorization) {
    net::http::ClientRequest request;
    request.target = std::move(target);
    if (!authorization.empty()) request.fields.emplace_back("Authorization", authorization);
    co_return co_await exchange(from, std::move(request));
  }

  std::map<int, sim::SimHost*> clients_;
  sim::SimScope readers_{rt};
};

}  // namespace goop::rendezvous
