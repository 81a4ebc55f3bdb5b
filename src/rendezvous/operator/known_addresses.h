// Addresses from which the operator has logged in: whoever asks from one of them goes first.
//
// With a database they survive a restart. An address proves nothing; it only has its place.
//
// Borrows: Database.   Thread: loop only.   Limits: limits::known_addresses, limits::known_life
#pragma once

#include <unordered_map>

#include "net/network.h"
#include "store/database.h"

namespace goop::rendezvous {

class KnownAddresses {
 public:
  // From now on what changes is kept in `database`, and what lies there counts.
  Task<> load(store::Database& database);

  bool has(const net::IpAddress& address, WallTime now) const;
  // When the database fails it is known until the end of the process.
  Task<> add(net::IpAddress address, WallTime now);

  std::size_t size() const { return list_.size(); }

 private:
  std::optional<net::IpAddress> oldest() const;
  Task<> keep(net::IpAddress address, std::int64_t at, std::optional<net::IpAddress> gone);

  std::unordered_map<net::IpAddress, std::int64_t> list_;  // the last login, ms since 1970
  store::Database* database_ = nullptr;
};

// The step of the database's schema that makes the table.
void create_known_addresses(store::Connection& connection);

}  // namespace goop::rendezvous
