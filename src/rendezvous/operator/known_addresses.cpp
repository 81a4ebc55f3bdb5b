#include "rendezvous/operator/known_addresses.h"

#include <algorithm>

#include "base/log.h"
#include "base/task_scope.h"
#include "rendezvous/operator/limits.h"

namespace goop::rendezvous {
namespace {

using std::chrono::milliseconds;
using store::Connection;

constexpr auto by_time = [](const auto& a, const auto& b) { return a.second < b.second; };

}  // namespace

void create_known_addresses(Connection& connection) {
  connection.script(
      "CREATE TABLE IF NOT EXISTS operator_addresses(address TEXT PRIMARY KEY,"
      " at INTEGER NOT NULL)");
}

Task<> KnownAddresses::load(store::Database& database) {
  auto job = [](Connection& connection) {
    std::unordered_map<net::IpAddress, std::int64_t> list;
    const auto take = [&list](const store::Row& row) {
      boost::system::error_code wrong;
      const auto address = asio::ip::make_address(row.text(0), wrong);
      if (!wrong && list.size() < limits::known_addresses) list.emplace(address, row.integer(1));
    };
    connection.each("SELECT address, at FROM operator_addresses ORDER BY at DESC", take);
    return list;
  };
  list_ = co_await database.run(job);
  database_ = &database;
}

bool KnownAddresses::has(const net::IpAddress& address, WallTime now) const {
  const auto at = list_.find(address);
  return at != list_.end() && to_ms(now) - at->second < milliseconds(limits::known_life).count();
}

std::optional<net::IpAddress> KnownAddresses::oldest() const {
  if (list_.size() < limits::known_addresses) return std::nullopt;
  return std::ranges::min_element(list_, by_time)->first;
}

Task<> KnownAddresses::add(net::IpAddress address, WallTime now) {
  const auto before = list_.find(address);
  const bool is_new = before == list_.end();
  if (!is_new && to_ms(now) - before->second < milliseconds(limits::known_step).count()) co_return;
  const auto gone = is_new ? oldest() : std::nullopt;
  if (gone) list_.erase(*gone);
  list_[address] = to_ms(now);
  if (database_) co_await keep(address, to_ms(now), gone);
}

Task<> KnownAddresses::keep(net::IpAddress address, std::int64_t at,
                            std::optional<net::IpAddress> gone) {
  auto job = [address, at, gone](Connection& connection) {
    connection.run("INSERT OR REPLACE INTO operator_addresses(address, at) VALUES (?,?)",
                   address.to_string(), at);
    if (gone) connection.run("DELETE FROM operator_addresses WHERE address = ?", gone->to_string());
  };
  auto running = database_->run(job);
  const auto done = co_await attempt(std::move(running));
  if (!done) log::error("peer_db.failed", {{"error", done.error()}});
}

}  // namespace goop::rendezvous
