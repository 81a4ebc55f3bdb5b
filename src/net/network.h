// The only door to the network: byte streams, listeners, names.
//
// Exactly two implementations: OsNetwork (net/os_network.h) and the simulated one (testing/sim),
// with latency, bandwidth, partitions and virtual time. Everything above takes a Network&.
//
// Thread: loop only.   Errors: Failure (closed, unreachable, timeout, cancelled) from every wait.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/runtime.h"

namespace goop::net {

using IpAddress = asio::ip::address;

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
  bool operator<(const Endpoint& other) const {
    return address != other.address ? address < other.address : port < other.port;
  }
};
std::string to_string(const Endpoint& endpoint);  // "192.0.2.7:4001", "[::1]:4001"

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

  virtual void shutdown_write() noexcept = 0;  // ends our direction after what was written
  virtual void abort() noexcept = 0;           // pending operations end with Failure(closed)

  virtual Endpoint local() const = 0;
  virtual Endpoint remote() const = 0;
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

struct Interface {
  std::string name;
  IpAddress address;
  bool loopback = false;
  bool multicast = false;
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

  virtual std::vector<Interface> interfaces() = 0;  // of interfaces that are up
};

}  // namespace goop::net

template <>
struct fmt::formatter<goop::net::Endpoint> : fmt::formatter<std::string> {
  auto format(const goop::net::Endpoint& endpoint, format_context& context) const {
    return formatter<std::string>::format(to_string(endpoint), context);
  }
};
