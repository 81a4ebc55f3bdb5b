#include "net/os_datagram.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "net/limits.h"

namespace goop::net {
namespace {

using asio::ip::udp;
using ErrorCode = boost::system::error_code;

template <int level, int name>
using Switch = asio::detail::socket_option::boolean<level, name>;
template <int level, int name>
using Number = asio::detail::socket_option::integer<level, name>;

ErrorCode last_error() { return {errno, boost::system::system_category()}; }

Error as_error(const ErrorCode& code, std::string what) {
  if (code.value() == EAFNOSUPPORT || code.value() == EADDRNOTAVAIL)
    return {Errc::unsupported, fmt::format("{}: {}", what, code.message())};
  auto error = error_of(std::make_exception_ptr(boost::system::system_error(code)));
  error.detail = fmt::format("{}: {}", what, error.detail);
  return error;
}

// Where the control messages of one datagram are built and read.
union Control {
  std::uint8_t bytes[CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(in_pktinfo))];
  cmsghdr aligned;
};

template <class Info>
void add_control(msghdr& message, Control& control, int level, int type, const Info& info) {
  message.msg_control = control.bytes;
  message.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(header), &info, sizeof info);
}

template <class Info>
Info read_control(const cmsghdr* header) {
  Info info;
  std::memcpy(&info, CMSG_DATA(header), sizeof info);
  return info;
}

unsigned interface_of(msghdr& message) {
  for (auto* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO)
      return static_cast<unsigned>(read_control<in_pktinfo>(header).ipi_ifindex);
    if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO)
      return read_control<in6_pktinfo>(header).ipi6_ifindex;
  }
  return 0;
}

class UdpSocket final : public DatagramSocket {
 public:
  explicit UdpSocket(udp::socket socket) : socket_(std::move(socket)) {
    ErrorCode ignored;
    const auto at = socket_.local_endpoint(ignored);
    local_ = {at.address(), at.port()};
  }

  Task<Arrival> receive(MutBytes into) override {
    for (;;) {
      if (auto arrival = receive_now(into)) co_return *arrival;
      co_await readable();
    }
  }

  Result<void> send(Endpoint to, Route by, BytesView bytes) override {
    const auto target = target_of(to, by.interface);
    iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_name = const_cast<sockaddr*>(target.data());
    message.msg_namelen = static_cast<socklen_t>(target.size());
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    Control control{};
    if (to.address.is_v4()) {
      in_pktinfo info{};
      info.ipi_ifindex = static_cast<int>(by.interface);
      if (by.source.is_v4()) info.ipi_spec_dst.s_addr = htonl(by.source.to_v4().to_uint());
      add_control(message, control, IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info{};
      info.ipi6_ifindex = by.interface;
      if (by.source.is_v6()) {
        const auto source = by.source.to_v6().to_bytes();
        std::memcpy(&info.ipi6_addr, source.data(), source.size());
      }
      add_control(message, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
    if (::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return {};
    const auto code = last_error();
    const bool full = code.value() == EAGAIN || code.value() == ENOBUFS;
    return fail(full ? Errc::busy : Errc::unreachable, "send to {}: {}", to, code.message());
  }

  Result<void> join(IpAddress group, unsigned interface) override {
    ErrorCode code;
    membership(group, interface, code);
    if (code && code != asio::error::address_in_use)  // that one says that we are in already
      return std::unexpected(as_error(code, fmt::format("join {}", group.to_string())));
    return {};
  }

  void leave(IpAddress group, unsigned interface) noexcept override {
    group_req request = request_for(group, interface);
    ::setsockopt(socket_.native_handle(), group.is_v4() ? IPPROTO_IP : IPPROTO_IPV6,
                 MCAST_LEAVE_GROUP, &request, sizeof request);
  }

  Endpoint local() const override { return local_; }

  void close() noexcept override {
    closed_ = true;
    ErrorCode ignored;
    socket_.close(ignored);
  }

 private:
  // Nothing: none is there yet.
  std::optional<Arrival> receive_now(MutBytes into) {
    if (closed_) raise(Errc::closed, "socket closed");
    udp::endpoint from;
    iovec part{into.data(), into.size()};
    Control control{};
    msghdr message{};
    message.msg_name = from.data();
    message.msg_namelen = static_cast<socklen_t>(from.capacity());
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control;
    const auto size = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT);
    if (size < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return std::nullopt;
      throw Failure(as_error(last_error(), fmt::format("receive on {}", local_)));
    }
    from.resize(message.msg_namelen);
    return Arrival{.size = static_cast<std::size_t>(size),
                   .cut = (message.msg_flags & MSG_TRUNC) != 0,
                   .from = {from.address(), from.port()},
                   .interface = interface_of(message)};
  }

  Task<> readable() {
    try {
      co_await socket_.async_wait(udp::socket::wait_read, asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      if (closed_) raise(Errc::closed, "socket closed");
      throw;
    }
  }

  static udp::endpoint target_of(const Endpoint& to, unsigned interface) {
    if (to.address.is_v4()) return {to.address, to.port};
    auto address = to.address.to_v6();
    if (address.scope_id() == 0 && (address.is_link_local() || address.is_multicast_link_local()))
      address.scope_id(interface);
    return {address, to.port};
  }

  static group_req request_for(const IpAddress& group, unsigned interface) {
    group_req request{};
    request.gr_interface = interface;
    const udp::endpoint endpoint(group, 0);
    std::memcpy(&request.gr_group, endpoint.data(), endpoint.size());
    return request;
  }

  void membership(const IpAddress& group, unsigned interface, ErrorCode& code) {
    group_req request = request_for(group, interface);
    if (::setsockopt(socket_.native_handle(), group.is_v4() ? IPPROTO_IP : IPPROTO_IPV6,
                     MCAST_JOIN_GROUP, &request, sizeof request) != 0)
      code = last_error();
  }

  udp::socket socket_;
  Endpoint local_;
  bool closed_ = false;
};

void set_v4_options(udp::socket& socket, ErrorCode& code) {
  // Datagrams of groups that only other programs have joined are not ours.
  if (!code) socket.set_option(Switch<IPPROTO_IP, IP_MULTICAST_ALL>(false), code);
  if (!code) socket.set_option(Switch<IPPROTO_IP, IP_PKTINFO>(true), code);
  if (!code) socket.set_option(Number<IPPROTO_IP, IP_TTL>(limits::datagram_hops), code);
  if (!code) socket.set_option(Number<IPPROTO_IP, IP_MULTICAST_TTL>(limits::datagram_hops), code);
  if (!code) socket.set_option(Switch<IPPROTO_IP, IP_MULTICAST_LOOP>(true), code);
}

void set_v6_options(udp::socket& socket, ErrorCode& code) {
  if (!code) socket.set_option(asio::ip::v6_only(true), code);
  if (!code) socket.set_option(Switch<IPPROTO_IPV6, IPV6_MULTICAST_ALL>(false), code);
  if (!code) socket.set_option(Switch<IPPROTO_IPV6, IPV6_RECVPKTINFO>(true), code);
  using Hops = Number<IPPROTO_IPV6, IPV6_UNICAST_HOPS>;
  using GroupHops = Number<IPPROTO_IPV6, IPV6_MULTICAST_HOPS>;
  if (!code) socket.set_option(Hops(limits::datagram_hops), code);
  if (!code) socket.set_option(GroupHops(limits::datagram_hops), code);
  if (!code) socket.set_option(Switch<IPPROTO_IPV6, IPV6_MULTICAST_LOOP>(true), code);
}

}  // namespace

Result<std::unique_ptr<DatagramSocket>> open_os_datagram(Runtime& runtime, const Endpoint& at) {
  const udp::endpoint endpoint(at.address, at.port);
  udp::socket socket(runtime.loop());
  ErrorCode code;
  socket.open(endpoint.protocol(), code);
  // Both: responders of other makers set only one of them, and each kind must find us willing.
  if (!code) socket.set_option(asio::socket_base::reuse_address(true), code);
  if (!code) socket.set_option(Switch<SOL_SOCKET, SO_REUSEPORT>(true), code);
  if (at.address.is_v4()) {
    set_v4_options(socket, code);
  } else {
    set_v6_options(socket, code);
  }
  if (!code) socket.bind(endpoint, code);
  if (code) return std::unexpected(as_error(code, fmt::format("open UDP {}", at)));
  return std::make_unique<UdpSocket>(std::move(socket));
}

}  // namespace goop::net
