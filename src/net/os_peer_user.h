// Asks the kernel whose the other end of a connected TCP socket is: sock_diag(7), which needs no
// privilege. One question costs some microseconds and never waits.
//
// Thread: any.
#pragma once

#include <optional>
#include <string_view>

#include "net/endpoint.h"
#include "net/peer_user.h"

namespace goop::net {

// `socket` is our own end, `own` and `other` its addresses.
PeerUser ask_peer_user(int socket, const Endpoint& own, const Endpoint& other);

// The number under which the kernel tells all users that our user namespace has no name for; none
// where it has a name for everybody. The contents of /proc/self/uid_map and
// /proc/sys/kernel/overflowuid.
std::optional<std::uint32_t> nameless_uid(std::string_view uid_map, std::string_view overflow);

}  // namespace goop::net
