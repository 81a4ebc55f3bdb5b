// Datagrams that know their interface: what multicast DNS needs of UDP.
//
// A socket shares its port with other programs (mDNS has one port for all responders of a machine),
// leaves and arrives by a named interface, sends with TTL or hop limit 255 and hears its own
// multicasts, since another program of this machine may be the one they are for.
//
// Thread: loop only.   Errors: Failure from receive; a send that does not work is an answer.
#pragma once

#include <memory>

#include "base/runtime.h"
#include "net/endpoint.h"

namespace goop::net {

class DatagramSocket {
 public:
  DatagramSocket() = default;
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;
  virtual ~DatagramSocket() = default;  // closes; no receive may be pending

  struct Arrival {
    std::size_t size = 0;  // bytes that were written into the buffer
    bool cut = false;      // the datagram was larger than the buffer
    Endpoint from;
    unsigned interface = 0;  // index of the interface that it came in by
  };
  virtual Task<Arrival> receive(MutBytes into) = 0;

  // How a datagram leaves. `source` unspecified: the system chooses among the interface's own.
  struct Route {
    unsigned interface = 0;
    IpAddress source;
  };
  // Never waits. busy: the system's queue is full; unreachable: that interface cannot send now.
  virtual Result<void> send(Endpoint to, Route by, BytesView bytes) = 0;

  // Membership of a multicast group on one interface; joining twice is no error.
  virtual Result<void> join(IpAddress group, unsigned interface) = 0;
  virtual void leave(IpAddress group, unsigned interface) noexcept = 0;

  virtual Endpoint local() const = 0;
  virtual void close() noexcept = 0;  // a pending receive ends with Failure(closed)
};

}  // namespace goop::net
