// deps: wire net_http
//
// Clients of a rendezvous server in numbers, over plain sockets and one epoll, so that the
// generator costs less than what it measures.
//
//   rendezvous_load read PORT COUNT SECONDS          holds COUNT event streams, counts messages
//   rendezvous_load peers PORT COUNT SECONDS BEAT    COUNT peers with proven delta sockets, each
//                                                    signing a heartbeat every BEAT seconds
//   rendezvous_load crowd PORT,PORT,… COUNT BEAT QUITTERS
//       COUNT such peers, spread over servers of one board; who loses its server goes to another,
//       but for the first QUITTERS of each. Prints `published`, opens its sockets at a line of
//       input, and ends at the next.
//
// Prints `ready` when all are connected, and at the end one line of JSON. Bounded: at most 20,000
// connections and an hour.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <deque>
#include <map>

#include "net/http/websocket_frames.h"
#include "wire/presence.h"

namespace goop {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr int most_connections = 20'000;
constexpr double most_seconds = 3600;
constexpr int per_address = 500;  // so that each stays within what the server allows an address

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Lost {};  // the server went away in the middle

// -1: nobody listens there.
int try_dial(int port, int number) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) die("socket");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + static_cast<unsigned>(number / per_address));
  if (::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) die("bind");
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) return fd;
  ::close(fd);
  return -1;
}

int dial(int port, int number) {
  const int fd = try_dial(port, number);
  if (fd < 0) die("connect");
  return fd;
}

void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw Lost();
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// The head of an answer; what follows it stays in `rest`.
std::string read_head(int fd, std::string& rest) {
  for (;;) {
    const auto end = rest.find("\r\n\r\n");
    if (end != std::string::npos) {
      auto head = rest.substr(0, end + 4);
      rest.erase(0, end + 4);
      return head;
    }
    char buffer[4096];
    const auto got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) throw Lost();
    rest.append(buffer, static_cast<std::size_t>(got));
  }
}

void expect(const std::string& head, std::string_view status) {
  if (head.substr(9, 3) == status) return;
  std::fprintf(stderr, "%s", head.c_str());
  std::exit(1);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

class Load {
 public:
  Load(int port, int connections) : port_(port), connections_(connections) {
    epoll_ = ::epoll_create1(0);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }

  void read_streams(double seconds) {
    std::string rest;
    for (int i = 0; i < connections_; ++i) {
      const int fd = dial(port_, i);
      send_all(fd, "GET /events HTTP/1.1\r\nHost: load\r\n\r\n");
      rest.clear();
      expect(read_head(fd, rest), "200");
      watch(fd);
      drain(0, "data: ");
    }
    std::puts("ready"), std::fflush(stdout);
    messages_ = bytes_ = 0;
    const auto end = Clock::now() + Seconds(seconds);
    while (Clock::now() < end) drain(10, "data: ");
    report();
  }

  void be_peers(double seconds, double beat) {
    for (int i = 0; i < connections_; ++i) people_.push_back(person(i));
    publish_all(port_);
    const auto id = newest_id(port_);
    for (int i = 0; i < connections_; ++i) {
      open_socket(people_[static_cast<std::size_t>(i)], port_, id);
      drain(0, "\"presence\"");
    }
    std::puts("ready"), std::fflush(stdout);
    messages_ = bytes_ = 0;
    const auto start = Clock::now();
    const auto end = start + Seconds(seconds);
    for (std::uint64_t sent = 0; Clock::now() < end;) {
      const auto due = static_cast<std::uint64_t>(Seconds(Clock::now() - start).count() / beat *
                                                  static_cast<double>(connections_));
      for (int i = 0; i < 64 && sent < due; ++i, ++sent) {
        speak(people_[sent % people_.size()]);
      }
      drain(sent < due ? 0 : 1, "\"presence\"");
    }
    report();
  }

  void be_crowd(const std::vector<int>& ports, double beat, int quitters) {
    for (int i = 0; i < connections_; ++i) {
      auto& person = people_.emplace_back(Load::person(i));
      person.presence.ttl.reset();
      person.port = ports[static_cast<std::size_t>(i) % ports.size()];
      person.returns = i >= quitters * static_cast<int>(ports.size());
    }
    for (const int port : ports) publish_all(port);
    std::puts("published"), std::fflush(stdout);
    wait_for_line();
    std::map<int, std::string> newest;
    for (const int port : ports) newest[port] = newest_id(port);
    for (auto& person : people_) open_socket(person, person.port, newest[person.port]);
    std::puts("ready"), std::fflush(stdout);
    watch(STDIN_FILENO);
    const auto start = Clock::now();
    for (std::uint64_t sent = 0; !told_to_stop_;) {
      const auto due = static_cast<std::uint64_t>(Seconds(Clock::now() - start).count() / beat *
                                                  static_cast<double>(connections_));
      for (int i = 0; i < 64 && sent < due; ++i, ++sent) {
        auto& person = people_[sent % people_.size()];
        if (person.fd >= 0) speak(person);
      }
      drain(sent < due ? 0 : 1, "\"presence\"");
      for (int i = 0; i < 64 && !lost_.empty(); ++i) go_elsewhere(ports, newest);
    }
    report();
  }

 private:
  struct Person {
    int number = 0;
    p2p::KeyPair key;
    wire::Presence presence;
    int port = 0;
    int fd = -1;
    bool returns = true;
  };

  static std::int64_t now_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  }

  static Person person(int number) {
    crypto::Secret<32> seed;
    std::memcpy(seed.mut().data(), &number, sizeof number);
    Person person{number, p2p::KeyPair::from_seed(seed), {}};
    person.presence.peer = p2p::PeerId::from_key(person.key.public_key());
    person.presence.label = fmt::format("Peer {}", number);
    person.presence.addresses = {p2p::Multiaddr::parse("/ip4/203.0.113.9/tcp/41234").value()};
    person.presence.ttl = std::chrono::minutes(10);
    return person;
  }

  static std::string message(Person& person) {
    person.presence.ts = std::max(now_ms(), person.presence.ts + 1);
    return wire::write_presence(wire::sign_presence(person.key, person.presence));
  }

  // Each address's peers over one connection, each after the other.
  void publish_all(int port) {
    int fd = -1, address = -1;
    std::string rest;
    for (auto& person : people_) {
      if (person.port != 0 && person.port != port) continue;
      if (person.number / per_address != std::exchange(address, person.number / per_address)) {
        if (fd >= 0) ::close(fd);
        fd = dial(port, person.number);
      }
      const auto body = message(person);
      send_all(fd,
               fmt::format("POST /publish HTTP/1.1\r\nHost: load\r\nContent-Length: {}\r\n\r\n{}",
                           body.size(), body));
      expect(read_head(fd, rest), "204");
    }
    ::close(fd);
  }

  static std::string read_some(int fd) {
    char buffer[65536];
    const auto got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) die("recv");
    return {buffer, static_cast<std::size_t>(got)};
  }

  // With it a socket needs no snapshot of all the others.
  static std::string newest_id(int port) {
    const int fd = dial(port, 0);
    send_all(fd, "GET /events?mode=delta HTTP/1.1\r\nHost: load\r\n\r\n");
    std::string text;
    while (text.find("event: ready") == std::string::npos) text += read_some(fd);
    ::close(fd);
    const auto at = text.rfind("id: ", text.find("event: ready"));
    return text.substr(at + 4, text.find('\n', at) - at - 4);
  }

  void open_socket(Person& person, int port, const std::string& id) {
    person.fd = try_dial(port, person.number);
    if (person.fd < 0) throw Lost();
    send_all(
        person.fd,
        fmt::format("GET /ws?peer_id={}&last_event_id={} HTTP/1.1\r\nHost: load\r\n"
                    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    "Sec-WebSocket-Protocol: goop.presence.delta\r\n\r\n",
                    person.presence.peer, id));
    std::string rest;
    expect(read_head(person.fd, rest), "101");
    watch(person.fd);
    of_socket_[person.fd] = &person;
    speak(person);
  }

  void go_elsewhere(const std::vector<int>& ports, std::map<int, std::string>& newest) {
    auto& person = *lost_.front();
    lost_.pop_front();
    try {
      open_socket(person, person.port, newest[person.port]);
    } catch (const Lost&) {
      if (person.fd >= 0) ::close(person.fd);
      person.fd = -1;
      const auto at = std::ranges::find(ports, person.port) - ports.begin();
      person.port = ports[static_cast<std::size_t>(at + 1) % ports.size()];
      lost_.push_back(&person);
    }
  }

  static void wait_for_line() {
    int c = 0;
    while (c != '\n' && c != EOF) c = std::getchar();
  }

  void speak(Person& person) {
    using namespace net::http;
    const auto frame = ws::encode_masked(ws::Kind::text, as_bytes(message(person)), {});
    ::send(person.fd, frame.data(), frame.size(), MSG_NOSIGNAL);  // whom the server left is counted
  }

  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
    ++open_;
  }

  void drain(int wait_ms, std::string_view mark) {
    std::array<epoll_event, 256> events;
    const int ready = ::epoll_wait(epoll_, events.data(), events.size(), wait_ms);
    for (int i = 0; i < ready; ++i) take(events[static_cast<std::size_t>(i)].data.fd, mark);
  }

  void take(int fd, std::string_view mark) {
    if (fd == STDIN_FILENO) {
      told_to_stop_ = true;
      return;
    }
    const auto got = ::recv(fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd,
                  nullptr);  // stays open, so that nobody gets its number
      --open_;
      if (const auto lost = of_socket_.find(fd); lost != of_socket_.end()) {
        lost->second->fd = -1;
        if (lost->second->returns) lost_.push_back(lost->second);
      }
      return;
    }
    const std::string_view text(buffer_.data(), static_cast<std::size_t>(got));
    bytes_ += text.size();
    messages_ += count(text, mark);
    if (text.find({"\x89\0", 2}) != text.npos) {  // a ping of the server
      const auto pong = net::http::ws::encode_masked(net::http::ws::Kind::pong, {}, {});
      ::send(fd, pong.data(), pong.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
  }

  void report() const {
    fmt::print("{{\"open\":{},\"messages\":{},\"bytes\":{}}}\n", open_, messages_, bytes_);
  }

  int port_, connections_, epoll_;
  int open_ = 0;
  std::uint64_t messages_ = 0, bytes_ = 0;
  std::vector<Person> people_;
  std::map<int, Person*> of_socket_;
  std::deque<Person*> lost_;  // their server
  bool told_to_stop_ = false;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
};

int run(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if ((mode != "read" || argc != 5) && ((mode != "peers" && mode != "crowd") || argc != 6)) {
    std::fprintf(stderr,
                 "rendezvous_load read PORT COUNT SECONDS | peers PORT COUNT SECONDS BEAT | "
                 "crowd PORT,PORT COUNT BEAT QUITTERS\n");
    return 2;
  }
  Load load(std::atoi(argv[2]), std::min(std::atoi(argv[3]), most_connections));
  if (mode == "crowd") {
    std::vector<int> ports;
    for (const char* at = argv[2]; at; at = std::strchr(at, ',')) {
      ports.push_back(std::atoi(*at == ',' ? ++at : at));
    }
    load.be_crowd(ports, std::atof(argv[4]), std::atoi(argv[5]));
    return 0;
  }
  const double seconds = std::min(std::atof(argv[4]), most_seconds);
  if (mode == "read") load.read_streams(seconds);
  if (mode == "peers") load.be_peers(seconds, std::atof(argv[5]));
  return 0;
}

}  // namespace
}  // namespace goop

int main(int argc, char** argv) {
  try {
    return goop::run(argc, argv);
  } catch (const goop::Lost&) {
    goop::die("the server went away");
  }
}
