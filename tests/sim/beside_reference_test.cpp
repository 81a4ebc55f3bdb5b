// Our peers and server beside a peer that behaves as the reference program does towards others
// (tests/interop/goopref): for an hour of virtual time nothing of it, or of us, flickers.
#include <gtest/gtest.h>

#include "net/http/fetch.h"
#include "p2p/pubsub/pubsub.h"
#include "peer/content.h"
#include "peer/peer.h"
#include "rendezvous/server.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_lan.h"
#include "testing/sim/sim_runtime.h"

namespace goop::peer {
namespace {

namespace http = net::http;
using presence::KnownPeer;

// It signs no presence, says its key to servers alone, and tells each heartbeat to everybody:
// gossip, and a WebSocket where there is one, else POST.
class ReferencePeer {
 public:
  ReferencePeer(sim::SimRuntime& rt, sim::SimHost& machine, http::HttpUrl server,
                Duration heartbeat)
      : rt_(rt),
        server_(std::move(server)),
        heartbeat_(heartbeat),
        tls_(rt),
        dialer_(rt, machine, tls_),
        host_(rt, machine, options(machine)),
        gossip_(rt, host_),
        topic_(or_raise(p2p::pubsub::Topic::parse("goop.presence.v1"))) {
    serve_content(rt_, host_, [] { return std::string("Rik"); });
    const auto ignore = [](const p2p::pubsub::Message&) { return p2p::pubsub::Verdict::accept; };
    or_raise(gossip_.join(topic_, ignore));
    or_raise(host_.start());
    tasks_ = std::make_unique<sim::SimScope>(rt_);
    tasks_->spawn(gossip_.run());
    tasks_->spawn(keep_link());
    tasks_->spawn(beat());
  }
  ~ReferencePeer() {
    tasks_.reset();
    rt_.wait(host_.stop(Deadline::after(rt_.now(), 1s)));
  }

  const p2p::PeerId& id() const { return host_.id(); }
  void meet(const Peer& other) {
    rt_.wait(host_.connect(other.id(), other.addresses(), Deadline::after(rt_.now(), 3s)));
  }

 private:
  static p2p::HostOptions options(const sim::SimHost& machine) {
    crypto::Secret<32> seed;
    seed.mut()[0] = 77;
    p2p::HostOptions made(p2p::KeyPair::from_seed(seed));
    made.listen = {or_raise(
        p2p::Multiaddr::parse(fmt::format("/ip4/{}/tcp/4001", machine.address().to_string())))};
    return made;
  }

  std::string text(std::string_view type, std::string_view for_servers) const {
    return fmt::format(R"({{"type":"{}","peerId":"{}","content":"Rik","email":"rik@example.org",)"
                       R"("avatarHash":"03c1f0aa97de5521","videoDisabled":true,"addrs":["{}"],{})"
                       R"("encryptionSupported":true,"goopClientVersion":"3.0.1","ts":{}}})",
                       type, host_.id(), host_.addresses().front(), for_servers, to_ms(rt_.wall()));
  }
  static constexpr std::string_view key =
      R"("publicKey":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",)";

  Task<> publish(std::string_view type) {
    const auto said = text(type, {});
    or_raise(gossip_.publish(topic_, as_bytes(said)));
    co_await tell_server(text(type, key));
  }
  Task<> tell_server(std::string said) {
    if (const auto socket = socket_) {
      auto sending = socket->send(http::ws::Kind::text, as_bytes(said));
      co_await attempt(std::move(sending));
      co_return;
    }
    http::ClientRequest request;
    request.method = "POST";
    request.body = std::move(said);
    auto posting = http::fetch(dialer_, server_.below("/publish"), std::move(request), 4096,
                               Deadline::after(rt_.now(), 2s));
    co_await attempt(std::move(posting));
  }
  Task<> beat() {
    co_await publish("online");
    for (;;) {
      co_await rt_.sleep_for(heartbeat_);
      co_await publish("update");
    }
  }
  Task<> keep_link() {
    for (;;) {
      auto opening =
          http::open_websocket(dialer_, server_.below(fmt::format("/ws?peer_id={}", host_.id())),
                               {}, Deadline::after(rt_.now(), 5s));
      auto opened = co_await attempt(std::move(opening));
      if (opened && opened->socket) {
        socket_ = std::move(opened->socket);
        auto reading = read(socket_);
        co_await attempt(std::move(reading));
        socket_.reset();
      }
      co_await rt_.sleep_for(500ms);
    }
  }
  static Task<> read(std::shared_ptr<http::WebSocket> socket) {
    for (;;) {
      const auto message = co_await socket->read(Deadline::never());
      if (!message) co_return;
    }
  }

  sim::SimRuntime& rt_;
  http::HttpUrl server_;
  Duration heartbeat_;
  net::tls::Context tls_;
  http::Dialer dialer_;
  p2p::Host host_;
  p2p::pubsub::PubSub gossip_;
  p2p::pubsub::Topic topic_;
  std::shared_ptr<http::WebSocket> socket_;
  std::unique_ptr<sim::SimScope> tasks_;
};

// A local network with a rendezvous server, and two of our peers that use both.
class Beside : public ::testing::Test {
 protected:
  Beside() {
    lan.attach(town_machine, {"10.0.0.100/24"});
    rendezvous::Options options;
    options.bind = {town_machine.address(), 80};
    town = std::make_unique<rendezvous::Server>(rt, town_machine, options);
    rt.wait(town->start());
    mira = enter("Mira", 1);
    kaj = enter("Kaj", 2);
  }
  ~Beside() override {
    for (auto* peer : {mira.get(), kaj.get()}) {
      rt.wait(peer->stop(Deadline::after(rt.now(), 3s)));
    }
    rt.wait(town->stop(Deadline::after(rt.now(), 1s)));
  }

  sim::SimHost& machine(int number) {
    const auto address = fmt::format("10.0.0.{}", number);
    auto& host = internet.add_host(address);
    lan.attach(host, {address + "/24"});
    return host;
  }
  std::unique_ptr<Peer> enter(std::string label, int number) {
    const auto path = root / label;
    setup::StarterOptions options{.label = std::move(label), .now = rt.wall(), .fresh = {}};
    rt.random(options.fresh.mut());
    auto prepared = or_raise(setup::prepare_folder(path, options));
    or_raise(prepared.config.set("presence.rendezvous_wan", town_url));
    PeerOptions made{path, std::move(prepared), "goop2/test"};
    auto peer = std::make_unique<Peer>(rt, machine(number), std::move(made));
    rt.wait(peer->start());
    return peer;
  }

  // What a person sees of `who`, but for when it was heard last.
  static KnownPeer shown(Peer& at, const p2p::PeerId& who) {
    auto row = *at.presence().find(who);
    row.last_seen = {};
    return row;
  }

  sim::SimRuntime rt{21};
  sim::SimInternet internet{rt};
  sim::SimLan lan{internet};
  sim::SimHost& town_machine = internet.add_host("10.0.0.100");
  testing::TempFolder root;
  const std::string town_url = "http://10.0.0.100";
  std::unique_ptr<rendezvous::Server> town;
  std::unique_ptr<Peer> mira, kaj;
};

TEST_F(Beside, nothing_flickers_in_an_hour) {
  ReferencePeer rik(rt, machine(3), *http::HttpUrl::parse(town_url), 5s);
  rik.meet(*mira);
  rt.run_for(1min);
  const auto rik_at_mira = shown(*mira, rik.id()), rik_at_kaj = shown(*kaj, rik.id());
  const auto kaj_at_mira = shown(*mira, kaj->id());
  EXPECT_EQ(rik_at_mira.email, "rik@example.org");
  EXPECT_EQ(rik_at_mira.avatar_hash, "03c1f0aa97de5521");
  EXPECT_TRUE(rik_at_kaj.online);
  for (int second = 0; second < 3600; ++second) {
    rt.run_for(1s);
    ASSERT_EQ(shown(*mira, rik.id()), rik_at_mira) << second;
    ASSERT_EQ(shown(*kaj, rik.id()), rik_at_kaj) << second;
    ASSERT_EQ(shown(*mira, kaj->id()), kaj_at_mira) << second;
    ASSERT_EQ(town->board().size(), 3u) << second;
    ASSERT_EQ(town->board().find(rik.id())->message->presence.email, "rik@example.org");
  }
}

// Only the server carries it: its own programs' time to live over gossip is 20 s.
TEST_F(Beside, one_that_beats_every_29_seconds_stays_for_those_who_use_the_server) {
  ReferencePeer rik(rt, machine(3), *http::HttpUrl::parse(town_url), 29s);
  rt.run_for(2min);
  ASSERT_TRUE(shown(*mira, rik.id()).online);
  for (int second = 0; second < 1200; ++second) {
    rt.run_for(1s);
    ASSERT_TRUE(shown(*mira, rik.id()).online) << second;
    ASSERT_NE(town->board().find(rik.id()), nullptr) << second;
  }
}

}  // namespace
}  // namespace goop::peer
