#include "testing/sim/sim_network.h"

#include <cmath>

namespace goop::sim {
namespace {

constexpr std::size_t least_under_way = 512 * 1024;  // what a writer may have unread by the reader

// Room for what is in flight, as TCP's own windows grow to it.
std::size_t room_under_way(const Link& a, const Link& b) {
  const std::chrono::duration<double> round_trip = 2 * (a.latency + b.latency);
  const double in_flight = std::min(a.bytes_per_second, b.bytes_per_second) * round_trip.count();
  return least_under_way + static_cast<std::size_t>(in_flight);
}

}  // namespace

// Both directions of one connection, shared by its two ends.
struct SimInternet::Wire {
  struct Segment {
    Instant arrives;
    Bytes bytes;  // empty: end of this direction
  };
  struct Pipe {
    Pipe(Runtime& clock, const SimHost& from, const SimHost& to)
        : readable(to.runtime_),
          writable(from.runtime_),
          arrival(clock.timers(), [this] { readable.notify_all(); }) {}
    void changed() {
      readable.notify_all();
      writable.notify_all();
    }
    std::deque<Segment> segments;
    std::size_t queued = 0, offset = 0;
    Instant free_at{};          // when the link has sent what was given to it so far
    bool ended = false;         // the writer is done
    bool unread = false;        // the reader is gone
    Signal readable, writable;  // each on its own machine
    Timer arrival;
  };

  Wire(Runtime& rt, SimHost& dialer, SimHost& listener, net::Endpoint from, net::Endpoint to)
      : runtime(rt),
        hosts{&dialer, &listener},
        ends{from, to},
        at_home{dialer.has(from.address), listener.has(to.address)},
        pipes{Pipe(rt, dialer, listener), Pipe(rt, listener, dialer)} {}

  void cut() {
    broken = true;
    for (auto& pipe : pipes) pipe.changed();
  }
  // The two cannot reach each other, or one of them has another address by now.
  bool stalled() const {
    const auto moved = [this](std::size_t i) {
      return at_home[i] && !hosts[i]->has(ends[i].address);
    };
    return hosts[0]->internet_.separated(*hosts[0], *hosts[1]) || moved(0) || moved(1);
  }

  Runtime& runtime;
  std::array<SimHost*, 2> hosts;
  std::array<net::Endpoint, 2> ends;
  std::array<bool, 2> at_home;  // the host had the address when the connection was made
  Pipe pipes[2];                // pipes[i] carries what end i sends
  bool broken = false;
};

class SimStream final : public net::ByteStream {
 public:
  SimStream(std::shared_ptr<SimInternet::Wire> wire, int end) : wire_(std::move(wire)), end_(end) {}
  ~SimStream() override {
    shutdown_write();
    auto& incoming = wire_->pipes[1 - end_];
    incoming.unread = true;
    incoming.changed();
  }

  Task<std::size_t> read_some(MutBytes into) override {
    auto wire = wire_;
    auto& pipe = wire->pipes[1 - end_];
    for (;;) {
      if (wire->broken && !delivered_end_) raise(Errc::closed, "connection reset");
      if (delivered_end_) co_return 0;
      if (!pipe.segments.empty() && !wire->stalled()) {
        auto& front = pipe.segments.front();
        if (front.arrives <= wire->runtime.now()) {
          if (front.bytes.empty()) {
            delivered_end_ = true;
            co_return 0;
          }
          co_return take(pipe, into);
        }
        pipe.arrival.arm(front.arrives);
      }
      co_await pipe.readable.wait_until(Deadline::never());
    }
  }

  Task<> write(std::span<const BytesView> parts) override {
    auto wire = wire_;
    auto& pipe = wire->pipes[end_];
    const auto room = room_under_way(wire->hosts[0]->link(), wire->hosts[1]->link());
    for (const auto& part : parts) {
      for (BytesView rest = part; !rest.empty();) {
        while (pipe.queued >= room && !wire->broken && !pipe.unread) {
          co_await pipe.writable.wait_until(Deadline::never());
        }
        if (wire->broken || pipe.ended || pipe.unread) raise(Errc::closed, "connection reset");
        const auto piece = rest.first(std::min<std::size_t>(rest.size(), 64 * 1024));
        send(pipe, piece);
        rest = rest.subspan(piece.size());
      }
    }
    if (wire->broken) raise(Errc::closed, "connection reset");
  }

  void shutdown_write() noexcept override {
    auto& pipe = wire_->pipes[end_];
    if (pipe.ended) return;
    pipe.ended = true;
    send(pipe, {});
  }

  void abort() noexcept override { wire_->cut(); }
  net::Endpoint local() const override { return wire_->ends[end_]; }
  net::Endpoint remote() const override { return wire_->ends[1 - end_]; }
  net::PeerUser remote_user() const override { return wire_->hosts[1 - end_]->user_; }

 private:
  void send(SimInternet::Wire::Pipe& pipe, BytesView bytes) {
    const auto now = wire_->runtime.now();
    const auto& a = wire_->hosts[0]->link();
    const auto& b = wire_->hosts[1]->link();
    const double seconds =
        static_cast<double>(bytes.size()) / std::min(a.bytes_per_second, b.bytes_per_second);
    pipe.free_at = std::max(pipe.free_at, now) + Duration(std::llround(seconds * 1e9));
    pipe.segments.push_back({pipe.free_at + a.latency + b.latency, to_bytes(bytes)});
    pipe.queued += bytes.size();
    pipe.changed();
  }

  static std::size_t take(SimInternet::Wire::Pipe& pipe, MutBytes into) {
    auto& front = pipe.segments.front();
    const auto count = std::min(into.size(), front.bytes.size() - pipe.offset);
    std::memcpy(into.data(), front.bytes.data() + pipe.offset, count);
    pipe.offset += count;
    pipe.queued -= count;
    if (pipe.offset == front.bytes.size()) {
      pipe.segments.pop_front();
      pipe.offset = 0;
    }
    pipe.changed();
    return count;
  }

  std::shared_ptr<SimInternet::Wire> wire_;
  int end_;
  bool delivered_end_ = false;
};

class SimListener final : public net::Listener {
 public:
  SimListener(SimHost& host, net::Endpoint at) : host_(&host), at_(at), arrived_(host.runtime_) {}
  ~SimListener() override { close(); }

  Task<std::unique_ptr<net::ByteStream>> accept() override {
    while (waiting_.empty()) {
      if (!host_) raise(Errc::closed, "listener closed");
      co_await arrived_.wait_until(Deadline::never());
    }
    auto stream = std::move(waiting_.front());
    waiting_.pop_front();
    co_return stream;
  }

  net::Endpoint local() const override { return at_; }

  void close() noexcept override {
    if (host_) host_->listeners_.erase(at_);
    host_ = nullptr;
    waiting_.clear();
    arrived_.notify_all();
  }

  void arrive(std::unique_ptr<net::ByteStream> stream) {
    waiting_.push_back(std::move(stream));
    arrived_.notify_one();
  }

 private:
  SimHost* host_;
  net::Endpoint at_;
  std::deque<std::unique_ptr<net::ByteStream>> waiting_;
  Signal arrived_;
};

Result<std::unique_ptr<net::Listener>> SimHost::listen(net::Endpoint at, net::ListenOptions) {
  if (at.port == 0) at.port = next_port_++;
  if (listeners_.contains(at)) return fail(Errc::conflict, "listen on {}: in use", at);
  auto listener = std::make_unique<SimListener>(*this, at);
  listeners_[at] = listener.get();
  return listener;
}

Task<std::unique_ptr<net::ByteStream>> SimHost::connect(net::Endpoint to,
                                                        std::optional<net::Endpoint> from,
                                                        Deadline by) {
  Runtime& runtime = runtime_;
  SimHost* target = nullptr;
  const auto found_target = [&] {
    target = to.address.is_loopback() ? this : internet_.host_of(to.address);
    return target && !internet_.separated(*this, *target);
  };
  // As TCP asks again after 1, 2, 4 … seconds.
  for (Duration pause = 1s; !found_target(); pause *= 2) {
    co_await runtime.sleep_until(by.sooner(Deadline::after(runtime.now(), pause)));
    if (runtime.now() >= by.at) raise(Errc::timeout, "connect to {}", to);
  }
  co_await runtime.sleep_for(2 * (link_.latency + target->link_.latency));
  auto found = target->listeners_.find(to);
  for (const auto& wildcard :
       {net::IpAddress(asio::ip::address_v4::any()), net::IpAddress(asio::ip::address_v6::any())}) {
    if (found == target->listeners_.end() && wildcard.is_v4() == to.address.is_v4()) {
      found = target->listeners_.find({wildcard, to.port});
    }
  }
  if (found == target->listeners_.end()) raise(Errc::unreachable, "connect to {}: refused", to);
  auto own = std::ranges::find_if(addresses_,
                                  [&](const auto& a) { return a.is_v4() == to.address.is_v4(); });
  net::Endpoint local{own == addresses_.end() ? to.address : *own, next_port_++};
  if (from && from->port) local.port = from->port;
  auto wire = std::make_shared<SimInternet::Wire>(internet_.runtime(), *this, *target, local, to);
  std::erase_if(internet_.wires_, [](const auto& weak) { return weak.expired(); });
  internet_.wires_.push_back(wire);
  found->second->arrive(std::make_unique<SimStream>(wire, 1));
  co_return std::make_unique<SimStream>(wire, 0);
}

Task<std::vector<net::IpAddress>> SimHost::resolve(std::string host, net::Family family, Deadline) {
  co_await runtime_.yield();
  std::vector<net::IpAddress> found;
  for (const auto& address : internet_.names_[host]) {
    if (family == net::Family::any || address.is_v4() == (family == net::Family::v4)) {
      found.push_back(address);
    }
  }
  if (found.empty()) raise(Errc::unreachable, "cannot resolve {}", host);
  co_return found;
}

Task<std::vector<std::string>> SimHost::resolve_txt(std::string name, Deadline) {
  co_await runtime_.yield();
  co_return internet_.texts_[name];
}

SimInternet::~SimInternet() = default;

SimHost& SimInternet::add_host(std::string_view address, Link link) {
  return add_host(std::vector{std::string(address)}, link);
}

SimHost& SimInternet::add_host(std::vector<std::string> addresses, Link link, Runtime* clock) {
  std::vector<net::IpAddress> parsed;
  for (const auto& text : addresses) parsed.push_back(asio::ip::make_address(text));
  auto& runtime = clock ? *clock : runtime_;
  hosts_.push_back(std::make_unique<SimHost>(*this, runtime, std::move(parsed), link));
  return *hosts_.back();
}

void SimInternet::set_name(std::string host, std::vector<net::IpAddress> addresses) {
  names_[std::move(host)] = std::move(addresses);
}

void SimInternet::set_txt(std::string name, std::vector<std::string> texts) {
  texts_[std::move(name)] = std::move(texts);
}

void SimInternet::partition(SimHost& a, SimHost& b) { partitions_.insert(std::minmax(&a, &b)); }

void SimInternet::heal(SimHost& a, SimHost& b) {
  partitions_.erase(std::minmax(&a, &b));
  look_again();
}

void SimInternet::look_again() {
  for (auto& weak : wires_) {
    if (auto wire = weak.lock()) {
      for (auto& pipe : wire->pipes) pipe.changed();
    }
  }
}

void SimInternet::cut(SimHost& a, SimHost& b) {
  for (auto& weak : wires_) {
    auto wire = weak.lock();
    if (wire && std::minmax(wire->hosts[0], wire->hosts[1]) == std::minmax(&a, &b)) wire->cut();
  }
}

std::size_t SimInternet::cut_some(double probability) {
  std::size_t count = 0;
  for (auto& weak : wires_) {
    auto wire = weak.lock();
    if (!wire || wire->broken) continue;
    if (static_cast<double>(runtime_.random_below(1'000'000)) < probability * 1e6) {
      wire->cut();
      ++count;
    }
  }
  return count;
}

std::size_t SimInternet::connections() const {
  return static_cast<std::size_t>(std::ranges::count_if(wires_, [](const auto& weak) {
    auto wire = weak.lock();
    return wire && !wire->broken;
  }));
}

SimHost* SimInternet::host_of(const net::IpAddress& address) {
  for (auto& host : hosts_) {
    if (std::ranges::find(host->addresses_, address) != host->addresses_.end()) return host.get();
  }
  return nullptr;
}

bool SimInternet::separated(const SimHost& a, const SimHost& b) const {
  return partitions_.contains({std::min(&a, &b), std::max(&a, &b)});
}

}  // namespace goop::sim
