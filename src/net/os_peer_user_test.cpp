// Against the real kernel: who is told, and who is nobody.
#include "net/os_peer_user.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace goop::net {
namespace {

constexpr PeerUser stranger{PeerUser::Kind::stranger, 0};

Endpoint endpoint_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return {IpAddress(boost::asio::ip::address_v4(ntohl(v4.sin_addr.s_addr))), ntohs(v4.sin_port)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  boost::asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return {IpAddress(boost::asio::ip::address_v6(bytes)), ntohs(v6.sin6_port)};
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Socket() { close(); }
  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  Endpoint local() const { return ask(::getsockname); }
  Endpoint remote() const { return ask(::getpeername); }
  PeerUser other_user() const { return ask_peer_user(fd_, local(), remote()); }
  void wait_readable() const {
    pollfd waiting{fd_, POLLIN, 0};
    ASSERT_EQ(::poll(&waiting, 1, 10'000), 1);
  }

 private:
  Endpoint ask(int (*what)(int, sockaddr*, socklen_t*)) const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    EXPECT_EQ(what(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    return endpoint_of(address);
  }
  int fd_;
};

// A listener on the loopback address of one family, and those who connect to it.
class PeerUserTest : public testing::TestWithParam<int> {
 protected:
  PeerUserTest() : listener_(::socket(GetParam(), SOCK_STREAM, 0)) {
    auto* address = reinterpret_cast<sockaddr*>(&address_);
    address_.ss_family = static_cast<sa_family_t>(GetParam());
    if (GetParam() == AF_INET) {
      reinterpret_cast<sockaddr_in&>(address_).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      reinterpret_cast<sockaddr_in6&>(address_).sin6_addr = in6addr_loopback;
    }
    socklen_t size = sizeof address_;
    is_there_ = ::bind(listener_.fd(), address, size) == 0;
    ::listen(listener_.fd(), 1);
    ::getsockname(listener_.fd(), address, &size);
  }
  void SetUp() override {
    if (!is_there_) GTEST_SKIP() << "this machine has no such loopback address";
  }

  Socket dial() const {
    Socket socket(::socket(GetParam(), SOCK_STREAM, 0));
    EXPECT_EQ(::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_),
              0);
    return socket;
  }
  Socket accept() const { return Socket(::accept(listener_.fd(), nullptr, nullptr)); }

  // Does `what` in a process of another user, who says when it is done and waits for the end.
  void as_other_user(const std::function<void()>& what) {
    int done[2], end[2];
    ASSERT_EQ(::pipe(done) | ::pipe(end), 0);
    const auto child = ::fork();
    if (child == 0) {
      if (::setgid(other_user) != 0 || ::setuid(other_user) != 0) ::_exit(1);
      what();
      char byte = 0;
      ::close(end[1]);
      if (::write(done[1], &byte, 1) == 1) [[maybe_unused]]
        const auto got = ::read(end[0], &byte, 1);
      ::_exit(0);
    }
    ::close(done[1]);
    ::close(end[0]);
    char byte = 0;
    EXPECT_EQ(::read(done[0], &byte, 1), 1);
    ::close(done[0]);
    end_ = end[1];
    child_ = child;
  }
  void TearDown() override {
    if (child_ == 0) return;
    ::close(end_);
    int status = 0;
    ::waitpid(child_, &status, 0);
    EXPECT_EQ(status, 0);
  }

  static constexpr uid_t other_user = 12345;
  sockaddr_storage address_{};
  Socket listener_;
  bool is_there_ = false;
  int end_ = -1;
  pid_t child_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Families, PeerUserTest, testing::Values(AF_INET, AF_INET6),
                         [](const auto& one) { return one.param == AF_INET ? "v4" : "v6"; });

TEST_P(PeerUserTest, tells_the_user_of_both_ends) {
  const auto client = dial();
  const auto server = accept();
  const PeerUser me{PeerUser::Kind::user, ::geteuid()};
  EXPECT_EQ(server.other_user(), me);
  EXPECT_EQ(client.other_user(), me);
}

TEST_P(PeerUserTest, tells_another_user) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  as_other_user([this] {
    const auto client = dial();
    EXPECT_GE(::dup(client.fd()), 0);  // stays when `client` ends
  });
  const auto server = accept();
  EXPECT_EQ(server.other_user(), (PeerUser{PeerUser::Kind::user, other_user}));
}

TEST_P(PeerUserTest, tells_the_user_of_one_who_only_listens_from_now_on) {
  const auto client = dial();
  const auto server = accept();
  ::shutdown(client.fd(), SHUT_WR);
  server.wait_readable();
  EXPECT_EQ(server.other_user(), (PeerUser{PeerUser::Kind::user, ::geteuid()}));
}

// The kernel tells of such a socket as root's, without an inode.
TEST_P(PeerUserTest, who_connects_sends_and_hangs_up_is_a_stranger) {
  {
    const auto client = dial();
    ASSERT_EQ(::send(client.fd(), "x", 1, 0), 1);
  }
  const auto server = accept();
  server.wait_readable();
  EXPECT_EQ(server.other_user(), stranger);
}

TEST_P(PeerUserTest, who_hung_up_while_the_accept_queue_was_full_is_a_stranger) {
  std::vector<Socket> in_queue;
  for (int i = 0; i < 2; ++i) in_queue.push_back(dial());  // a backlog of 1 holds two
  Socket late(::socket(GetParam(), SOCK_STREAM | SOCK_NONBLOCK, 0));
  ::connect(late.fd(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
  pollfd writable{late.fd(), POLLOUT, 0};
  const bool thinks_it_is_connected = ::poll(&writable, 1, 0) == 1;
  if (thinks_it_is_connected) {
    EXPECT_EQ(::send(late.fd(), "x", 1, 0), 1);
  }
  late.close();
  in_queue.clear();
  for (int i = 0; i < 2; ++i) {
    const auto server = accept();
    EXPECT_EQ(server.other_user(), stranger);
  }
  const auto after = dial();  // it comes behind all of them
  for (;;) {
    const auto server = accept();
    if (server.remote() == after.local()) break;
    EXPECT_EQ(server.other_user(), stranger);
  }
}

TEST_P(PeerUserTest, who_resets_is_a_stranger) {
  auto client = dial();
  const auto server = accept();
  const linger at_once{1, 0};
  ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  const auto own = server.local(), other = server.remote();
  client.close();
  server.wait_readable();
  EXPECT_EQ(ask_peer_user(server.fd(), own, other), stranger);
}

// Where no connection fits, the kernel tells of a listener at the address, and of its user.
TEST_P(PeerUserTest, the_user_of_a_listener_is_not_taken_for_that_of_a_connection) {
  const auto client = dial();
  const auto server = accept();
  const Endpoint nobody{client.local().address, 1};
  EXPECT_NE(ask_peer_user(client.fd(), nobody, server.local()).kind, PeerUser::Kind::user);
}

TEST(NamelessUid, is_none_where_everybody_has_a_name) {
  EXPECT_EQ(nameless_uid("         0          0 4294967295\n", "65534\n"), std::nullopt);
}

TEST(NamelessUid, is_the_overflow_number_of_a_smaller_map) {
  EXPECT_EQ(nameless_uid("0 1000 1\n", "65534\n"), 65534u);
  EXPECT_EQ(nameless_uid("0 0 1\n1000 1000 1\n", "99\n"), 99u);
  EXPECT_EQ(nameless_uid("", "65534"), 65534u);
  EXPECT_EQ(nameless_uid("0 1 99999999999999999999", ""), 65534u);
}

}  // namespace
}  // namespace goop::net
