// Under which URLs a server is found: the one that its operator names, else by address.
#pragma once

#include "rendezvous/server.h"

namespace goop::rendezvous {

std::string own_url(const Options& options, std::uint16_t port);

// What others may be told to use. Bound to all addresses: one for each of this machine that others
// can reach.
std::vector<std::string> own_urls(const Options& options, std::uint16_t port,
                                  net::Network& network);

}  // namespace goop::rendezvous
