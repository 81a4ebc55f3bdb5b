#include "p2p/pubsub/score.h"

namespace goop::p2p::pubsub {

void Score::decay() {
  for (double* counter : {&deliveries_, &invalid_, &misbehaviour_}) {
    *counter *= scoring::decay;
    if (*counter < scoring::negligible) *counter = 0;
  }
}

double Score::value() const {
  const double offences = std::max(0.0, misbehaviour_ - scoring::misbehaviour_free);
  return scoring::delivery_weight * deliveries_ + scoring::invalid_weight * invalid_ * invalid_ +
         scoring::misbehaviour_weight * offences * offences;
}

}  // namespace goop::p2p::pubsub
