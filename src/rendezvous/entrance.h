// Where every request comes in: who it is from, whether it may, and who answers it.
//
//   request ─> route ─> guard (another site's page?) ─> client address ─> operator? ─> handler
//
// Owns: the routes, the guard.   Borrows: Context, Options.   Thread: loop only.
#pragma once

#include "net/http/router.h"
#include "net/http/server.h"
#include "rendezvous/client_address.h"
#include "rendezvous/context.h"
#include "rendezvous/guard.h"

namespace goop::rendezvous {

class Entrance {
 public:
  explicit Entrance(Context& context);

  void trust(Networks proxies) { proxies_ = std::move(proxies); }  // before the first request

  // Whom a connection counts for. That of a trusted proxy counts for the client whose request it
  // brings, and before the first one for itself alone.
  net::http::ClientKey key_of(const net::http::Request& request) const;

  Task<net::http::Response> answer(net::http::Request& request);

 private:
  Task<std::optional<net::http::Response>> refuse_stranger(const Route& route,
                                                           const Exchange& exchange);

  Context& context_;
  Guard guard_;
  Networks proxies_;
  net::http::Router router_;
};

}  // namespace goop::rendezvous
