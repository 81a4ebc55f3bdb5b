// A Network in front of another one, real or simulated, whose calls fail on demand.
//
//   FaultyNetwork network(host);
//   network.fail({NetworkCall::accept}, EMFILE);        // until healed
//   network.fail({NetworkCall::connect}, ENETDOWN, 2);  // twice
//
// What is under way already goes on; the next call fails. Errors are those that the system's
// network makes of an errno. For system calls below net/ see testing/faults.
//
// Thread: loop only.   Borrows: the other network.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "net/network.h"

namespace goop::sim {

enum class NetworkCall {
  listen,
  accept,
  connect,
  read,
  write,
  resolve,
  open_datagram,
  receive,
  send,
  join,
  watch,
};

class FaultyNetwork final : public net::Network {
 public:
  explicit FaultyNetwork(net::Network& inner);

  void fail(std::vector<NetworkCall> calls, int error,
            std::size_t times = std::numeric_limits<std::size_t>::max());
  void heal();
  std::size_t failed() const;  // calls that were made to fail

  Result<std::unique_ptr<net::Listener>> listen(net::Endpoint at,
                                                net::ListenOptions options) override;
  Task<std::unique_ptr<net::ByteStream>> connect(net::Endpoint to,
                                                 std::optional<net::Endpoint> from,
                                                 Deadline by) override;
  Task<std::vector<net::IpAddress>> resolve(std::string host, net::Family family,
                                            Deadline by) override;
  Task<std::vector<std::string>> resolve_txt(std::string name, Deadline by) override;
  Result<std::unique_ptr<net::DatagramSocket>> open_datagram(net::Endpoint at) override;
  std::vector<net::Interface> interfaces() override { return inner_.interfaces(); }
  std::unique_ptr<net::InterfaceWatch> watch_interfaces() override;

  struct Faults;  // shared with streams and sockets, which may outlive the network

 private:
  net::Network& inner_;
  std::shared_ptr<Faults> faults_;
};

}  // namespace goop::sim
