// A network that leaves all to the one below it: a test overrides the one thing that it changes.
#pragma once

#include "net/network.h"

namespace goop::p2p::test {

class Below : public net::Network {
 public:
  explicit Below(net::Network& below) : below_(below) {}

  Result<std::unique_ptr<net::Listener>> listen(net::Endpoint at,
                                                net::ListenOptions options) override {
    return below_.listen(at, options);
  }
  Task<std::unique_ptr<net::ByteStream>> connect(net::Endpoint to,
                                                 std::optional<net::Endpoint> from,
                                                 Deadline by) override {
    return below_.connect(to, from, by);
  }
  Task<std::vector<net::IpAddress>> resolve(std::string host, net::Family family,
                                            Deadline by) override {
    return below_.resolve(std::move(host), family, by);
  }
  Task<std::vector<std::string>> resolve_txt(std::string name, Deadline by) override {
    return below_.resolve_txt(std::move(name), by);
  }
  Result<std::unique_ptr<net::DatagramSocket>> open_datagram(net::Endpoint at) override {
    return below_.open_datagram(at);
  }
  std::vector<net::Interface> interfaces() override { return below_.interfaces(); }
  std::unique_ptr<net::InterfaceWatch> watch_interfaces() override {
    return below_.watch_interfaces();
  }

 protected:
  net::Network& below_;
};

}  // namespace goop::p2p::test
