// Every route of the viewer with who may call it: the one list that guard and dispatch are made
// from. A route that is not here does not exist, and a route cannot be without a rule.
//
// The columns: on which hosts it answers, who may call it there, what it takes.
#pragma once

#include <span>
#include <string_view>

#include "net/http/message.h"

namespace goop::viewer {

enum class RouteId {
  // the viewer's host
  shell,       // the page that is the viewer, at the path of each of its screens; holds no data
  visit_page,  // asks before a site that somebody else's link leads to
  asset,
  manual,
  login,
  self,
  connections,
  events,
  peers,
  favorite,
  probe,
  profile,
  appearance,
  visit,
  ping,
  status,
  perf,
  own_site,
  open,          // a fresh login link, for the command line
  site_gateway,  // /p/… on the viewer's host: a redirect, or content without rights
  // a site's host
  site_front,  // its bare host: a redirect to the front page
  site_file,
  site_asset,  // style and script of the error pages
  site_self,   // who is visiting, as far as a site may know
  not_built,   // what sites of the reference program ask for, and is not there yet
  // both
  health,
  ready,
  metrics,
};

// Who may call. What each means in headers is in guard.cpp, and told a second time, in other
// words, in guard_test.cpp. Of the users of this computer, `viewer…`, `control` and `site_api` mean
// the owner (LocalUser in guard.h).
enum class Who {
  anybody,       // no secret and no effect: everybody who is not another web page's script
  probe,         // as anybody, and any web page too: says nothing but that it is there
  navigation,    // a page that a person goes to, from anywhere
  viewer_page,   // as navigation, for the owner
  viewer_asset,  // what pages of the viewer are made of
  viewer_login,  // a page of the viewer, without a session yet
  viewer,        // a page of the viewer with a session, or the command line
  control,       // the command line alone
  gateway,       // see RouteId::site_gateway
  site_content,  // the site's own pages, and a person who goes there
  site_api,      // the site's own pages
};

enum class OnHost { viewer, site, both };

struct Route {
  RouteId id;
  OnHost host;
  net::http::Method method;  // HEAD goes with GET
  std::string_view pattern;
  Who who;
};

std::span<const Route> route_table();

}  // namespace goop::viewer
