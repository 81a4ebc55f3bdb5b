// Whose program is at the other end of a TCP connection of this machine.
//
// A port of the loopback interface is open to every user of the machine, and nothing that a request
// says tells them apart. The kernel does: it knows who made the socket at the other end.
//
//   user      a connected socket of the user `uid`, as our user namespace names them
//   stranger  the kernel knows nobody whom it could name: the program has hung up (its socket then
//             reads as root's, but without an inode), is on another machine, or belongs to a user
//             for whom our user namespace has no name
//   unknown   the kernel does not answer such questions here, as in some sandboxes
#pragma once

#include <cstdint>

namespace goop::net {

struct PeerUser {
  enum class Kind { user, stranger, unknown };
  Kind kind = Kind::unknown;
  std::uint32_t uid = 0;  // with Kind::user

  bool operator==(const PeerUser&) const = default;
};

}  // namespace goop::net
