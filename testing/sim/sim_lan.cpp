#include "testing/sim/sim_lan.h"

namespace goop::sim {
namespace {

constexpr std::size_t socket_queue = 256;  // datagrams that wait for a reader, as a kernel has room

}  // namespace

class SimDatagramSocket final : public net::DatagramSocket {
 public:
  SimDatagramSocket(SimHost& host, net::Endpoint at)
      : host_(host), at_(at), arrived_(host.runtime_) {
    host_.sockets_.push_back(this);
  }
  ~SimDatagramSocket() override { close(); }

  Task<Arrival> receive(MutBytes into) override {
    Runtime& runtime = host_.runtime_;
    for (;;) {
      if (closed_) raise(Errc::closed, "socket closed");
      const auto first = queue_.begin();
      if (first != queue_.end() && first->first <= runtime.now()) break;
      const Deadline by{first == queue_.end() ? Instant::max() : first->first};
      co_await arrived_.wait_until(by);
    }
    const Waiting packet = std::move(queue_.begin()->second);
    queue_.erase(queue_.begin());
    const auto size = std::min(into.size(), packet.bytes.size());
    std::copy_n(packet.bytes.begin(), size, into.begin());
    co_return Arrival{size, size < packet.bytes.size(), packet.from, packet.interface};
  }

  Result<void> send(net::Endpoint to, Route by, BytesView bytes) override {
    const auto* port = host_.port(by.interface);
    if (!port) return fail(Errc::unreachable, "no interface {}", by.interface);
    const auto own = std::ranges::find_if(port->addresses, [&](const auto& entry) {
      return by.source.is_unspecified() ? entry.address.is_v4() == to.address.is_v4()
                                        : entry.address == by.source;
    });
    if (own == port->addresses.end()) return fail(Errc::unreachable, "no address to leave from");
    port->lan->carry(host_, {own->address, at_.port}, to, bytes);
    return {};
  }

  Result<void> join(net::IpAddress group, unsigned interface) override {
    groups_.insert({group, interface});
    return {};
  }
  void leave(net::IpAddress group, unsigned interface) noexcept override {
    groups_.erase({group, interface});
  }

  net::Endpoint local() const override { return at_; }

  void close() noexcept override {
    closed_ = true;
    std::erase(host_.sockets_, this);
    arrived_.notify_all();
  }

  bool hears(const net::Endpoint& to, unsigned interface) const {
    if (to.port != at_.port || to.address.is_v4() != at_.address.is_v4()) return false;
    return to.address.is_multicast() ? groups_.contains({to.address, interface}) : true;
  }

  void arrive(Instant when, net::Endpoint from, unsigned interface, BytesView bytes) {
    if (queue_.size() >= socket_queue) return;
    queue_.emplace(when, Waiting{from, interface, to_bytes(bytes)});
    arrived_.notify_all();
  }

 private:
  struct Waiting {
    net::Endpoint from;
    unsigned interface;
    Bytes bytes;
  };

  SimHost& host_;
  net::Endpoint at_;
  std::set<std::pair<net::IpAddress, unsigned>> groups_;
  std::multimap<Instant, Waiting> queue_;
  Signal arrived_;
  bool closed_ = false;
};

class SimInterfaceWatch final : public net::InterfaceWatch {
 public:
  explicit SimInterfaceWatch(SimHost& host) : host_(host), seen_(host.changes_) {}

  Task<> changed(Deadline by) override {
    if (seen_ == host_.changes_) co_await host_.changed_.wait_until(by);
    seen_ = host_.changes_;
  }

 private:
  SimHost& host_;
  std::uint64_t seen_;
};

// --- the host's side ---

Result<std::unique_ptr<net::DatagramSocket>> SimHost::open_datagram(net::Endpoint at) {
  if (refuse_datagrams_) return std::unexpected(*refuse_datagrams_);
  return std::make_unique<SimDatagramSocket>(*this, at);
}

std::unique_ptr<net::InterfaceWatch> SimHost::watch_interfaces() {
  return std::make_unique<SimInterfaceWatch>(*this);
}

std::vector<net::Interface> SimHost::interfaces() {
  std::vector<net::Interface> found;
  const auto on_lan = [&](const net::IpAddress& address) {
    return std::ranges::any_of(ports_, [&](const Port& port) {
      return std::ranges::find(port.addresses, address, &Attached::address) != port.addresses.end();
    });
  };
  for (const auto& address : addresses_) {
    if (!on_lan(address)) found.push_back({.name = "sim0", .address = address});
  }
  for (const Port& port : ports_) {
    for (const Attached& own : port.addresses) {
      found.push_back({.name = fmt::format("lan{}", port.index),
                       .address = own.address,
                       .multicast = true,
                       .index = port.index,
                       .prefix_bits = own.prefix_bits});
    }
  }
  return found;
}

const SimHost::Port* SimHost::port(unsigned index) const {
  const auto found = std::ranges::find(ports_, index, &Port::index);
  return found == ports_.end() ? nullptr : &*found;
}

void SimHost::interfaces_changed() {
  ++changes_;
  changed_.notify_all();
  internet_.look_again();
}

// --- the network's side ---

SimLan::~SimLan() {
  while (!members_.empty()) detach(*members_.back());
}

void SimLan::attach(SimHost& host, std::vector<std::string> addresses) {
  SimHost::Port port{.lan = this, .index = host.next_interface_++, .addresses = {}};
  for (const auto& text : addresses) {
    const auto slash = text.find('/');
    port.addresses.push_back(
        {.address = asio::ip::make_address(text.substr(0, slash)),
         .prefix_bits = static_cast<unsigned>(std::stoul(text.substr(slash + 1)))});
    host.addresses_.push_back(port.addresses.back().address);
  }
  host.ports_.push_back(std::move(port));
  members_.push_back(&host);
  host.interfaces_changed();
}

void SimLan::detach(SimHost& host) {
  const auto port = std::ranges::find(host.ports_, this, &SimHost::Port::lan);
  if (port == host.ports_.end()) return;
  for (const auto& own : port->addresses) std::erase(host.addresses_, own.address);
  host.ports_.erase(port);
  std::erase(members_, &host);
  host.interfaces_changed();
}

void SimLan::carry(SimHost& from, net::Endpoint source, net::Endpoint to, BytesView bytes) {
  ++sent_;
  Runtime& runtime = internet_.runtime();
  for (SimHost* member : members_) {
    const auto port = std::ranges::find(member->ports_, this, &SimHost::Port::lan);
    const bool own = member == &from;
    const bool addressed = to.address.is_multicast() ||
                           std::ranges::find(port->addresses, to.address,
                                             &SimHost::Attached::address) != port->addresses.end();
    if (!addressed || internet_.separated(from, *member)) continue;
    if (!own && static_cast<double>(runtime.random_below(1'000'000)) < loss_ * 1e6) continue;
    const auto when =
        runtime.now() + (own ? Duration{} : from.link_.latency + member->link_.latency);
    for (auto* socket : member->sockets_) {
      if (socket->hears(to, port->index)) socket->arrive(when, source, port->index, bytes);
    }
  }
}

}  // namespace goop::sim
