// A network whose names never answer, for the swarm's own tests; all else is `below`'s.
#pragma once

#include "base/runtime.h"
#include "net/network.h"

namespace goop::p2p::test {

class MuteNames final : public net::Network {
 public:
  MuteNames(Runtime& runtime, net::Network& below) : runtime_(runtime), below_(below) {}

  Result<std::unique_ptr<net::Listener>> listen(net::Endpoint at,
                                                net::ListenOptions options) override {
    return below_.listen(at, options);
  }
  Task<std::unique_ptr<net::ByteStream>> connect(net::Endpoint to,
                                                 std::optional<net::Endpoint> from,
                                                 Deadline by) override {
    return below_.connect(to, from, by);
  }
  Task<std::vector<net::IpAddress>> resolve(std::string, net::Family, Deadline by) override {
    co_await runtime_.sleep_until(by);
    raise(Errc::timeout, "no answer");
  }
  Task<std::vector<std::string>> resolve_txt(std::string, Deadline by) override {
    co_await runtime_.sleep_until(by);
    raise(Errc::timeout, "no answer");
  }
  Result<std::unique_ptr<net::DatagramSocket>> open_datagram(net::Endpoint at) override {
    return below_.open_datagram(at);
  }
  std::vector<net::Interface> interfaces() override { return below_.interfaces(); }
  std::unique_ptr<net::InterfaceWatch> watch_interfaces() override {
    return below_.watch_interfaces();
  }

 private:
  Runtime& runtime_;
  net::Network& below_;
};

}  // namespace goop::p2p::test
