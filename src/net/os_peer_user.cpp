#include "net/os_peer_user.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

namespace goop::net {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Question {
  nlmsghdr header;
  inet_diag_req_v2 request;
};

struct Answer {
  enum class Kind {
    socket,
    none,     // there is no such socket
    failed,   // for want of memory or descriptors, which somebody else may cause
    silence,  // the kernel knows no such questions
  };
  Kind kind = Kind::silence;
  inet_diag_msg socket{};
};

Answer::Kind kind_of(int error) {
  switch (error) {
    case ENOENT:
      return Answer::Kind::none;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EINTR:
      return Answer::Kind::failed;
    default:
      return Answer::Kind::silence;
  }
}

void put_address(__be32 (&into)[4], const IpAddress& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    std::memcpy(into, bytes.data(), bytes.size());
  } else {
    const auto bytes = address.to_v6().to_bytes();
    std::memcpy(into, bytes.data(), bytes.size());
  }
}

Question question(const Endpoint& from, const Endpoint& to) {
  Question asked{};
  asked.header.nlmsg_len = sizeof asked;
  asked.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  asked.header.nlmsg_flags = NLM_F_REQUEST;
  auto& request = asked.request;
  request.sdiag_family = from.address.is_v4() ? AF_INET : AF_INET6;
  request.sdiag_protocol = IPPROTO_TCP;
  request.idiag_states = ~0u;
  request.id.idiag_sport = htons(from.port);
  request.id.idiag_dport = htons(to.port);
  put_address(request.id.idiag_src, from.address);
  put_address(request.id.idiag_dst, to.address);
  request.id.idiag_cookie[0] = request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return asked;
}

// Reads the one message that the kernel has put there while it took the question.
Answer read_answer(int netlink, const Question& asked) {
  alignas(nlmsghdr) std::array<char, 4096> buffer;
  sockaddr_nl sender{};
  socklen_t sender_size = sizeof sender;
  const auto got = ::recvfrom(netlink, buffer.data(), buffer.size(), MSG_DONTWAIT,
                              reinterpret_cast<sockaddr*>(&sender), &sender_size);
  if (got < 0) return {kind_of(errno), {}};
  if (got < static_cast<ssize_t>(sizeof(nlmsghdr)) || sender.nl_pid != 0) return {};
  nlmsghdr header;
  std::memcpy(&header, buffer.data(), sizeof header);
  const auto* content = buffer.data() + NLMSG_HDRLEN;
  const auto size = static_cast<std::size_t>(got) - NLMSG_HDRLEN;
  Answer answer;
  if (header.nlmsg_type == NLMSG_ERROR && size >= sizeof(int)) {
    int error = 0;
    std::memcpy(&error, content, sizeof error);
    answer.kind = kind_of(-error);
  } else if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY && size >= sizeof answer.socket) {
    std::memcpy(&answer.socket, content, sizeof answer.socket);
    // Where no connection fits, the kernel tells of a listener at the address.
    const bool fits = answer.socket.id.idiag_dport == asked.request.id.idiag_dport;
    answer.kind = fits ? Answer::Kind::socket : Answer::Kind::none;
  }
  return answer;
}

// The socket that is connected from `from` to `to`.
Answer find_socket(int netlink, const Endpoint& from, const Endpoint& to) {
  const auto asked = question(from, to);
  if (::send(netlink, &asked, sizeof asked, 0) < 0) return {kind_of(errno), {}};
  return read_answer(netlink, asked);
}

bool is_connected(int state) {
  return state != TCP_SYN_SENT && state != TCP_SYN_RECV && state != TCP_TIME_WAIT &&
         state != TCP_CLOSE && state != TCP_LISTEN && state <= TCP_CLOSING;
}

bool is_alive(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         is_connected(info.tcpi_state);
}

std::string content_of(const char* path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

bool is_nameless(std::uint32_t uid) {
  static const auto nameless =
      nameless_uid(content_of("/proc/self/uid_map"), content_of("/proc/sys/kernel/overflowuid"));
  return uid == nameless;
}

std::uint64_t take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto first = std::min(text.find_first_of("0123456789"), text.size());
  const auto [end, error] = std::from_chars(text.data() + first, text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc() ? number : 0;
}

}  // namespace

PeerUser ask_peer_user(int socket, const Endpoint& own, const Endpoint& other) {
  using Kind = Answer::Kind;
  constexpr PeerUser stranger{PeerUser::Kind::stranger, 0};
  const Descriptor netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (netlink.get() < 0) return kind_of(errno) == Kind::failed ? stranger : PeerUser{};
  const auto theirs = find_socket(netlink.get(), other, own);
  // A dead connection proves nothing: its addresses may be somebody else's by now.
  if (!is_alive(socket) || theirs.kind == Kind::failed) return stranger;
  if (theirs.kind == Kind::socket) {
    const auto& found = theirs.socket;
    const bool owned = found.idiag_inode != 0 && is_connected(found.idiag_state);
    if (!owned || is_nameless(found.idiag_uid)) return stranger;
    return {PeerUser::Kind::user, found.idiag_uid};
  }
  if (theirs.kind == Kind::silence) return {};
  // A kernel that finds not even our own end, which is there, does not look.
  const auto ours = find_socket(netlink.get(), own, other);
  const bool looks = ours.kind == Kind::socket || ours.kind == Kind::failed || !is_alive(socket);
  return looks ? stranger : PeerUser{};
}

std::optional<std::uint32_t> nameless_uid(std::string_view uid_map, std::string_view overflow) {
  constexpr std::uint64_t everybody = 0xffffffff;  // the last number is no user
  constexpr std::uint32_t usual = 65534;
  std::uint64_t named = 0;
  while (uid_map.find_first_of("0123456789") != uid_map.npos) {
    take_number(uid_map);  // inside
    take_number(uid_map);  // outside
    named += take_number(uid_map);
  }
  if (named >= everybody) return std::nullopt;
  const auto number = take_number(overflow);
  return number == 0 ? usual : static_cast<std::uint32_t>(number);
}

}  // namespace goop::net
