// One router, and neighbours played by hand.
#pragma once

#include <gtest/gtest.h>

#include "p2p/pubsub/simulation_test_kit.h"

namespace goop::p2p::pubsub::test {

using p2p::test::peer;

struct RouterTest : testing::Test {
  explicit RouterTest(RouterConfig config = {}) : router(peer(0), config, 1) {}

  void add(std::uint32_t n, Version version = Version::v1_1,
           Direction direction = Direction::inbound, std::string place = {}) {
    if (place.empty()) place = fmt::format("place {}", n);
    router.add_peer(peer(n), {place, direction});
    router.can_send(peer(n), version, now);
    subscribe(n);
  }
  void add_many(std::uint32_t from, std::uint32_t to, Direction direction = Direction::inbound) {
    for (auto n = from; n <= to; ++n) add(n, Version::v1_1, direction);
  }
  void subscribe(std::uint32_t n, const Topic& to = topic(), bool on = true) {
    Rpc rpc;
    rpc.subscriptions.push_back({to, on});
    router.on_rpc(peer(n), rpc, now);
  }
  void join() {
    router.join(topic(), now);
    (void)output();
  }
  void graft(std::uint32_t n, const Topic& on = topic()) {
    Rpc rpc;
    rpc.control.graft.push_back(on);
    router.on_rpc(peer(n), rpc, now);
  }
  void prune(std::uint32_t n, std::optional<std::chrono::seconds> backoff) {
    Rpc rpc;
    rpc.control.prune.push_back({topic(), backoff});
    router.on_rpc(peer(n), rpc, now);
  }
  void ihave(std::uint32_t n, std::vector<MessageId> ids, const Topic& on = topic()) {
    Rpc rpc;
    rpc.control.ihave.push_back({on, std::move(ids)});
    router.on_rpc(peer(n), rpc, now);
  }
  void iwant(std::uint32_t n, std::vector<MessageId> ids) {
    Rpc rpc;
    rpc.control.iwant = std::move(ids);
    router.on_rpc(peer(n), rpc, now);
  }
  std::vector<MessagePtr> bring(std::uint32_t n, const MessagePtr& message) {
    Rpc rpc;
    rpc.messages.push_back(message);
    return router.on_rpc(peer(n), rpc, now);
  }
  void bring_good(std::uint32_t n, const MessagePtr& message) {
    for (const auto& news : bring(n, message)) {
      if (router.signature_held(peer(n), news, now)) router.judged(news, Verdict::accept);
    }
  }
  void beat(int times = 1) {
    for (int i = 0; i < times; ++i) {
      now += 1s;
      router.heartbeat(now);
    }
  }
  std::vector<Send> output() { return router.take_output(); }

  // What was sent to `n`, all control in one.
  Control control_to(std::uint32_t n, const std::vector<Send>& sends) {
    Control all;
    for (const auto& send : sends) {
      const auto* part = std::get_if<Control>(&send.what);
      if (!part || send.to != peer(n)) continue;
      const auto join_up = [](auto& to, const auto& from) {
        to.insert(to.end(), from.begin(), from.end());
      };
      join_up(all.graft, part->graft);
      join_up(all.prune, part->prune);
      join_up(all.ihave, part->ihave);
      join_up(all.iwant, part->iwant);
      join_up(all.idontwant, part->idontwant);
    }
    return all;
  }
  Control control_to(std::uint32_t n) { return control_to(n, output()); }
  std::size_t messages_to(std::uint32_t n, const std::vector<Send>& sends) {
    return static_cast<std::size_t>(std::ranges::count_if(sends, [&](const Send& send) {
      return send.to == peer(n) && std::holds_alternative<MessagePtr>(send.what);
    }));
  }
  bool in_mesh(std::uint32_t n) const {
    const auto mesh = router.mesh(topic());
    return std::ranges::find(mesh, peer(n)) != mesh.end();
  }
  std::size_t mesh_size() const { return router.mesh(topic()).size(); }
  std::vector<MessageId> invented_ids(std::size_t count) {
    std::vector<MessageId> ids;
    for (std::size_t i = 0; i < count; ++i) ids.emplace_back(peer(900), ++invented);
    return ids;
  }

  Instant now{1h};
  Router router;
  std::uint64_t invented = 0;
};

struct SmallRouterTest : RouterTest {  // without flooding, so that mesh and gossip show
  static RouterConfig config() {
    RouterConfig made;
    made.flood_publish = false;
    return made;
  }
  SmallRouterTest() : RouterTest(config()) {}
};

}  // namespace goop::p2p::pubsub::test
