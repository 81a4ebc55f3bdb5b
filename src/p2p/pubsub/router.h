// GossipSub's decisions: who is in whose mesh, who gets which message, who is believed.
//
// Pure state: RPCs and heartbeats in, what to send out. No clock, stream or signature check: a
// message that comes in is given out to be checked, and what came of it is told. So thousands of
// routers run in one test, in virtual time (pubsub/simulation_test.cpp).
//
//   for (auto& message : router.on_rpc(from, rpc, now)) …check its signature…
//   if (router.signature_held(from, message, now)) router.judged(message, verdict, now);
//   router.heartbeat(now);                       // every second
//   for (auto& send : router.take_output()) …
//
// A neighbour is known from its first stream, either way; we can send to it once ours is open.
// State is made for our own topics only. Of others' topics just their names are kept, up to a cap,
// so that a message can be published to one without joining it.
//
// Where we do more than the specification: no more than half a full mesh shares one address while
// others are to be had; own messages are flooded. Peer exchange is ignored.
//
// Spec:   libp2p gossipsub 1.0, 1.1, 1.2 (docs/dev/protocols/gossipsub.md).
// Thread: any one.   Limits: pubsub/limits.h, RouterConfig, scoring.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "p2p/pubsub/chance.h"
#include "p2p/pubsub/message_cache.h"
#include "p2p/pubsub/pubsub.h"
#include "p2p/pubsub/rpc.h"
#include "p2p/pubsub/score.h"
#include "p2p/pubsub/seen_cache.h"

namespace goop::p2p::pubsub {

enum class Version { floodsub, v1_0, v1_1, v1_2 };

// Their protocols, the best first. What a neighbour understands is what it agreed to when we opened
// our stream to it.
inline const std::array<std::pair<ProtocolId, Version>, 4> versions{{
    {ProtocolId("/meshsub/1.2.0"), Version::v1_2},
    {ProtocolId("/meshsub/1.1.0"), Version::v1_1},
    {ProtocolId("/meshsub/1.0.0"), Version::v1_0},
    {ProtocolId("/floodsub/1.0.0"), Version::floodsub},
}};

// The defaults are go-libp2p-pubsub's.
struct RouterConfig {
  std::size_t degree = 6, degree_low = 5, degree_high = 12, degree_score = 4, degree_out = 2;
  std::size_t degree_lazy = 6;
  double gossip_factor = 0.25;
  std::size_t history = 5, gossip_history = 3;  // heartbeats
  std::size_t per_place = 6;                    // of a mesh, at one address; half of degree_high
  Duration fanout_life = 60s;
  std::chrono::seconds prune_backoff = 60s, leave_backoff = 10s;
  Duration backoff_slack = 2s, graft_flood = 10s;
  Duration promise_time = 3s;
  std::uint64_t opportunistic_ticks = 60;
  std::size_t opportunistic_peers = 2;
  std::size_t idontwant_bytes = 1024;  // of a message, from which on it is announced
  std::uint64_t idontwant_life = 3;    // heartbeats
  bool flood_publish = true;
  std::vector<PeerId> direct;
};

// Something for a neighbour. Control is split: what shapes the mesh must arrive, gossip may not.
struct Send {
  enum class Kind { subscriptions, mesh, message, gossip };
  PeerId to;
  Kind kind;
  std::variant<std::vector<Subscription>, MessagePtr, Control> what;
};

class Router {
 public:
  Router(PeerId self, RouterConfig config, std::uint64_t seed);

  // --- neighbours ---
  struct Neighbour {
    std::string place;  // its address, for the cap per address; empty: not counted
    Direction direction = Direction::outbound;  // who dialled the connection
  };
  void add_peer(const PeerId& peer, Neighbour neighbour);
  void can_send(const PeerId& peer, Version version, Instant now);  // our stream is open: say hello
  void cannot_send(const PeerId& peer);
  void forget_subscriptions(const PeerId& peer);  // its stream ended; the next says all again
  void say_hello(const PeerId& peer);             // our subscriptions, once more
  void remove_peer(const PeerId& peer, Instant now);

  // --- our topics and messages ---
  void join(const Topic& topic, Instant now);
  void leave(const Topic& topic, Instant now);
  bool may_add_topic(const Topic& topic) const;  // limits::own_topics
  void publish(const MessagePtr& message, Instant now);

  // --- what comes in ---
  // The messages that are news to us.
  std::vector<MessagePtr> on_rpc(const PeerId& from, const Rpc& rpc, Instant now);
  void on_bad_rpc(const PeerId& from);  // it breaks the limits or is no RPC
  // True: it is the first copy that holds; now judge it.
  bool signature_held(const PeerId& from, const MessagePtr& message, Instant now);
  void signature_failed(const MessagePtr& message, const PeerId& from);
  void check_dropped(const MessagePtr& message);
  void judged(const MessagePtr& message, Verdict verdict);

  void heartbeat(Instant now);
  std::vector<Send> take_output();

  // --- to look at ---
  std::vector<PeerId> subscribers(const Topic& topic) const;
  std::vector<PeerId> mesh(const Topic& topic) const;
  std::vector<PeerId> fanout(const Topic& topic) const;
  double score(const PeerId& peer) const;
  bool graylisted(const PeerId& peer) const;
  std::size_t foreign_subscriptions() const { return foreign_total_; }
  std::size_t topics() const { return topics_.size(); }
  std::size_t backoffs(const Topic& topic) const;
  std::size_t promises() const { return promises_.size(); }
  std::size_t seen() const { return seen_.size(); }
  std::size_t kept_scores() const { return kept_.size(); }
  const PubSub::Counters& counters() const { return counters_; }

 private:
  struct Peer {
    PeerId id;
    Neighbour neighbour;
    bool direct = false;
    std::optional<Version> version;  // set while we can send
    Score score;
    std::set<Topic> foreign;  // its topics that are none of ours
    std::size_t promises = 0;
    // Since the last heartbeat:
    std::size_t ihaves = 0, asked = 0, answered_bytes = 0, idontwants = 0;
    std::unordered_map<MessageId, std::uint64_t, MessageIdHash> unwanted;  // until which tick
    Control pending;
    bool dirty = false;  // has pending control

    bool gossips() const { return version && *version != Version::floodsub; }
  };
  using Peers = std::vector<Peer*>;

  struct TopicState {
    bool joined = false;  // else we only publish to it, and `mesh` is its fanout
    Peers subscribers, mesh;
    Instant published{};
  };

  struct Checking {
    MessagePtr message;
    std::vector<PeerId> brought_by;
  };
  struct Promise {
    PeerId peer;
    Instant until;
  };
  struct Kept {
    Score score;
    Instant left;
  };

  // router.cpp
  Peer* find(const PeerId& peer);
  const Peer* find(const PeerId& peer) const;
  TopicState* joined(const Topic& topic);
  TopicState& own_topic(const Topic& topic);
  void release_topic(const Topic& topic);
  void drop_from_topics(Peer& peer);
  void on_subscription(Peer& peer, const Subscription& subscription, Instant now);
  void note_foreign(Peer& peer, const Subscription& subscription);
  void forward(const MessagePtr& message, TopicState& topic, const std::vector<PeerId>& not_to);
  void send_message(Peer& peer, const MessagePtr& message);
  Control& control_for(Peer& peer);
  void emit_control(Peer& peer);

  // router_control.cpp
  void on_graft(Peer& peer, const Topic& topic, Instant now);
  void on_prune(Peer& peer, const Prune& prune, Instant now);
  void on_ihave(Peer& peer, const std::vector<Have>& haves, Instant now);
  void on_iwant(Peer& peer, const std::vector<MessageId>& ids);
  void on_idontwant(Peer& peer, const std::vector<MessageId>& ids);
  void promise(Peer& peer, const MessageId& id, Instant now);
  void keep_promise(const MessageId& id);
  void penalise(Peer& peer);
  void announce_unwanted(const MessagePtr& message, const TopicState& topic, const Peer& from);

  // router_mesh.cpp
  bool may_graft(const Topic& topic, const TopicState& state, const Peer& peer, Instant now) const;
  bool place_is_full(const Topic& topic, const TopicState& state, const Peer& peer,
                     Instant now) const;
  std::size_t at_place(const TopicState& state, const std::string& place) const;
  Peers candidates(const Topic& topic, const TopicState& state, Instant now);
  void graft(const Topic& topic, TopicState& state, Peer& peer);
  void graft_early(const Topic& topic, TopicState& state, Peer& peer, Instant now);
  void graft_up_to(const Topic& topic, TopicState& state, std::size_t size, Instant now);
  void prune(const Topic& topic, TopicState& state, Peer& peer, std::chrono::seconds backoff,
             Instant now);
  void send_prune(Peer& peer, const Topic& topic, std::chrono::seconds backoff);
  void back_off(const Topic& topic, const PeerId& peer, Duration span, Instant now);
  std::optional<Instant> backoff_of(const Topic& topic, const PeerId& peer) const;
  void maintain_mesh(const Topic& topic, TopicState& state, Instant now);
  void thin_out_places(const Topic& topic, TopicState& state, Instant now);
  void shrink_mesh(const Topic& topic, TopicState& state, Instant now);
  void graft_dialled(const Topic& topic, TopicState& state, Instant now);
  void graft_better(const Topic& topic, TopicState& state, Instant now);
  void maintain_fanout(TopicState& state);
  void fill_fanout(TopicState& state);
  void gossip(const Topic& topic, const TopicState& state);
  void expire(Instant now);

  template <class Gone>
  void drop_promises(Gone gone) {
    for (auto entry = promises_.begin(); entry != promises_.end();) {
      std::erase_if(entry->second, gone);
      entry = entry->second.empty() ? promises_.erase(entry) : std::next(entry);
    }
  }

  template <class T>
  void shuffle(std::vector<T>& all) {
    std::shuffle(all.begin(), all.end(), chance_);
  }

  PeerId self_;
  RouterConfig config_;
  Chance chance_;
  std::uint64_t hash_key_;
  std::uint64_t tick_ = 0;
  std::unordered_map<PeerId, Peer> peers_;  // nodes stay where they are
  std::unordered_map<Topic, TopicState> topics_;
  std::unordered_map<Topic, std::unordered_map<PeerId, Instant>> backoffs_;  // of topics we had
  std::size_t foreign_total_ = 0;
  SeenCache seen_;
  MessageCache cache_;
  std::unordered_map<MessageId, Checking, MessageIdHash> checking_;
  std::unordered_map<MessageId, std::vector<Promise>, MessageIdHash> promises_;
  std::unordered_map<PeerId, Kept> kept_;
  std::vector<Send> output_;
  Peers dirty_;
  PubSub::Counters counters_;
};

}  // namespace goop::p2p::pubsub
