#include "rendezvous/registration/recipients.h"

#include <algorithm>

#include "rendezvous/registration/limits.h"

namespace goop::rendezvous::registration {
namespace {

using std::chrono::milliseconds;

milliseconds pause_after(std::int64_t mails) {
  const auto last = static_cast<std::int64_t>(limits::mail_pauses.size()) - 1;
  return limits::mail_pauses[static_cast<std::size_t>(
      std::clamp<std::int64_t>(mails - 1, 0, last))];
}

static_assert(limits::mail_pauses.back() <= limits::link_life);

}  // namespace

// A clock that was set back locks nobody out: what lies ahead has not begun.
bool Recipients::may_get_one(const TokenHash& address, WallTime now) const {
  const auto at = all_.find(address);
  if (at == all_.end()) return true;
  const auto passed = to_ms(now) - at->second.last_ms;
  return passed < 0 || passed >= pause_after(at->second.mails).count();
}

bool Recipients::was_asked_by(const TokenHash& address, const net::IpAddress& client) const {
  const auto at = all_.find(address);
  return at != all_.end() && at->second.asked_by == client;
}

const Recipient& Recipients::mailed(const TokenHash& address, const net::IpAddress& client,
                                    WallTime now) {
  auto& recipient = all_.try_emplace(address, Recipient{address}).first->second;
  by_time_.erase({recipient.last_ms, address});
  ++recipient.mails;
  recipient.last_ms = to_ms(now);
  recipient.asked_by = client;
  by_time_.emplace(recipient.last_ms, address);
  return recipient;
}

void Recipients::put(const Recipient& recipient) {
  if (!all_.emplace(recipient.address, recipient).second) return;
  by_time_.emplace(recipient.last_ms, recipient.address);
}

std::vector<TokenHash> Recipients::prune(WallTime now) {
  constexpr auto life = milliseconds(limits::recipient_life).count();
  std::vector<TokenHash> gone;
  while (!by_time_.empty() &&
         (all_.size() > limits::recipients || to_ms(now) - by_time_.begin()->first >= life)) {
    gone.push_back(by_time_.begin()->second);
    all_.erase(gone.back());
    by_time_.erase(by_time_.begin());
  }
  return gone;
}

}  // namespace goop::rendezvous::registration
