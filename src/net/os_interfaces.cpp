#include "net/os_interfaces.h"

#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bit>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/task_scope.h"
#include "net/limits.h"

namespace goop::net {
namespace {

struct Prefixed {
  IpAddress address;
  unsigned bits = 0;
};

std::optional<Prefixed> read_address(const ifaddrs& entry) {
  if (entry.ifa_addr->sa_family == AF_INET) {
    const auto v4 = [](const sockaddr* raw) {
      return ntohl(reinterpret_cast<const sockaddr_in*>(raw)->sin_addr.s_addr);
    };
    const auto bits = entry.ifa_netmask ? std::popcount(v4(entry.ifa_netmask)) : 32;
    return Prefixed{asio::ip::address_v4(v4(entry.ifa_addr)), static_cast<unsigned>(bits)};
  }
  if (entry.ifa_addr->sa_family == AF_INET6) {
    const auto v6 = [](const sockaddr* raw) {
      asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(raw)->sin6_addr, 16);
      return bytes;
    };
    unsigned bits = 128;
    if (entry.ifa_netmask) {
      bits = 0;
      for (const auto byte : v6(entry.ifa_netmask)) bits += std::popcount(byte);
    }
    return Prefixed{asio::ip::address_v6(v6(entry.ifa_addr)), bits};
  }
  return std::nullopt;
}

std::unexpected<Error> untold(int error) {
  const boost::system::error_code code(error, boost::system::system_category());
  auto told = error_of(std::make_exception_ptr(boost::system::system_error(code)));
  told.detail = "cannot list the interfaces: " + told.detail;
  return std::unexpected(std::move(told));
}

class NetlinkWatch final : public InterfaceWatch {
 public:
  explicit NetlinkWatch(Runtime& runtime) : runtime_(runtime), kernel_(runtime.loop()) {
    const int handle = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (handle < 0) return;
    boost::system::error_code refused;
    kernel_.assign(handle, refused);
    if (refused) {
      ::close(handle);
      return;
    }
    sockaddr_nl groups{};
    groups.nl_family = AF_NETLINK;
    groups.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (::bind(handle, reinterpret_cast<const sockaddr*>(&groups), sizeof groups) != 0)
      kernel_.close(refused);
  }

  Task<> changed(Deadline by) override {
    if (!kernel_.is_open()) {
      co_await runtime_.sleep_until(
          by.sooner(Deadline::after(runtime_.now(), limits::interface_look)));
      co_return;
    }
    auto waiting = with_deadline(runtime_, by, "a change of interfaces", news());
    const auto outcome = co_await attempt(std::move(waiting));
    if (!outcome && outcome.error().code != Errc::timeout) throw Failure(outcome.error());
    read_all();
  }

 private:
  Task<> news() {
    using asio::posix::stream_descriptor;
    co_await kernel_.async_wait(stream_descriptor::wait_read, asio::use_awaitable);
  }

  // What changed does not matter: whoever waits compares. Lost messages (ENOBUFS) are one too.
  void read_all() {
    std::array<std::uint8_t, 8192> ignored;
    while (::recv(kernel_.native_handle(), ignored.data(), ignored.size(), 0) > 0) {
    }
  }

  Runtime& runtime_;
  asio::posix::stream_descriptor kernel_;
};

}  // namespace

Result<std::vector<Interface>> os_interfaces() {
  std::vector<Interface> found;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return untold(errno);
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, ::freeifaddrs);
  for (auto* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP)) continue;
    const auto at = read_address(*entry);
    if (!at) continue;
    const unsigned index = ::if_nametoindex(entry->ifa_name);
    if (index == 0 && errno == ENODEV) continue;  // gone meanwhile
    if (index == 0) return untold(errno);
    found.push_back({.name = entry->ifa_name,
                     .address = at->address,
                     .loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0,
                     .multicast = (entry->ifa_flags & IFF_MULTICAST) != 0,
                     .index = index,
                     .prefix_bits = at->bits,
                     .running = (entry->ifa_flags & IFF_RUNNING) != 0});
  }
  return found;
}

std::unique_ptr<InterfaceWatch> watch_os_interfaces(Runtime& runtime) {
  return std::make_unique<NetlinkWatch>(runtime);
}

}  // namespace goop::net
