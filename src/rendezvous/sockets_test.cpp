// WebSockets of peers, proven and not, in virtual time.
#include "rendezvous/sockets.h"

#include "rendezvous/server_test_kit.h"

namespace goop::rendezvous {
namespace {

struct SocketTown : TownTest {
  Person nora = person(1), ben = person(2);
};

TEST_F(SocketTown, a_socket_is_too_early_until_its_peer_has_published) {
  EXPECT_EQ(socket(home, nora)->status(), 425);
  EXPECT_EQ(listen(home, "/ws")->status(), 400);
  say(home, nora);
  EXPECT_EQ(listen(home, fmt::format("/ws?peer_id={}", nora.id))->status(), 400);  // no upgrade
  EXPECT_EQ(socket(home, nora)->status(), 101);
}

TEST_F(SocketTown, a_probe_is_closed_with_its_word) {
  const auto probe = listen(home, "/ws?probe=1",
                            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
                            "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_EQ(probe->status(), 101);
  ASSERT_TRUE(probe->close);
  EXPECT_EQ(*probe->close, (net::http::ws::Close{1000, "probe-ok"}));
}

TEST_F(SocketTown, pages_of_other_sites_get_no_socket) {
  say(home, nora);
  EXPECT_EQ(socket(home, nora, false, "Origin: http://evil.example\r\n")->status(), 403);
  EXPECT_EQ(socket(home, nora, false, "Origin: http://192.0.2.1:8787\r\n")->status(), 101);
}

TEST_F(SocketTown, a_proven_socket_holds_its_peer_and_its_break_ends_it_after_the_grace) {
  say(home, nora);
  const auto reader = listen(school, "/events?mode=delta");
  const auto own = socket(home, nora, true);
  say(own, nora);
  pass(2min);
  EXPECT_EQ(server->board().size(), 1u);
  hang_up(own);
  pass(4s);
  EXPECT_EQ(reader->count("offline"), 0u);
  pass(1s);
  EXPECT_EQ(reader->count("offline"), 1u);
}

TEST_F(SocketTown, an_unproven_socket_replaces_no_proven_one_and_its_end_changes_nothing) {
  say(home, nora);
  const auto own = socket(home, nora, true);
  say(own, nora);
  const auto thief = socket(stranger, nora);
  EXPECT_EQ(thief->status(), 101);
  EXPECT_FALSE(own->over);
  frame(thief, wire::write_presence(unsigned_at(nora, rt.wall())));
  hang_up(thief);
  pass(limits::grace + limits::prune);
  EXPECT_EQ(server->board().size(), 1u);
  EXPECT_FALSE(own->over);
}

TEST_F(SocketTown, a_replayed_message_proves_no_socket) {
  const auto message = wire::write_presence(signed_at(nora, rt.wall()));
  post(home, message);
  const auto thief = socket(stranger, nora);
  frame(thief, message);
  hang_up(thief);
  pass(10s);
  EXPECT_EQ(server->board().size(), 1u);
  EXPECT_FALSE(server->board().rows().begin()->second.held);
}

TEST_F(SocketTown, a_newer_proven_socket_replaces_the_older) {
  say(home, nora);
  const auto old = socket(home, nora, true);
  say(old, nora);
  const auto fresh = socket(school, nora, true);
  say(fresh, nora);
  EXPECT_TRUE(old->over);
  EXPECT_EQ(old->close->reason, "replaced");
  pass(1min);
  EXPECT_FALSE(fresh->over);
  EXPECT_TRUE(server->board().rows().begin()->second.held);
}

TEST_F(SocketTown, two_computers_with_one_identity_are_told_of_each_other) {
  say(home, nora);
  const auto first = socket(home, nora, true);
  say(first, nora);
  const auto proof_of_first = nora.last_ts;
  const auto second = socket(school, nora, true);
  say(second, nora);
  EXPECT_TRUE(first->has(
      fmt::format(R"({{"event":"twin","address":"198.51.99.2","ts":{}}})", nora.last_ts)));
  EXPECT_EQ(first->close->reason, "replaced");
  EXPECT_TRUE(second->has(
      fmt::format(R"({{"event":"twin","address":"198.51.99.1","ts":{}}})", proof_of_first)));
}

TEST_F(SocketTown, what_a_crash_leaves_behind_is_no_second_computer) {
  say(home, nora);
  const auto old = socket(home, nora, true);
  say(old, nora);
  old->answers = false;
  const auto fresh = socket(school, nora, true);
  say(fresh, nora);
  pass(5s);
  EXPECT_TRUE(old->over);
  EXPECT_FALSE(fresh->has("twin"));
}

TEST_F(SocketTown, whoever_has_no_key_makes_nobody_believe_in_a_second_computer) {
  say(home, nora);
  const auto own = socket(home, nora, true);
  say(own, nora);
  const auto thief = socket(stranger, nora, true);
  frame(thief, wire::write_presence(unsigned_at(nora, rt.wall())));
  pass(2s);
  EXPECT_FALSE(own->has("twin"));
  EXPECT_FALSE(thief->has("twin"));
  // One that relays what she signed names its `ts`, by which she knows that it is hers.
  pass(1s);
  frame(thief, wire::write_presence(signed_at(nora, rt.wall())));
  EXPECT_TRUE(own->has(fmt::format(R"("ts":{}}})", nora.last_ts)));
}

TEST_F(SocketTown, a_reference_clients_socket_works_as_it_expects) {
  say_unsigned(home, nora);
  say_unsigned(school, ben);
  const auto reader = listen(school, "/events");
  const auto first = socket(home, nora);
  frame(first, wire::write_presence(unsigned_at(nora, rt.wall())));
  EXPECT_GE(first->count(nora.id.to_string()), 2u);  // the snapshot, and its own message
  EXPECT_TRUE(first->has("203.0.113.9"));
  const auto second = socket(home, nora);  // replaces it, and nobody goes offline for that
  EXPECT_TRUE(first->over);
  EXPECT_FALSE(reader->has("offline"));
  hang_up(second);
  EXPECT_EQ(reader->count("\"type\":\"offline\""), 1u);  // at once
}

TEST_F(SocketTown, a_socket_speaks_for_its_own_peer_only) {
  say(home, nora);
  const auto own = socket(home, nora, true);
  frame(own, wire::write_presence(signed_at(ben, rt.wall())));
  EXPECT_EQ(server->board().size(), 1u);
  EXPECT_TRUE(own->has(R"("event":"refused","code":"invalid")"));
}

TEST_F(SocketTown, a_delta_socket_gets_one_snapshot_when_it_is_proven_and_then_changes) {
  say(school, ben);
  say(home, nora);
  const auto own = socket(home, nora, true);
  EXPECT_TRUE(own->has("Sec-WebSocket-Protocol: goop.presence.delta"));
  EXPECT_TRUE(own->messages.empty());
  say(own, nora);
  ASSERT_EQ(own->messages.size(), 4u);
  EXPECT_EQ(own->messages.front(), R"({"event":"snapshot","peers":2})");
  EXPECT_TRUE(own->messages.back().starts_with(R"({"event":"ready","id":")"));
  EXPECT_TRUE(own->has("203.0.113.9"));
  ben.label = "Ben at school";
  say(school, ben), pass(100ms);
  ASSERT_EQ(own->messages.size(), 5u);
  EXPECT_TRUE(own->messages.back().starts_with(R"({"id":")"));
  EXPECT_TRUE(own->has("Ben at school"));
}

TEST_F(SocketTown, a_delta_socket_that_stays_unproven_gets_the_open_snapshot) {
  say(school, ben);
  const auto unproven = socket(stranger, ben, true);
  pass(2s);
  EXPECT_TRUE(unproven->has(R"("event":"ready")"));
  EXPECT_FALSE(unproven->has("203.0.113.9"));
}

TEST_F(SocketTown, a_silent_socket_is_dead_after_15_seconds) {
  say(home, nora);
  const auto own = socket(home, nora, true);
  own->answers = false;
  say(own, nora);
  pass(limits::ws_dead - 2s);
  EXPECT_FALSE(own->over);
  pass(4s);
  EXPECT_TRUE(own->over);
}

TEST_F(SocketTown, two_proven_peers_are_told_to_punch_and_nobody_else_hears_of_it) {
  const auto reader = listen(stranger, "/events");
  say(home, nora);
  const auto first = socket(home, nora, true);
  say(first, nora);
  say(school, ben);
  const auto second = socket(school, ben, true);
  say(second, ben);
  EXPECT_EQ(first->count("\"type\":\"punch\""), 1u);
  EXPECT_EQ(second->count("\"type\":\"punch\""), 1u);
  EXPECT_TRUE(first->has(fmt::format("\"target\":\"{}\"", nora.id)));
  EXPECT_EQ(reader->count("punch"), 0u);
  // Within the pause not again.
  ben.addresses.push_back("/ip4/203.0.113.9/tcp/5000");
  say(second, ben);
  EXPECT_EQ(first->count("\"type\":\"punch\""), 1u);
  pass(limits::punch_pause);
  ben.addresses.pop_back();
  say(second, ben);
  EXPECT_EQ(first->count("\"type\":\"punch\""), 2u);
}

TEST_F(SocketTown, rude_frames_end_a_socket_and_nothing_else) {
  say(home, nora);
  const auto other = listen(school, "/events");
  for (int i = 0; i < 4; ++i) {
    const auto rude = socket(home, nora);
    const auto kind = static_cast<net::http::ws::Kind>(i == 0 ? 3 : 1);
    if (i == 1) frame(rude, std::string(limits::message_bytes + 1, 'x'));
    if (i == 0 || i == 2) frame(rude, "\xff\xfe", kind);
    if (i == 3) {
      for (int j = 0; j < 50; ++j) frame(rude, std::string(125, 'p'), net::http::ws::Kind::ping);
    }
    if (i < 3) {
      EXPECT_TRUE(rude->over) << i;
      EXPECT_TRUE(rude->close) << i;
    }
    hang_up(rude);
  }
  EXPECT_FALSE(other->over);
  EXPECT_EQ(server->board().size(), 1u);
}

TEST_F(SocketTown, a_socket_that_floods_is_not_listened_to) {
  say_unsigned(home, nora);
  const auto own = socket(home, nora);
  for (int i = 0; i < 100; ++i) frame(own, "x");
  const auto text = get(home, "/metrics").body;
  EXPECT_NE(text.find("goop_rendezvous_frames_total 100\n"), text.npos);
  EXPECT_EQ(text.find("goop_rendezvous_frames_dropped_total 0\n"), text.npos);
}

TEST_F(SocketTown, an_arrival_is_told_to_at_most_fifty_peers) {
  std::vector<Reader> sockets;
  std::vector<Person> crowd;
  for (std::uint8_t i = 0; i < 60; ++i) {
    crowd.push_back(person(static_cast<std::uint8_t>(100 + i)));
    auto& host = client(i);
    say(host, crowd.back());
    sockets.push_back(socket(host, crowd.back(), true));
    say(sockets.back(), crowd.back());
  }
  pass(limits::punch_pause);
  say(home, nora);
  const auto own = socket(home, nora, true);
  say(own, nora);
  EXPECT_EQ(own->count("\"type\":\"punch\""), limits::punches_per_arrival);
}

}  // namespace
}  // namespace goop::rendezvous
