#include "net/os_network.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <resolv.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <deque>

#include "base/task_scope.h"
#include "net/dns_answer.h"
#include "net/limits.h"
#include "net/os_datagram.h"
#include "net/os_interfaces.h"
#include "net/os_peer_user.h"

namespace goop::net {
namespace {

using asio::ip::tcp;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
using ErrorCode = boost::system::error_code;

Endpoint from_asio(const tcp::endpoint& endpoint) { return {endpoint.address(), endpoint.port()}; }

tcp::endpoint to_asio(const Endpoint& endpoint) { return {endpoint.address, endpoint.port}; }

Error as_error(const ErrorCode& code, std::string_view what, const Endpoint& endpoint) {
  auto error = error_of(std::make_exception_ptr(boost::system::system_error(code)));
  error.detail = fmt::format("{} {}: {}", what, endpoint, error.detail);
  return error;
}

class TcpStream final : public ByteStream {
 public:
  explicit TcpStream(tcp::socket socket) : socket_(std::move(socket)) {
    ErrorCode ignored;  // options are a matter of speed: a socket without them still works
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
    const int idle = static_cast<int>(limits::keep_alive.count());
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    socket_.non_blocking(true, ignored);
    local_ = from_asio(socket_.local_endpoint(ignored));
    remote_ = from_asio(socket_.remote_endpoint(ignored));
  }

  Task<std::size_t> read_some(MutBytes into) override {
    try {
      co_return co_await socket_.async_read_some(asio::buffer(into.data(), into.size()),
                                                 asio::use_awaitable);
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::eof) co_return 0;
      if (aborted_) raise(Errc::closed, "connection aborted");
      throw;
    }
  }

  Task<> write(std::span<const BytesView> parts) override {
    std::array<iovec, limits::gather_parts> vectors;
    while (!parts.empty()) {
      const auto batch = parts.first(std::min(parts.size(), vectors.size()));
      parts = parts.subspan(batch.size());
      std::size_t count = 0;
      for (const auto& part : batch) {
        vectors[count++] = {const_cast<std::uint8_t*>(part.data()), part.size()};
      }
      co_await write_vectors(std::span(vectors).first(count));
    }
  }

  std::size_t try_write(std::span<const BytesView> parts) noexcept override {
    std::array<iovec, limits::gather_parts> vectors;
    msghdr message{};
    message.msg_iov = vectors.data();
    for (const auto& part : parts.first(std::min(parts.size(), vectors.size()))) {
      vectors[message.msg_iovlen++] = {const_cast<std::uint8_t*>(part.data()), part.size()};
    }
    const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

  void shutdown_write() noexcept override {
    ErrorCode ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  void abort() noexcept override {
    aborted_ = true;
    ErrorCode ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  Endpoint local() const override { return local_; }
  Endpoint remote() const override { return remote_; }

  PeerUser remote_user() const override {
    // Asio wants a socket that may change even to tell its number.
    auto& socket = const_cast<tcp::socket&>(socket_);
    return ask_peer_user(socket.native_handle(), local_, remote_);
  }

 private:
  // Sends at once what the kernel takes and waits only when it is full: the usual write costs one
  // system call and no trip through the event loop.
  Task<> write_vectors(std::span<iovec> vectors) {
    while (!vectors.empty()) {
      msghdr message{};
      message.msg_iov = vectors.data();
      message.msg_iovlen = vectors.size();
      const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
          co_await writable();
        } else if (errno != EINTR) {
          raise(Errc::closed, "write: {}",
                ErrorCode(errno, boost::system::system_category()).message());
        }
        continue;
      }
      auto left = static_cast<std::size_t>(sent);
      while (!vectors.empty() && left >= vectors.front().iov_len) {
        left -= vectors.front().iov_len;
        vectors = vectors.subspan(1);
      }
      if (!vectors.empty()) {
        vectors.front().iov_base = static_cast<std::uint8_t*>(vectors.front().iov_base) + left;
        vectors.front().iov_len -= left;
      }
    }
  }

  Task<> writable() {
    try {
      co_await socket_.async_wait(tcp::socket::wait_write, asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      if (aborted_) raise(Errc::closed, "connection aborted");
      throw;
    }
  }

  tcp::socket socket_;
  Endpoint local_, remote_;
  bool aborted_ = false;
};

// Takes all who wait at once: on a busy loop, one for each turn would leave newcomers outside.
class TcpListener final : public Listener {
 public:
  explicit TcpListener(tcp::acceptor acceptor)
      : state_(std::make_shared<State>(std::move(acceptor))) {
    ErrorCode ignored;
    local_ = from_asio(state_->acceptor.local_endpoint(ignored));
  }
  ~TcpListener() override { close(); }

  Task<std::unique_ptr<ByteStream>> accept() override {
    auto state = state_;  // the listener may be gone when somebody comes
    const auto at = local_;
    if (!state->waiting.empty()) {
      auto socket = std::move(state->waiting.front());
      state->waiting.pop_front();
      co_return std::make_unique<TcpStream>(std::move(socket));
    }
    try {
      auto socket = co_await state->acceptor.async_accept(asio::use_awaitable);
      state->take_waiting(to_asio(at).protocol());
      co_return std::make_unique<TcpStream>(std::move(socket));
    } catch (const boost::system::system_error& error) {
      throw Failure(as_error(error.code(), "accept on", at));
    }
  }

  Endpoint local() const override { return local_; }

  void close() noexcept override {
    ErrorCode ignored;
    state_->acceptor.close(ignored);
    state_->waiting.clear();
  }

 private:
  struct State {
    explicit State(tcp::acceptor open) : acceptor(std::move(open)) {}

    tcp::acceptor acceptor;
    std::deque<tcp::socket> waiting;

    void take_waiting(tcp protocol) {
      while (waiting.size() < limits::accepted_at_once) {
        const int fd =
            ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;  // nobody, or an error that the next wait tells
        tcp::socket socket(acceptor.get_executor());
        ErrorCode code;
        socket.assign(protocol, fd, code);
        if (code) {
          ::close(fd);
          return;
        }
        waiting.push_back(std::move(socket));
      }
    }
  };

  std::shared_ptr<State> state_;
  Endpoint local_;
};

tcp::socket unbound_socket(asio::io_context& loop, const Endpoint& to) {
  tcp::socket socket(loop);
  ErrorCode code;
  socket.open(to_asio(to).protocol(), code);
  if (code) throw Failure(as_error(code, "connect to", to));
  return socket;
}

tcp::socket open_socket(asio::io_context& loop, const Endpoint& to,
                        const std::optional<Endpoint>& from) {
  tcp::socket socket = unbound_socket(loop, to);
  if (from) {
    ErrorCode code;
    socket.set_option(asio::socket_base::reuse_address(true), code);
    socket.set_option(ReusePort(true), code);
    socket.bind(to_asio(*from), code);
    if (code) return unbound_socket(loop, to);
  }
  return socket;
}

Task<ErrorCode> connect_socket(tcp::socket& socket, tcp::endpoint to) {
  try {
    co_await socket.async_connect(to, asio::use_awaitable);
    co_return ErrorCode{};
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    co_return error.code();
  }
}

Task<std::unique_ptr<ByteStream>> connect_within(asio::io_context& loop, Endpoint to,
                                                 std::optional<Endpoint> from) {
  auto socket = open_socket(loop, to, from);
  auto code = co_await connect_socket(socket, to_asio(to));
  // The pair of ports is still in use by an earlier connection: leave from another port.
  if (from && (code == asio::error::address_in_use || code.value() == EADDRNOTAVAIL)) {
    socket = open_socket(loop, to, std::nullopt);
    code = co_await connect_socket(socket, to_asio(to));
  }
  if (code) throw Failure(as_error(code, "connect to", to));
  co_return std::make_unique<TcpStream>(std::move(socket));
}

std::vector<IpAddress> lookup(const std::string& host, Family family) {
  addrinfo hints{};
  hints.ai_family = family == Family::v4 ? AF_INET : family == Family::v6 ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0) {
    const auto why = code == EAI_SYSTEM
                         ? ErrorCode(errno, boost::system::system_category()).message()
                         : std::string(::gai_strerror(code));
    raise(Errc::unreachable, "cannot resolve {}: {}", printable(host), why);
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  auto addresses = addresses_of(found);
  if (addresses.empty()) raise(Errc::unreachable, "{} has no address", printable(host));
  return addresses;
}

std::vector<std::string> lookup_txt(const std::string& name) {
  std::array<std::uint8_t, limits::dns_answer_bytes> answer;
  struct __res_state state{};
  if (::res_ninit(&state) != 0) raise(Errc::unreachable, "no DNS resolver is configured");
  const std::unique_ptr<struct __res_state, void (*)(struct __res_state*)> closer(
      &state, [](struct __res_state* s) { ::res_nclose(s); });
  const int size = ::res_nquery(&state, name.c_str(), ns_c_in, ns_t_txt, answer.data(),
                                static_cast<int>(answer.size()));
  return texts_of(answer, size);
}

}  // namespace

Result<std::unique_ptr<Listener>> OsNetwork::listen(Endpoint at, ListenOptions options) {
  tcp::acceptor acceptor(runtime_.loop());
  ErrorCode code;
  const auto endpoint = to_asio(at);
  acceptor.open(endpoint.protocol(), code);
  if (!code) acceptor.set_option(asio::socket_base::reuse_address(true), code);
  if (!code && at.address.is_v6()) acceptor.set_option(asio::ip::v6_only(true), code);
  if (!code) acceptor.bind(endpoint, code);
  if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
  // Only once the port is ours: two listeners that both share it from the start would divide those
  // who come between them, without either noticing.
  if (!code && options.reuse_port) acceptor.set_option(ReusePort(true), code);
  if (code.value() == EADDRNOTAVAIL) {
    return fail(Errc::not_found, "listen on {}: this machine does not have that address", at);
  }
  if (code) return std::unexpected(as_error(code, "listen on", at));
  return std::make_unique<TcpListener>(std::move(acceptor));
}

Task<std::unique_ptr<ByteStream>> OsNetwork::connect(Endpoint to, std::optional<Endpoint> from,
                                                     Deadline by) {
  auto connecting = connect_within(runtime_.loop(), to, from);
  co_return co_await with_deadline(runtime_, by, fmt::format("connect to {}", to),
                                   std::move(connecting));
}

Task<std::vector<IpAddress>> OsNetwork::resolve(std::string host, Family family, Deadline by) {
  auto job = [host, family] { return lookup(host, family); };
  co_return co_await runtime_.offload_until(by, fmt::format("resolve {}", printable(host)), job);
}

Task<std::vector<std::string>> OsNetwork::resolve_txt(std::string name, Deadline by) {
  auto job = [name] { return lookup_txt(name); };
  co_return co_await runtime_.offload_until(by, fmt::format("TXT of {}", printable(name)), job);
}

Result<std::unique_ptr<DatagramSocket>> OsNetwork::open_datagram(Endpoint at) {
  return open_os_datagram(runtime_, at);
}

// A moment without descriptors must not look like a machine without interfaces.
std::vector<Interface> OsNetwork::interfaces() {
  if (auto found = os_interfaces()) {
    interfaces_ = *std::move(found);
    interface_failures_.succeeded();
  } else {
    interface_failures_.failed(found.error(), runtime_.now());
  }
  return interfaces_;
}

std::unique_ptr<InterfaceWatch> OsNetwork::watch_interfaces() {
  return watch_os_interfaces(runtime_);
}

}  // namespace goop::net
