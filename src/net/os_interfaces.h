// The interfaces of this machine, and the kernel's word that they have changed.
#pragma once

#include "net/network.h"

namespace goop::net {

std::vector<Interface> os_interfaces();

// Listens to the kernel (netlink); where that is forbidden, changed() waits for its deadline only.
std::unique_ptr<InterfaceWatch> watch_os_interfaces(Runtime& runtime);

}  // namespace goop::net
