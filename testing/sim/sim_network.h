// A simulated internet: hosts with addresses, links with latency and bandwidth, connections that
// can be cut, and partitions. All in virtual time and one thread. Local networks with multicast are
// in sim_lan.h.
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
  SimHost(SimInternet& internet, Runtime& runtime, std::vector<net::IpAddress> addresses, Link link)
      : internet_(internet),
        runtime_(runtime),
        addresses_(std::move(addresses)),
        link_(link),
        changed_(runtime) {}

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
  Result<std::unique_ptr<net::DatagramSocket>> open_datagram(net::Endpoint at) override;
  std::vector<net::Interface> interfaces() override;
  std::unique_ptr<net::InterfaceWatch> watch_interfaces() override;

  // What the other end of this host's connections is told of who runs it.
  void set_user(net::PeerUser user) { user_ = user; }

  // Until told otherwise, no datagram socket can be opened here.
  void refuse_datagrams(std::optional<Error> why) { refuse_datagrams_ = std::move(why); }

  bool has(const net::IpAddress& address) const {
    return address.is_loopback() || std::ranges::find(addresses_, address) != addresses_.end();
  }

 private:
  friend class SimInternet;
  friend class SimListener;
  friend class SimStream;
  friend class SimLan;
  friend class SimDatagramSocket;
  friend class SimInterfaceWatch;
  struct Attached {
    net::IpAddress address;
    unsigned prefix_bits;
  };
  struct Port {  // an interface on a SimLan
    class SimLan* lan;
    unsigned index;
    std::vector<Attached> addresses;
  };
  const Port* port(unsigned index) const;
  void interfaces_changed();

  SimInternet& internet_;
  Runtime& runtime_;
  std::vector<net::IpAddress> addresses_;
  Link link_;
  std::map<net::Endpoint, class SimListener*> listeners_;
  std::uint16_t next_port_ = 40000;
  net::PeerUser user_;

  std::vector<Port> ports_;
  unsigned next_interface_ = 2;
  std::vector<class SimDatagramSocket*> sockets_;
  std::optional<Error> refuse_datagrams_;
  std::uint64_t changes_ = 0;  // of the interfaces
  Signal changed_;
};

class SimInternet {
 public:
  explicit SimInternet(Runtime& runtime) : runtime_(runtime) {}
  SimInternet(const SimInternet&) = delete;
  ~SimInternet();

  SimHost& add_host(std::string_view address, Link link = {});
  // `clock`: of a machine whose clock may be wrong (sim_clock.h); null: all have the same.
  SimHost& add_host(std::vector<std::string> addresses, Link link = {}, Runtime* clock = nullptr);

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
  friend class SimLan;
  struct Wire;
  friend class SimStream;

  SimHost* host_of(const net::IpAddress& address);
  bool separated(const SimHost& a, const SimHost& b) const;
  void look_again();  // what stalled may go on

  Runtime& runtime_;
  std::vector<std::unique_ptr<SimHost>> hosts_;
  std::map<std::string, std::vector<net::IpAddress>> names_;
  std::map<std::string, std::vector<std::string>> texts_;
  std::set<std::pair<const SimHost*, const SimHost*>> partitions_;
  std::vector<std::weak_ptr<Wire>> wires_;
};

}  // namespace goop::sim
