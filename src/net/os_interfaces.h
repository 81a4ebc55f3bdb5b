// The interfaces of this machine, and the kernel's word that they have changed.
#pragma once

#include "net/network.h"

namespace goop::net {

// busy, unreachable: the system does not tell them now.
Result<std::vector<Interface>> os_interfaces();

// Listens to the kernel (netlink). Where that is not possible, changed() returns at times
// (limits::interface_look), and whoever waits looks and compares.
std::unique_ptr<InterfaceWatch> watch_os_interfaces(Runtime& runtime);

}  // namespace goop::net
