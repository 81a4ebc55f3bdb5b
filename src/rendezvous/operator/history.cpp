#include "rendezvous/operator/history.h"

#include "rendezvous/operator/limits.h"

namespace goop::rendezvous {

void History::record(const Figures& figures, Instant now) {
  const auto before = last_;
  last_ = {figures, now};
  if (!before || now <= before->at) return;  // a rate needs two looks
  const auto seconds = std::chrono::duration<double>(now - before->at).count();
  const auto rate = [seconds](std::uint64_t then, std::uint64_t now_total) {
    return static_cast<double>(now_total - then) / seconds;
  };
  samples_.push_back({++number_, figures.peers, figures.streams, figures.sockets,
                      rate(before->figures.published, figures.published),
                      rate(before->figures.refused, figures.refused),
                      rate(before->figures.deliveries, figures.deliveries)});
  if (samples_.size() > limits::samples) samples_.pop_front();
}

std::deque<Sample> History::since(std::uint64_t after) const {
  if (samples_.empty() || after < samples_.front().number) return samples_;
  const auto skipped =
      std::min<std::uint64_t>(after - samples_.front().number + 1, samples_.size());
  return {samples_.begin() + static_cast<std::ptrdiff_t>(skipped), samples_.end()};
}

}  // namespace goop::rendezvous
