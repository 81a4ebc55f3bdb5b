// Against a server with certificates of a root made here, over a simulated network.
#include <gtest/gtest.h>

#include "net/tls/stream.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"
#include "testing/tls/tls_server.h"

namespace goop::net::tls {
namespace {

using testing::CertificateWish;
using testing::Identity;
using testing::ServerTls;
using testing::TestAuthority;

struct Tls : ::testing::Test {
  Tls() : listener(std::move(*here.listen({here.address(), 443}, {}))) {
    ca.write_pem(folder / "root.pem");
  }

  Identity identity(std::string name, Duration begins = -24h, Duration ends = 24h) {
    return ca.issue({.names = {std::move(name)}, .from = at(begins), .until = at(ends)});
  }
  WallTime at(Duration from_now) {
    return rt.wall() + std::chrono::duration_cast<std::chrono::milliseconds>(from_now);
  }

  // A server that sends back what it hears, in one connection.
  Task<> echo(const Identity& who, ServerTls how, bool say_end) {
    auto tcp = co_await listener->accept();
    auto stream = co_await testing::serve_tls(who, std::move(tcp), how);
    Bytes buffer(4096);
    for (;;) {
      const auto got = co_await stream->read_some(buffer);
      if (got == 0 || buffer[0] == '!') break;
      const auto part = BytesView(buffer).first(got);
      co_await stream->write(std::span(&part, 1));
    }
    if (say_end) stream->shutdown_write();
  }

  std::unique_ptr<ByteStream> connect(const Identity& who, std::string host, ServerTls how = {}) {
    serving.spawn(echo(who, how, true), [](const std::optional<Error>&) {});
    auto tcp = rt.wait(there.connect({here.address(), 443}, {}, Deadline::never()));
    return rt.wait(
        tls::connect(context, std::move(tcp), std::move(host), Deadline::after(rt.now(), 10s)));
  }
  // Why the connection to `host` fails.
  Error refusal(const Identity& who, std::string host, ServerTls how = {}) {
    try {
      connect(who, std::move(host), how);
    } catch (const Failure& failure) {
      return failure.error();
    }
    return {Errc::internal, "it did not fail"};
  }
  Task<> say(ByteStream& stream, std::string text) {
    const BytesView part = as_bytes(text);
    co_await stream.write(std::span(&part, 1));
  }
  Task<std::string> hear(ByteStream& stream, std::size_t size) {
    std::string all;
    Bytes buffer(5000);
    while (all.size() < size) {
      const auto got = co_await stream.read_some(buffer);
      if (got == 0) break;
      all += as_text(BytesView(buffer).first(got));
    }
    co_return all;
  }

  sim::SimRuntime rt{7};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  sim::SimHost& there = internet.add_host("192.0.2.2");
  TestAuthority ca;
  testing::TempFolder folder;
  Context context{rt, {.ca_file = folder / "root.pem"}};
  std::unique_ptr<Listener> listener;
  sim::SimScope serving{rt};
};

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TEST_F(Tls, carries_bytes_both_ways) {
  const auto who = identity("DNS:goop.example");
  for (const int version : {0, 0x0303}) {  // the newest, and TLS 1.2
    auto stream = connect(who, "goop.example", {.max_version = version});
    const std::string large(300'000, 'x');
    TaskScope saying(rt, "saying");
    saying.spawn(say(*stream, large));
    EXPECT_EQ(rt.wait(hear(*stream, large.size())), large);
    rt.wait(saying.join());
  }
}

TEST_F(Tls, accepts_a_wildcard_and_an_address) {
  const auto wild = identity("DNS:*.goop.example");
  EXPECT_TRUE(connect(wild, "a.goop.example"));
  EXPECT_EQ(refusal(wild, "a.b.goop.example").code, Errc::unverified);
  const auto address = identity("IP:192.0.2.1");
  EXPECT_TRUE(connect(address, "192.0.2.1"));
  EXPECT_EQ(refusal(address, "192.0.2.9").code, Errc::unverified);
}

TEST_F(Tls, says_what_is_wrong_with_a_certificate) {
  const auto expired = identity("DNS:goop.example", -48h, -24h);
  auto error = refusal(expired, "goop.example");
  EXPECT_EQ(error.code, Errc::unverified);
  EXPECT_TRUE(has(error.detail, "expired on") && has(error.detail, "clock")) << error.detail;

  const auto early = identity("DNS:goop.example", 24h, 48h);
  error = refusal(early, "goop.example");
  EXPECT_TRUE(has(error.detail, "is valid from")) << error.detail;

  const auto other = identity("DNS:other.example");
  error = refusal(other, "goop.example");
  EXPECT_EQ(error.code, Errc::unverified);
  EXPECT_TRUE(has(error.detail, "for other.example, not for goop.example")) << error.detail;

  const TestAuthority stranger("Strange Root");
  const auto unknown =
      stranger.issue({.names = {"DNS:goop.example"}, .from = at(-1h), .until = at(1h)});
  error = refusal(unknown, "goop.example");
  EXPECT_EQ(error.code, Errc::unverified);
  EXPECT_TRUE(has(error.detail, "CN = Strange Root") && has(error.detail, "root certificate"))
      << error.detail;
}

TEST_F(Tls, trusts_nobody_unknown_by_the_systems_store) {
  const auto who = identity("DNS:goop.example");
  Context system(rt);
  serving.spawn(echo(who, {}, true), [](const std::optional<Error>&) {});
  auto tcp = rt.wait(there.connect({here.address(), 443}, {}, Deadline::never()));
  EXPECT_THROW(rt.wait(tls::connect(system, std::move(tcp), "goop.example", Deadline::never())),
               Failure);
  Context missing(rt, {.ca_file = folder / "none.pem"});
  EXPECT_THROW(missing.native(), Failure);
}

TEST_F(Tls, refuses_old_versions) {
  const auto who = identity("DNS:goop.example");
  EXPECT_EQ(refusal(who, "goop.example", {.max_version = 0x0302}).code, Errc::violation);
}

TEST_F(Tls, refuses_what_is_no_tls_and_what_never_answers) {
  const auto plain = [](Listener& at) -> Task<> {
    auto tcp = co_await at.accept();
    const BytesView part = as_bytes("HTTP/1.1 400 Bad Request\r\n\r\n");
    co_await tcp->write(std::span(&part, 1));
    Bytes buffer(1000);
    co_await tcp->read_some(buffer);
  };
  serving.spawn(plain(*listener));
  auto tcp = rt.wait(there.connect({here.address(), 443}, {}, Deadline::never()));
  try {
    rt.wait(tls::connect(context, std::move(tcp), "goop.example", Deadline::never()));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::violation);
    EXPECT_NE(failure.error().detail.find("does not speak TLS"), std::string::npos);
  }
  auto silent = rt.wait(there.connect({here.address(), 443}, {}, Deadline::never()));
  const auto since = rt.now();
  try {
    rt.wait(tls::connect(context, std::move(silent), "goop.example", Deadline::after(since, 5s)));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::timeout);
    EXPECT_EQ(rt.now() - since, 5s);
  }
}

TEST_F(Tls, refuses_an_endless_handshake) {
  const auto endless = [](Listener& at) -> Task<> {
    auto tcp = co_await at.accept();
    Bytes requests;  // HelloRequest, which a client skips
    while (requests.size() < 16 * 1024) append(requests, *from_hex("160303000400000000"));
    const BytesView part(requests);
    for (;;) co_await tcp->write(std::span(&part, 1));
  };
  serving.spawn(endless(*listener), [](const std::optional<Error>&) {});
  auto tcp = rt.wait(there.connect({here.address(), 443}, {}, Deadline::never()));
  try {
    rt.wait(tls::connect(context, std::move(tcp), "goop.example", Deadline::never()));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error(), (Error{Errc::violation, "TLS handshake over its limit"}));
  }
}

TEST_F(Tls, notices_an_end_that_was_not_announced) {
  const auto who = identity("DNS:goop.example");
  auto stream = connect(who, "goop.example");
  rt.wait(say(*stream, "!"));  // the server ends its TCP direction without a word
  try {
    rt.wait(hear(*stream, 1));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::closed);
  }
}

}  // namespace
}  // namespace goop::net::tls
