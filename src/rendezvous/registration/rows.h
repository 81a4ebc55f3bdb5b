// The table `registrations` of the server's database. Only registration.cpp uses it.
//
// Its columns are the reference program's; `next_token` and `next_at` are ours. Where that program
// keeps a token in clear, ours keeps `sha256:` and its hash in hex: what it has written is changed
// when the file is opened, and its users' tokens go on holding.
//
// Thread: pool (as store/sqlite.h).
#pragma once

#include "rendezvous/registration/registry.h"
#include "store/sqlite.h"

namespace goop::rendezvous::registration {

void create_table(store::Connection& connection);  // a step of the journal's schema

std::vector<Row> load_rows(store::Connection& connection);
void save(store::Connection& connection, const Changes& changes);

}  // namespace goop::rendezvous::registration
