// Many routers, connected by a small network of their own: random latency, virtual time in steps of
// a millisecond, no streams and no signatures. For the router's tests.
#pragma once

#include <cstring>
#include <functional>
#include <map>

#include "p2p/pubsub/router.h"
#include "p2p/swarm/swarm_test_kit.h"

namespace goop::p2p::pubsub::test {

inline Topic topic() { return Topic::parse("goop.presence.v1").value(); }

// A message that nobody checks; `text` is its data.
inline MessagePtr message_of(const PeerId& from, std::uint64_t seqno, std::string_view text,
                             const Topic& about = topic()) {
  SignedMessage made{MessageId(from, seqno), from, about, to_bytes(text), {}};
  made.data = made.wire;
  return std::make_shared<const SignedMessage>(std::move(made));
}

class Net {
 public:
  enum class Role { honest, attacker };

  struct Latency {
    std::chrono::milliseconds least{5}, most{150};
  };
  explicit Net(std::uint64_t seed) : Net(seed, Latency{}) {}
  Net(std::uint64_t seed, Latency latency) : latency_(latency), chance_(seed), now_(1h) {}

  std::size_t add(Role role = Role::honest, std::string place = {}, RouterConfig config = {}) {
    const auto number = nodes_.size();
    const PeerId id = p2p::test::peer(static_cast<std::uint32_t>(number));
    if (place.empty()) place = fmt::format("host {}", number);
    nodes_.push_back(std::make_unique<Node>(Router(id, std::move(config), chance_()), role, place));
    Node& node = *nodes_.back();
    beats_[below(beats_.size())].push_back(number);
    node.router.join(topic(), now_);
    return number;
  }

  PeerId id(std::size_t node) const { return p2p::test::peer(static_cast<std::uint32_t>(node)); }
  Router& router(std::size_t node) { return nodes_[node]->router; }
  bool honest(std::size_t node) const { return nodes_[node]->role == Role::honest; }
  std::size_t size() const { return nodes_.size(); }
  Instant now() const { return now_; }
  std::uint64_t below(std::uint64_t bound) { return chance_() % bound; }

  void connect(std::size_t from, std::size_t to) {
    if (from == to || nodes_[from]->links.contains(to)) return;
    const auto spread = static_cast<std::uint64_t>((latency_.most - latency_.least).count());
    const auto latency = latency_.least + std::chrono::milliseconds(below(spread + 1));
    link(from, to, latency, Direction::outbound);
    link(to, from, latency, Direction::inbound);
    dispatch(from);
    dispatch(to);
  }
  void connect_to_some(std::size_t from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) connect(from, below(size()));
  }
  void disconnect(std::size_t a, std::size_t b) {
    for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}}) {
      nodes_[from]->links.erase(to);
      nodes_[from]->router.remove_peer(id(to), now_);
    }
  }
  // What is sent between the two sides is lost, although they stay connected.
  void separate(std::function<int(std::size_t)> side) { side_ = std::move(side); }

  MessagePtr publish(std::size_t from, std::string_view text = "hello") {
    auto message = message_of(id(from), ++seqno_, text);
    arrived_[message.get()].assign(size(), 0);
    arrived_[message.get()][from] = 1;
    kept_.push_back(message);
    nodes_[from]->router.publish(message, now_);
    dispatch(from);
    return message;
  }

  // How many steps a message took to a node; nothing if it has not come.
  std::optional<std::size_t> hops(const MessagePtr& message, std::size_t node) const {
    const auto& steps = arrived_.at(message.get());
    if (node >= steps.size() || steps[node] == 0) return std::nullopt;
    return steps[node] - 1u;
  }
  // The share of honest nodes, of those that were there, which have it.
  double spread(const MessagePtr& message) const {
    std::size_t there = 0, have = 0;
    const auto& steps = arrived_.at(message.get());
    for (std::size_t node = 0; node < steps.size(); ++node) {
      if (!honest(node)) continue;
      ++there;
      have += steps[node] ? 1 : 0;
    }
    return static_cast<double>(have) / static_cast<double>(there);
  }

  // What attackers do, every second: called with the attacker's number.
  std::function<void(std::size_t)> attack;

  // An RPC of our own making.
  void send(std::size_t from, std::size_t to, Rpc rpc) {
    const auto link = nodes_[from]->links.find(to);
    if (link != nodes_[from]->links.end()) post(from, to, link->second, std::move(rpc));
  }
  std::vector<std::size_t> neighbours(std::size_t node) const {
    std::vector<std::size_t> all;
    for (const auto& [to, latency] : nodes_[node]->links) all.push_back(to);
    std::ranges::sort(all);
    return all;
  }

  void run_for(Duration span) {
    const Instant end = now_ + span;
    for (; now_ < end; now_ += 1ms) {
      auto due = std::exchange(wheel_[slot(now_)], {});
      for (auto& event : due) deliver(event);
      for (const auto node :
           beats_[static_cast<std::size_t>(now_.time_since_epoch() / 1ms) % 1000]) {
        beat(node);
      }
    }
  }

 private:
  static constexpr std::size_t wheel_size = 256;

  struct Node {
    Node(Router made, Role is, std::string at)
        : router(std::move(made)), role(is), place(std::move(at)) {}
    Router router;
    Role role;
    std::string place;
    std::unordered_map<std::size_t, std::chrono::milliseconds> links;
  };
  struct Event {
    std::size_t from, to;
    Rpc rpc;
  };

  static std::size_t slot(Instant at) {
    return static_cast<std::size_t>(at.time_since_epoch() / 1ms) % wheel_size;
  }

  void link(std::size_t from, std::size_t to, std::chrono::milliseconds latency,
            Direction direction) {
    Node& node = *nodes_[from];
    node.links[to] = latency;
    node.router.add_peer(id(to), {nodes_[to]->place, direction});
    node.router.can_send(id(to), Version::v1_2, now_);
  }

  void post(std::size_t from, std::size_t to, std::chrono::milliseconds latency, Rpc rpc) {
    if (side_ && side_(from) != side_(to)) return;
    wheel_[slot(now_ + latency)].push_back({from, to, std::move(rpc)});
  }

  void dispatch(std::size_t from) {
    Node& node = *nodes_[from];
    for (auto& send : node.router.take_output()) {
      // An attacker takes what it gets and says nothing but what `attack` makes it say.
      if (node.role == Role::attacker && send.kind != Send::Kind::subscriptions) continue;
      std::uint32_t to = 0;
      std::memcpy(&to, send.to.bytes().data() + 2, sizeof to);
      const auto link = node.links.find(to);
      if (link == node.links.end()) continue;
      Rpc rpc;
      if (auto* message = std::get_if<MessagePtr>(&send.what)) {
        rpc.messages.push_back(std::move(*message));
      } else if (auto* control = std::get_if<Control>(&send.what)) {
        rpc.control = std::move(*control);
      } else {
        rpc.subscriptions = std::move(std::get<std::vector<Subscription>>(send.what));
      }
      post(from, to, link->second, std::move(rpc));
    }
  }

  void deliver(Event& event) {
    Node& node = *nodes_[event.to];
    if (!node.links.contains(event.from)) return;
    const PeerId from = id(event.from);
    for (const auto& message : node.router.on_rpc(from, event.rpc, now_)) {
      const std::string_view text = as_text(message->data);
      if (text.starts_with("forged")) {
        node.router.signature_failed(message, from);
      } else if (node.router.signature_held(from, message, now_)) {
        const bool good = !text.starts_with("rubbish");
        node.router.judged(message, good ? Verdict::accept : Verdict::reject);
        note_arrival(message, event);
      }
    }
    dispatch(event.to);
  }

  void note_arrival(const MessagePtr& message, const Event& event) {
    const auto found = arrived_.find(message.get());
    if (found == arrived_.end() || event.to >= found->second.size()) return;
    found->second[event.to] = static_cast<std::uint8_t>(found->second[event.from] + 1);
  }

  void beat(std::size_t number) {
    Node& node = *nodes_[number];
    node.router.heartbeat(now_);
    dispatch(number);
    if (node.role == Role::attacker && attack) attack(number);
  }

  Latency latency_;
  Chance chance_;
  Instant now_;
  std::uint64_t seqno_ = 0;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::array<std::vector<Event>, wheel_size> wheel_;
  std::array<std::vector<std::size_t>, 1000> beats_;  // who has its heartbeat in which ms
  std::unordered_map<const SignedMessage*, std::vector<std::uint8_t>> arrived_;  // steps + 1
  std::vector<MessagePtr> kept_;
  std::function<int(std::size_t)> side_;
};

}  // namespace goop::p2p::pubsub::test
