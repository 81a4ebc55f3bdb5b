// What a person reads whose browser sends more cookies than are read (431), and what mends it.
//
// Programs on one host name share its cookies, whatever their ports, so these need not be ours.
// `Clear-Site-Data` makes browsers forget them where the address is trusted: this computer, https.
//
// Pure.
#pragma once

#include "net/http/message.h"

namespace goop::net::http {

void explain_cookies(Response& response);

}  // namespace goop::net::http
