#include "peer/site/link_pool.h"

#include <algorithm>
#include <utility>

#include "peer/site/limits.h"

namespace goop::peer::site {

LinkPool::Loan::Loan(LinkPool& pool, p2p::PeerId owner) : pool_(&pool), owner_(owner) {
  ++pool.loans_[owner];
}

LinkPool::Loan::Loan(Loan&& other) noexcept
    : link(std::move(other.link)),
      pool_(std::exchange(other.pool_, nullptr)),
      owner_(other.owner_) {}

LinkPool::Loan::~Loan() {
  if (pool_) pool_->count_down(owner_);
}

void LinkPool::Loan::give_back() {
  if (link.version == SiteLink::Version::v2) {
    pool_->keep(owner_, std::move(link));
  } else {
    link.close(*link.io);  // 1.0.0 carries one request
  }
  link.io.reset();
  std::exchange(pool_, nullptr)->count_down(owner_);
}

LinkPool::LinkPool(Runtime& runtime)
    : runtime_(runtime), returned_(runtime), stale_(runtime.timers(), [this] { end_stale(); }) {}

Task<LinkPool::Loan> LinkPool::take(p2p::PeerId owner, From from, Deadline by) {
  for (;;) {
    const auto found = loans_.find(owner);
    if (found == loans_.end() || found->second < limits::fetches_per_peer) break;
    co_await returned_.wait(by, "an earlier request to the same peer");
  }
  Loan loan(*this, owner);
  if (from == From::idle_or_fresh) {
    // The newest is the likeliest to live.
    const auto newest = std::find_if(idle_.rbegin(), idle_.rend(),
                                     [&](const Idle& idle) { return idle.owner == owner; });
    if (newest != idle_.rend()) {
      loan.link = std::move(newest->link);
      idle_.erase(std::next(newest).base());
    }
  }
  co_return loan;
}

void LinkPool::keep(const p2p::PeerId& owner, SiteLink link) {
  idle_.push_back({owner, std::move(link), runtime_.now() + limits::fetch_idle});
  const auto of_owner = [&](const Idle& idle) { return idle.owner == owner; };
  const auto own = static_cast<std::size_t>(std::ranges::count_if(idle_, of_owner));
  if (own > limits::idle_streams_per_peer) {
    end(std::ranges::find_if(idle_, of_owner));
  } else if (idle_.size() > limits::idle_streams_total) {
    end(idle_.begin());
  }
  if (!stale_.armed()) stale_.arm(idle_.front().until);
}

void LinkPool::forget(const p2p::PeerId& owner) {
  for (auto idle = idle_.begin(); idle != idle_.end();) {
    const auto next = std::next(idle);
    if (idle->owner == owner) end(idle);
    idle = next;
  }
}

void LinkPool::forget_all() {
  while (!idle_.empty()) end(idle_.begin());
  stale_.disarm();
}

void LinkPool::end(std::list<Idle>::iterator idle) {
  SiteLink link = std::move(idle->link);
  idle_.erase(idle);
  link.close(*link.io);
}

void LinkPool::end_stale() {
  while (!idle_.empty() && idle_.front().until <= runtime_.now()) end(idle_.begin());
  if (!idle_.empty()) stale_.arm(idle_.front().until);
}

void LinkPool::count_down(const p2p::PeerId& owner) {
  if (const auto found = loans_.find(owner); --found->second == 0) loans_.erase(found);
  returned_.notify_all();
}

}  // namespace goop::peer::site
