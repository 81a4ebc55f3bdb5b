#include "peer/presence/announcer.h"

#include "base/label.h"

namespace goop::peer::presence {

using wire::PresenceType;

Announcer::Announcer(Runtime& runtime, const p2p::KeyPair& key, Options options)
    : runtime_(runtime),
      key_(key),
      id_(p2p::PeerId::from_key(key.public_key())),
      options_(std::move(options)),
      woken_(runtime),
      last_ts_(options_.last_ts),
      stored_ts_(options_.last_ts) {}

std::int64_t Announcer::next_ts() const { return std::max(to_ms(runtime_.wall()), last_ts_ + 1); }

void Announcer::announce(PresenceType type) {
  wire::Presence presence;
  // Whoever leaves has nothing else to say.
  if (type != PresenceType::offline) presence = options_.self();
  presence.type = type;
  presence.peer = id_;
  presence.label = clean_label(presence.label, limits::own_label_bytes);
  presence.ts = last_ts_ = next_ts();
  const auto message = wire::sign_presence(key_, std::move(presence));
  last_at_ = runtime_.now();
  said_online_ = type != PresenceType::offline;
  ++announced_;
  options_.gossip(message);
  options_.servers(message);
}

// A number that went out must not be used again, after a crash either. Stored is what the clock
// will say in a while, so that a heartbeat is seldom a write, and restarts do not add up.
Task<> Announcer::reserve() {
  const auto next = next_ts();
  if (next <= stored_ts_) co_return;
  const auto ahead =
      std::max(next + limits::ts_steps, to_ms(runtime_.wall()) + limits::ts_reserve.count());
  auto storing = options_.store_ts(ahead);
  const auto stored = co_await attempt(std::move(storing));
  if (stored) {
    stored_ts_ = ahead;
    storing_.succeeded();
  } else {
    storing_.failed(stored.error(), runtime_.now());
  }
}

Task<> Announcer::run() {
  next_ = runtime_.now();
  for (;;) {
    while (runtime_.now() < next_) {
      const Deadline due{next_};
      co_await woken_.wait_until(due);
    }
    next_ = saturating_add(runtime_.now(), options_.heartbeat);
    co_await reserve();
    if (stopped_) continue;
    if (appears_ == Appear::online) {
      announce(said_online_ ? PresenceType::update : PresenceType::online);
    } else if (said_online_) {
      announce(PresenceType::offline);
    }
  }
}

void Announcer::wake_at(Instant at) {
  // The first one was said before anybody was there to hear it.
  const auto earliest = announced_ <= 1 ? at : saturating_add(last_at_, limits::announce_pause);
  next_ = std::min(next_, std::max(at, earliest));
  woken_.notify_all();
}

void Announcer::changed() { wake_at(runtime_.now()); }

void Announcer::newcomer() { wake_at(saturating_add(runtime_.now(), limits::newcomer_delay)); }

void Announcer::appear(Appear how) {
  if (appears_ == how) return;
  appears_ = how;
  next_ = runtime_.now();  // a person waits for it
  woken_.notify_all();
}

Task<> Announcer::stop(Deadline by) {
  if (stopped_) co_return;
  stopped_ = true;
  if (said_online_) announce(PresenceType::offline);
  co_await options_.flush(by);
  co_await reserve();
}

}  // namespace goop::peer::presence
