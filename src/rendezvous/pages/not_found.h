// The answer for a path that does not exist: a page for a browser, JSON for a program.
//
// Pure.
#pragma once

#include "rendezvous/context.h"

namespace goop::rendezvous {

net::http::Response not_found_answer(const Context& context, const net::http::Request& request);

}  // namespace goop::rendezvous
