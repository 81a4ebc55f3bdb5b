#include "p2p/discovery/mdns.h"

#include <array>
#include <optional>
#include <set>

#include "base/log.h"
#include "base/supervised.h"
#include "base/task_scope.h"
#include "p2p/discovery/mdns_state.h"

namespace goop::p2p::discovery {
namespace {

constexpr std::array families{net::Family::v4, net::Family::v6};
constexpr std::size_t peer_name_chars = 40;  // others take 32 to 63

std::string random_peer_name(Runtime& runtime) {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string name;
  while (name.size() < peer_name_chars) name += alphabet[runtime.random_below(alphabet.size())];
  return name;
}

std::string_view name_of(net::Family family) { return family == net::Family::v6 ? "IPv6" : "IPv4"; }

net::Endpoint any_address(net::Family family) {
  if (family == net::Family::v6) return {asio::ip::address_v6::any(), mdns_port};
  return {asio::ip::address_v4::any(), mdns_port};
}

}  // namespace

class Mdns::Impl {
 public:
  Impl(Runtime& runtime, net::Network& network, Options options)
      : runtime_(runtime), network_(network), options_(std::move(options)), wake_(runtime) {
    auto names = Names::make(options_.service, random_peer_name(runtime));
    if (!names) {
      log::warn("mdns.off", {{"service", options_.service}, {"cause", names.error()}});
      return;
    }
    const auto chance = [&runtime](std::uint64_t bound) { return runtime.random_below(bound); };
    state_.emplace(*std::move(names), options_.self, chance);
  }

  Task<> run() {
    if (!state_) co_await runtime_.sleep_until(Deadline::never());
    TaskScope tasks(runtime_, "mdns");
    std::exception_ptr thrown;
    try {
      tasks.spawn(supervised(runtime_, "mdns interfaces", [this] { return watch(); }));
      auto speaking = supervised(runtime_, "mdns", [this, &tasks] { return speak(tasks); });
      co_await std::move(speaking);
    } catch (...) {
      thrown = std::current_exception();
    }
    co_await cleaning_up();
    co_await tasks.close();
    std::rethrow_exception(thrown);
  }

  void goodbye() {
    if (!state_) return;
    state_->goodbye();
    move_packets();
  }

  void addresses_changed() {
    if (!state_) return;
    state_->set_addresses(options_.addresses(), runtime_.now());
    move_packets();
    wake_.notify_all();
  }

  void lost(const PeerId& peer) {
    if (!state_) return;
    state_->lost(peer, runtime_.now());
    wake_.notify_all();
  }

  bool is_neighbour(const net::IpAddress& address) const {
    return state_ && std::ranges::any_of(state_->lans(), [&address](const Lan& lan) {
             return lan.neighbours(address);
           });
  }

  Counters counters() const {
    Counters counters = counters_;
    if (!state_) return counters;
    counters.packets_in = state_->counters().received;
    counters.dropped = state_->counters().dropped;
    counters.peers = state_->neighbours().size();
    counters.interfaces = state_->lans().size();
    return counters;
  }

 private:
  // One family's socket; without one, when and how the next try comes.
  struct Line {
    std::shared_ptr<net::DatagramSocket> socket;
    std::set<unsigned> joined;  // interfaces
    Instant retry_at{};
    Duration retry_gap = limits::mdns_retry_first;
    std::string told;  // the cause that was logged last
  };

  Line& line(net::Family family) { return lines_[family == net::Family::v6 ? 1 : 0]; }

  Task<> speak(TaskScope& tasks) {
    for (;;) {
      for (const auto family : families) open(family, tasks);
      if (std::exchange(look_, false)) look();
      state_->on_tick(runtime_.now());
      move_packets();
      auto next = state_->next();
      for (const auto& line : lines_) {
        if (!line.socket) next = std::min(next, line.retry_at);
      }
      const Deadline by{next};
      if (!look_) co_await wake_.wait_until(by);
    }
  }

  // Interfaces come and go in crowds of changes: the first is acted on at once, the rest together.
  Task<> watch() {
    const auto interfaces = network_.watch_interfaces();
    for (;;) {
      co_await interfaces->changed(Deadline::after(runtime_.now(), limits::mdns_look));
      look_ = true;
      wake_.notify_all();
      co_await runtime_.sleep_for(limits::mdns_settle);
    }
  }

  void open(net::Family family, TaskScope& tasks) {
    auto& line = this->line(family);
    if (line.socket || runtime_.now() < line.retry_at) return;
    auto socket = network_.open_datagram(any_address(family));
    if (!socket) {
      failed(family, socket.error());
      return;
    }
    line = Line{.socket = *std::move(socket), .joined = {}, .told = {}};
    tasks.spawn(listen(family, line.socket));
    for (const auto& lan : state_->lans()) unheard_.insert(lan.index);
    look_ = true;
  }

  void failed(net::Family family, const Error& cause) {
    auto& line = this->line(family);
    line.socket.reset();
    line.retry_at = saturating_add(runtime_.now(), line.retry_gap);
    line.retry_gap = std::min(2 * line.retry_gap, limits::mdns_retry_most);
    auto text = to_string(cause);
    if (line.told == text) return;
    log::warn("mdns.unavailable", {{"family", name_of(family)}, {"cause", text}});
    line.told = std::move(text);
  }

  Task<> listen(net::Family family, std::shared_ptr<net::DatagramSocket> socket) {
    auto hearing = hear(*socket);
    const auto outcome = co_await attempt(std::move(hearing));
    if (!outcome) failed(family, outcome.error());
    wake_.notify_all();
  }

  Task<> hear(net::DatagramSocket& socket) {
    Bytes buffer(limits::mdns_packet_bytes_in);
    for (;;) {
      const auto arrival = co_await socket.receive(buffer);
      if (arrival.cut) continue;
      const MdnsState::Arrival from{arrival.interface, arrival.from};
      state_->on_packet(from, BytesView(buffer).first(arrival.size), runtime_.now());
      move_packets();
      wake_.notify_all();
    }
  }

  void look() {
    auto lans = lans_of(network_.interfaces());
    for (const auto family : families) join_groups(family, lans);
    for (const unsigned lan : std::exchange(unheard_, {})) state_->restart(lan, runtime_.now());
    state_->set_addresses(options_.addresses(), runtime_.now());
    state_->set_lans(std::move(lans), runtime_.now());
  }

  void join_groups(net::Family family, std::span<const Lan> lans) {
    auto& line = this->line(family);
    if (!line.socket) return;
    const auto group = mdns_group(family).address;
    std::set<unsigned> there;
    for (const auto& lan : lans) {
      if (!lan.speaks(family)) continue;
      there.insert(lan.index);
      if (const auto joined = line.socket->join(group, lan.index); !joined)
        log::debug("mdns.join_failed", {{"interface", lan.name}, {"cause", joined.error()}});
    }
    for (const unsigned gone : line.joined) {
      if (!there.contains(gone)) line.socket->leave(group, gone);
    }
    line.joined = std::move(there);
  }

  void move_packets() {
    for (const auto& packet : state_->take_packets()) {
      const auto family = packet.to.address.is_v4() ? net::Family::v4 : net::Family::v6;
      auto& socket = line(family).socket;
      if (!socket) continue;
      if (const auto sent = socket->send(packet.to, {packet.lan, {}}, packet.bytes)) {
        ++counters_.packets_out;
      } else {
        ++counters_.send_failures;
        if (sent.error().code == Errc::unreachable) unheard_.insert(packet.lan);
      }
    }
    for (auto& report : state_->take_reports()) {
      ++counters_.reports;
      options_.on_found(report.peer, std::move(report.addresses));
    }
  }

  Runtime& runtime_;
  net::Network& network_;
  Options options_;
  std::optional<MdnsState> state_;
  std::array<Line, families.size()> lines_;
  std::set<unsigned> unheard_;  // interfaces that could not send when they should have
  bool look_ = true;
  Signal wake_;
  Counters counters_;
};

Mdns::Mdns(Runtime& runtime, net::Network& network, Options options)
    : impl_(std::make_unique<Impl>(runtime, network, std::move(options))) {}
Mdns::~Mdns() = default;

Task<> Mdns::run() { return impl_->run(); }

Task<> Mdns::goodbye(Deadline) {
  impl_->goodbye();  // sockets take so little at once, or never
  co_return;
}

void Mdns::addresses_changed() { impl_->addresses_changed(); }

void Mdns::lost(const PeerId& peer) { impl_->lost(peer); }

bool Mdns::is_neighbour(const net::IpAddress& address) const {
  return impl_->is_neighbour(address);
}

Mdns::Counters Mdns::counters() const { return impl_->counters(); }

}  // namespace goop::p2p::discovery
