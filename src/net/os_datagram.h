// UDP sockets of the operating system, with what a datagram's control messages say about its path.
#pragma once

#include "net/datagram.h"

namespace goop::net {

Result<std::unique_ptr<DatagramSocket>> open_os_datagram(Runtime& runtime, const Endpoint& at);

}  // namespace goop::net
