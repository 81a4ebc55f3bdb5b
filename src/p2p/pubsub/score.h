// How far a neighbour is trusted: two counters of what it did wrong, one of what it did well.
//
// Wrongs weigh as their square, so that an accident is forgiven and a habit is not, and fade with a
// half-life of about a minute. Deliveries only give back a little: nobody earns the right to spam.
// (gossipsub 1.1 has more: per topic P1 to P3b are left out, P6 is the router's cap per address.)
//
// Spec: gossipsub 1.1, "peer scoring", of which P2, P4 and P7.
#pragma once

#include <algorithm>

namespace goop::p2p::pubsub {

namespace scoring {
inline constexpr double gossip_threshold = -10;       // below: no gossip from or to it
inline constexpr double publish_threshold = -50;      // below: own messages are not flooded to it
inline constexpr double graylist_threshold = -80;     // below: nothing it says counts
inline constexpr double opportunistic_threshold = 1;  // a mesh with a lower median gets new blood

inline constexpr double delivery_weight = 0.5, deliveries_most = 10;
inline constexpr double invalid_weight = -10;
inline constexpr double misbehaviour_weight = -10;
// Races between honest peers look like offences: a few at a time are free.
inline constexpr double misbehaviour_free = 5;

inline constexpr double decay = 0.99;       // per heartbeat; half of it is left after 69
inline constexpr double negligible = 0.01;  // then a counter is zero
}  // namespace scoring

class Score {
 public:
  // The first copy of a valid message.
  void delivered() { deliveries_ = std::min(deliveries_ + 1, scoring::deliveries_most); }
  // A message whose signature, form or content is wrong.
  void brought_invalid() { ++invalid_; }
  // GRAFT during back-off, a broken promise, an RPC that breaks the limits.
  void misbehaved() { ++misbehaviour_; }

  void decay();
  double value() const;
  bool blank() const { return deliveries_ == 0 && invalid_ == 0 && misbehaviour_ == 0; }

 private:
  double deliveries_ = 0, invalid_ = 0, misbehaviour_ = 0;
};

}  // namespace goop::p2p::pubsub
