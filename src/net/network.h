// The only door to the network: byte streams, listeners, datagrams, names, interfaces.
//
// Exactly two implementations: OsNetwork (net/os_network.h) and the simulated one (testing/sim),
// with latency, bandwidth, partitions and virtual time. Everything above takes a Network&.
//
// Thread: loop only.   Errors: Failure (closed, unreachable, timeout, cancelled) from every wait.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/runtime.h"
#include "net/datagram.h"
#include "net/endpoint.h"
#include "net/peer_user.h"

namespace goop::net {

// An ordered, reliable pipe of bytes. One reader and one writer at a time.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;  // aborts; no operation may be pending

  // Waits for at least one byte; 0 means that the other side ended its direction.
  virtual Task<std::size_t> read_some(MutBytes into) = 0;

  // Writes all parts in order. After a Failure it is unknown how much went out.
  virtual Task<> write(std::span<const BytesView> parts) = 0;

  // Writes from the front of the parts what goes out without waiting, and says how many bytes that
  // was; not while a write is pending. 0 also where a stream cannot do it, or is broken: then
  // write() waits, or says so.
  virtual std::size_t try_write(std::span<const BytesView>) noexcept { return 0; }

  virtual void shutdown_write() noexcept = 0;  // ends our direction after what was written
  virtual void abort() noexcept = 0;           // pending operations end with Failure(closed)

  virtual Endpoint local() const = 0;
  virtual Endpoint remote() const = 0;

  // Whose program is at the other end, if it is on this machine; asked anew each time.
  virtual PeerUser remote_user() const { return {}; }
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual Task<std::unique_ptr<ByteStream>> accept() = 0;
  virtual Endpoint local() const = 0;
  virtual void close() noexcept = 0;
};

struct ListenOptions {
  bool reuse_port = false;  // so that dials can leave from the listening port
};

// One address of one interface; an interface with several addresses is several of these.
struct Interface {
  std::string name;
  IpAddress address;
  bool loopback = false;
  bool multicast = false;
  unsigned index = 0;        // the system's number of the interface
  unsigned prefix_bits = 0;  // of the subnet that is attached there
  bool running = true;       // false: the cable is out
};

// Waits for changes of what interfaces() gives. Changes before the first wait count.
class InterfaceWatch {
 public:
  virtual ~InterfaceWatch() = default;
  // Returns when something may have changed, or at the deadline.
  virtual Task<> changed(Deadline by) = 0;
};

enum class Family { any, v4, v6 };

class Network {
 public:
  virtual ~Network() = default;

  // Errors: conflict (the port is taken), forbidden, invalid. IPv6 listeners take IPv6 only, so
  // that both families can share one port number.
  virtual Result<std::unique_ptr<Listener>> listen(Endpoint at, ListenOptions options) = 0;

  // `from`: the local endpoint to leave from; when that is impossible an ephemeral port is used.
  virtual Task<std::unique_ptr<ByteStream>> connect(Endpoint to, std::optional<Endpoint> from,
                                                    Deadline by) = 0;

  // Addresses of a host name; never empty (unreachable instead).
  virtual Task<std::vector<IpAddress>> resolve(std::string host, Family family, Deadline by) = 0;

  // TXT records of a name, each with its strings joined; may be empty.
  virtual Task<std::vector<std::string>> resolve_txt(std::string name, Deadline by) = 0;

  // Errors: conflict (another program has the port for itself), forbidden, invalid, unsupported
  // (no such address family here). IPv6 sockets take IPv6 only.
  virtual Result<std::unique_ptr<DatagramSocket>> open_datagram(Endpoint at) = 0;

  virtual std::vector<Interface> interfaces() = 0;  // of interfaces that are up
  virtual std::unique_ptr<InterfaceWatch> watch_interfaces() = 0;
};

}  // namespace goop::net
