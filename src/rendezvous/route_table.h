// Every route of the server with who may call it and what it is: the one list that dispatch,
// access and the API description are made from. A route that is not here does not exist.
#pragma once

#include <span>
#include <string_view>

#include "net/http/message.h"

namespace goop::rendezvous {

enum class RouteId {
  publish,
  events,
  ws,
  health,
  ready,
  metrics,
  peers,
  logs,
  admin,
  admin_login,
  operator_login,
  operator_logout,
  operator_state,
  operator_peers,
  operator_blocked,
  operator_kick,
  operator_block,
  operator_unblock,
  register_form,
  register_ask,
  verify_page,
  verify,
  registrations,
  capabilities,
  openapi,
  relay,
  front,
  manual_front,
  manual,
  asset,
};

enum class Access {
  anybody,     // but no other site's page where the route changes something
  admin,       // the operator
  admin_page,  // the same; a browser is led to where it can log in
};

struct Route {
  RouteId id;
  net::http::Method method;  // HEAD goes with GET
  std::string_view pattern;
  Access access;
  std::string_view summary;
  std::string_view answers;  // "200 application/json, 404": for the API description
};

std::span<const Route> route_table();

}  // namespace goop::rendezvous
