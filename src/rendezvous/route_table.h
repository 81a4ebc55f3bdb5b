// Every route of the server with who may call it, what answers and what it is: the one list that
// dispatch, access and the API description are made from. A route that is not here does not exist.
#pragma once

#include <span>
#include <string_view>

#include "net/http/message.h"

namespace goop::rendezvous {

struct Context;
struct Exchange;

using Handler = Task<net::http::Response> (*)(Context& context, Exchange& exchange);

enum class Access {
  anybody,     // but no other site's page where the route changes something
  presence,    // anybody, but no other site's page: it tells who is here
  admin,       // the operator
  admin_page,  // the same; a browser is led to where it can log in
};

struct Route {
  net::http::Method method;  // HEAD goes with GET
  std::string_view pattern;
  Access access;
  Handler handler;
  std::string_view summary;
  std::string_view answers;  // "200 application/json, 404": for the API description

  // For nobody else.
  bool is_operators() const { return access != Access::anybody && access != Access::presence; }
};

std::span<const Route> route_table();

}  // namespace goop::rendezvous
