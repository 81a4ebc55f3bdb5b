// The table `registrations` of the server's database. Only registration.cpp uses it.
//
// Its columns are the reference program's; `next_token` and `next_at` are ours. Where that program
// keeps a token in clear, ours keeps `sha256:` and its hash in hex: what it has written is changed
// when the file is opened, and its users' tokens go on holding.
//
// The table `recipients` says who was mailed how often (recipients.h), by the hash of the address.
//
// Thread: pool (as store/sqlite.h).
#pragma once

#include "rendezvous/registration/registry.h"
#include "store/sqlite.h"

namespace goop::rendezvous::registration {

// Steps of the journal's schema.
void create_table(store::Connection& connection);
void create_recipients(store::Connection& connection);

struct Saved {
  std::vector<Row> rows;
  std::vector<Recipient> recipients;
};
Saved load_saved(store::Connection& connection);
void save(store::Connection& connection, const Changes& changes);

}  // namespace goop::rendezvous::registration
