// A simulated internet: hosts with addresses, links with latency and bandwidth, connections that
// can be cut, and partitions. All in virtual time and one thread.
//
//   SimRuntime rt{seed};
//   SimInternet internet(rt);
//   auto& alice = internet.add_host("192.0.2.1");   // alice.network() is her net::Network
//   internet.partition(alice, bob);
//
// Each direction of a connection is a queue: bytes arrive after the latency of both hosts plus the
// time the narrower link needs for them, and a writer waits while too much is under way.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "base/signal.h"
#include "net/network.h"

namespace goop::sim {

class SimInternet;

struct Link {
  Duration latency = 1ms;            // one way, of this host alone
  double bytes_per_second = 1.25e9;  // 10 Gbit/s
};

// One simulated machine and its Network.
class SimHost final : public net::Network {
 public:
  SimHost(SimInternet& internet, std::vector<net::IpAddress> addresses, Link link)
      : internet_(internet), addresses_(std::move(addresses)), link_(link) {}

  const net::IpAddress& address() const { return addresses_.front(); }
  Link& link() { return link_; }

  Result<std::unique_ptr<net::Listener>> listen(net::Endpoint at,
                                                net::ListenOptions options) override;
  Task<std::unique_ptr<net::ByteStream>> connect(net::Endpoint to,
                                                 std::optional<net::Endpoint> from,
                                                 Deadline by) override;
  Task<std::vector<net::IpAddress>> resolve(std::string host, net::Family family,
                                            Deadline by) override;
  Task<std::vector<std::string>> resolve_txt(std::string name, Deadline by) override;
  std::vector<net::Interface> interfaces() override;

 private:
  friend class SimInternet;
  friend class SimListener;
  SimInternet& internet_;
  std::vector<net::IpAddress> addresses_;
  Link link_;
  std::map<net::Endpoint, class SimListener*> listeners_;
  std::uint16_t next_port_ = 40000;
};

class SimInternet {
 public:
  explicit SimInternet(Runtime& runtime) : runtime_(runtime) {}
  SimInternet(const SimInternet&) = delete;
  ~SimInternet();

  SimHost& add_host(std::string_view address, Link link = {});
  SimHost& add_host(std::vector<std::string> addresses, Link link = {});

  // DNS: what resolve and resolve_txt answer.
  void set_name(std::string host, std::vector<net::IpAddress> addresses);
  void set_txt(std::string name, std::vector<std::string> texts);

  // Until healed, nothing passes between the two; existing connections stall, dials time out.
  void partition(SimHost& a, SimHost& b);
  void heal(SimHost& a, SimHost& b);

  // Cuts every connection between the two as if the path had vanished with a reset.
  void cut(SimHost& a, SimHost& b);
  // Cuts each live connection with this probability; returns how many.
  std::size_t cut_some(double probability);

  std::size_t connections() const;
  Runtime& runtime() { return runtime_; }

 private:
  friend class SimHost;
  friend class SimListener;
  struct Wire;
  friend class SimStream;

  SimHost* host_of(const net::IpAddress& address);
  bool separated(const SimHost& a, const SimHost& b) const;

  Runtime& runtime_;
  std::vector<std::unique_ptr<SimHost>> hosts_;
  std::map<std::string, std::vector<net::IpAddress>> names_;
  std::map<std::string, std::vector<std::string>> texts_;
  std::set<std::pair<const SimHost*, const SimHost*>> partitions_;
  std::vector<std::weak_ptr<Wire>> wires_;
};

}  // namespace goop::sim
