// The Network of a real process: sockets of the operating system.
//
// TCP sockets have TCP_NODELAY and keep-alive; closing sends what was written (no SO_LINGER 0),
// abort does not wait. Names are resolved on the worker pool, so a hanging resolver delays nobody.
#pragma once

#include "base/failure_log.h"
#include "net/network.h"

namespace goop::net {

class OsNetwork final : public Network {
 public:
  explicit OsNetwork(Runtime& runtime) : runtime_(runtime) {}

  Result<std::unique_ptr<Listener>> listen(Endpoint at, ListenOptions options) override;
  Task<std::unique_ptr<ByteStream>> connect(Endpoint to, std::optional<Endpoint> from,
                                            Deadline by) override;
  Task<std::vector<IpAddress>> resolve(std::string host, Family family, Deadline by) override;
  Task<std::vector<std::string>> resolve_txt(std::string name, Deadline by) override;
  Result<std::unique_ptr<DatagramSocket>> open_datagram(Endpoint at) override;
  std::vector<Interface> interfaces() override;
  std::unique_ptr<InterfaceWatch> watch_interfaces() override;

 private:
  Runtime& runtime_;
  std::vector<Interface> interfaces_;  // as they were when the system last told them
  FailureLog interface_failures_{"interfaces"};
};

}  // namespace goop::net
