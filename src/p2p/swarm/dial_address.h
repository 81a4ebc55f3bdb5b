// An address to dial, and how near the one was who named it.
//
// Who names an address decides what it may make us dial: somebody on the internet must not point us
// at our own network or machine (dial amplification, DNS rebinding), nor at a port of a system
// service. The nearness stays with the address until it has been resolved.
//
// Pure.   Limits: limits::told_port_least.
#pragma once

#include "p2p/multi/multiaddr.h"

namespace goop::p2p {

struct DialAddress {
  Multiaddr address;  // without /p2p of the peer itself
  // Where the teller was; `loopback` also for what this machine itself says: a person, a
  // configuration file.
  AddressScope teller = AddressScope::loopback;

  bool operator==(const DialAddress&) const = default;
};

// May somebody at `teller` make us dial an address of scope `target`? Loopback may name all; the
// internet only itself.
bool may_name(AddressScope teller, AddressScope target);

// The same for a whole address: nobody beyond this machine may name a port of a system service.
bool may_name(AddressScope teller, const Multiaddr& target);

// A TCP port of a host that can exist: not unspecified, not multicast, not port 0. Names pass.
bool is_dialable(const Multiaddr& address);

}  // namespace goop::p2p
