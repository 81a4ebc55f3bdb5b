#include "rendezvous/registration/registry.h"

#include <algorithm>

namespace goop::rendezvous::registration {
namespace {

using std::chrono::milliseconds;

bool over(std::int64_t since_ms, WallTime now) {
  return to_ms(now) - since_ms >= milliseconds(limits::link_life).count();
}

}  // namespace

void Registry::enter(const Row& row) {
  by_token_.insert_or_assign(row.token, row.email);
  if (row.next) by_token_.insert_or_assign(row.next->token, row.email);
  if (!row.verified()) unverified_.emplace(row.created_ms, row.email);
}

void Registry::leave(const Row& row) {
  by_token_.erase(row.token);
  if (row.next) by_token_.erase(row.next->token);
  if (!row.verified()) unverified_.erase({row.created_ms, row.email});
}

void Registry::put(Row row) {
  auto& place = rows_[row.email];
  if (!place.email.empty()) leave(place);
  place = std::move(row);
  enter(place);
}

std::string Registry::drop_oldest() {
  auto email = unverified_.begin()->second;
  const auto at = rows_.find(email);
  leave(at->second);
  rows_.erase(at);
  return email;
}

Result<Registry::Asked> Registry::ask(const net::mail::Address& email, const TokenHash& token,
                                      const net::IpAddress& client, WallTime now) {
  Asked asked;
  const auto at = rows_.find(email.text());
  const auto* known = at == rows_.end() ? nullptr : &at->second;
  const auto recipient = hash_of(email.text());
  if (!recipients_.may_get_one(recipient, now)) {
    asked.by_same = recipients_.was_asked_by(recipient, client);
    return asked;
  }
  if (!known) {
    const bool no_room = rows_.size() >= limits::rows || unverified() >= limits::unverified;
    if (no_room && unverified_.empty()) return fail(Errc::busy, "no room for more registrations");
    if (no_room) asked.changes.gone.push_back(drop_oldest());
  }
  Row row = known ? *known : Row{.email = email.text()};
  row.asked_by = client;
  if (row.verified()) {
    row.next = Row::Link{token, to_ms(now)};
  } else {
    row.token = token;
    row.created_ms = to_ms(now);
  }
  asked.mail = true;
  asked.changes.put.push_back(row);
  asked.changes.mailed.push_back(recipients_.mailed(recipient, client, now));
  asked.changes.silent = recipients_.prune(now);
  put(std::move(row));
  return asked;
}

Registry::Link Registry::look(const TokenHash& token, WallTime now) const {
  const auto at = by_token_.find(token);
  if (at == by_token_.end()) return {};
  const auto& row = rows_.at(at->second);
  const bool is_next = row.next && row.next->token == token;
  if (row.verified() && !is_next) return {Standing::done, row.email};
  if (over(is_next ? row.next->at_ms : row.created_ms, now)) return {};
  return {Standing::open, row.email};
}

std::optional<Row> Registry::confirmed(const TokenHash& token, WallTime now) const {
  const auto link = look(token, now);
  if (link.standing == Standing::unknown) return std::nullopt;
  auto row = rows_.at(link.email);
  if (link.standing == Standing::done) return row;
  row.token = token;
  row.verified_ms = to_ms(now);
  row.next.reset();
  row.asked_by.reset();
  return row;
}

bool Registry::holds(std::string_view email, std::string_view token) const {
  if (email.empty() || token.empty()) return false;
  const auto address = net::mail::Address::parse(email);
  if (!address) return false;
  const auto at = rows_.find(address->text());
  if (at == rows_.end() || !at->second.verified()) return false;
  return equal_constant_time(at->second.token, hash_of(token));
}

Changes Registry::prune(WallTime now) {
  Changes changes;
  while (!unverified_.empty() && over(unverified_.begin()->first, now)) {
    changes.gone.push_back(drop_oldest());
  }
  changes.silent = recipients_.prune(now);
  return changes;
}

const Row* Registry::find(const std::string& email) const {
  const auto at = rows_.find(email);
  return at == rows_.end() ? nullptr : &at->second;
}

std::vector<const Row*> Registry::newest_first() const {
  std::vector<const Row*> list;
  list.reserve(rows_.size());
  for (const auto& [email, row] : rows_) list.push_back(&row);
  std::ranges::sort(list, [](const Row* a, const Row* b) {
    return std::tie(b->created_ms, a->email) < std::tie(a->created_ms, b->email);
  });
  return list;
}

}  // namespace goop::rendezvous::registration
