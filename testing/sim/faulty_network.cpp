#include "testing/sim/faulty_network.h"

#include <boost/system/system_error.hpp>

namespace goop::sim {

struct FaultyNetwork::Faults {
  struct Fault {
    std::vector<NetworkCall> calls;
    int error;
    std::size_t times;
  };
  std::vector<Fault> all;
  std::size_t failed = 0;

  std::optional<Error> next(NetworkCall call) {
    for (auto& fault : all) {
      if (fault.times == 0 || std::ranges::find(fault.calls, call) == fault.calls.end()) continue;
      --fault.times;
      ++failed;
      const boost::system::error_code code(fault.error, boost::system::system_category());
      return error_of(std::make_exception_ptr(boost::system::system_error(code)));
    }
    return std::nullopt;
  }
  void raise_next(NetworkCall call) {
    if (auto error = next(call)) throw Failure(std::move(*error));
  }
};

namespace {

using Shared = std::shared_ptr<FaultyNetwork::Faults>;

class FaultyStream final : public net::ByteStream {
 public:
  FaultyStream(std::unique_ptr<net::ByteStream> inner, Shared faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  Task<std::size_t> read_some(MutBytes into) override {
    faults_->raise_next(NetworkCall::read);
    co_return co_await inner_->read_some(into);
  }
  Task<> write(std::span<const BytesView> parts) override {
    faults_->raise_next(NetworkCall::write);
    co_await inner_->write(parts);
  }
  void shutdown_write() noexcept override { inner_->shutdown_write(); }
  void abort() noexcept override { inner_->abort(); }
  net::Endpoint local() const override { return inner_->local(); }
  net::Endpoint remote() const override { return inner_->remote(); }

 private:
  std::unique_ptr<net::ByteStream> inner_;
  Shared faults_;
};

class FaultyListener final : public net::Listener {
 public:
  FaultyListener(std::unique_ptr<net::Listener> inner, Shared faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  Task<std::unique_ptr<net::ByteStream>> accept() override {
    faults_->raise_next(NetworkCall::accept);
    auto stream = co_await inner_->accept();
    co_return std::make_unique<FaultyStream>(std::move(stream), faults_);
  }
  net::Endpoint local() const override { return inner_->local(); }
  void close() noexcept override { inner_->close(); }

 private:
  std::unique_ptr<net::Listener> inner_;
  Shared faults_;
};

class FaultySocket final : public net::DatagramSocket {
 public:
  FaultySocket(std::unique_ptr<net::DatagramSocket> inner, Shared faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  Task<Arrival> receive(MutBytes into) override {
    auto arrival = co_await inner_->receive(into);
    faults_->raise_next(NetworkCall::receive);
    co_return arrival;
  }
  Result<void> send(net::Endpoint to, Route by, BytesView bytes) override {
    if (auto error = faults_->next(NetworkCall::send)) return std::unexpected(std::move(*error));
    return inner_->send(to, by, bytes);
  }
  Result<void> join(net::IpAddress group, unsigned interface) override {
    if (auto error = faults_->next(NetworkCall::join)) return std::unexpected(std::move(*error));
    return inner_->join(group, interface);
  }
  void leave(net::IpAddress group, unsigned interface) noexcept override {
    inner_->leave(group, interface);
  }
  net::Endpoint local() const override { return inner_->local(); }
  void close() noexcept override { inner_->close(); }

 private:
  std::unique_ptr<net::DatagramSocket> inner_;
  Shared faults_;
};

class FaultyWatch final : public net::InterfaceWatch {
 public:
  FaultyWatch(std::unique_ptr<net::InterfaceWatch> inner, Shared faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  Task<> changed(Deadline by) override {
    faults_->raise_next(NetworkCall::watch);
    co_await inner_->changed(by);
  }

 private:
  std::unique_ptr<net::InterfaceWatch> inner_;
  Shared faults_;
};

}  // namespace

FaultyNetwork::FaultyNetwork(net::Network& inner)
    : inner_(inner), faults_(std::make_shared<Faults>()) {}

void FaultyNetwork::fail(std::vector<NetworkCall> calls, int error, std::size_t times) {
  faults_->all.push_back({std::move(calls), error, times});
}

void FaultyNetwork::heal() { faults_->all.clear(); }
std::size_t FaultyNetwork::failed() const { return faults_->failed; }

Result<std::unique_ptr<net::Listener>> FaultyNetwork::listen(net::Endpoint at,
                                                             net::ListenOptions options) {
  if (auto error = faults_->next(NetworkCall::listen)) return std::unexpected(std::move(*error));
  GOOP_TRY(auto listener, inner_.listen(at, options));
  return std::make_unique<FaultyListener>(std::move(listener), faults_);
}

Task<std::unique_ptr<net::ByteStream>> FaultyNetwork::connect(net::Endpoint to,
                                                              std::optional<net::Endpoint> from,
                                                              Deadline by) {
  faults_->raise_next(NetworkCall::connect);
  auto stream = co_await inner_.connect(to, from, by);
  co_return std::make_unique<FaultyStream>(std::move(stream), faults_);
}

Task<std::vector<net::IpAddress>> FaultyNetwork::resolve(std::string host, net::Family family,
                                                         Deadline by) {
  faults_->raise_next(NetworkCall::resolve);
  co_return co_await inner_.resolve(std::move(host), family, by);
}

Task<std::vector<std::string>> FaultyNetwork::resolve_txt(std::string name, Deadline by) {
  faults_->raise_next(NetworkCall::resolve);
  co_return co_await inner_.resolve_txt(std::move(name), by);
}

Result<std::unique_ptr<net::DatagramSocket>> FaultyNetwork::open_datagram(net::Endpoint at) {
  if (auto error = faults_->next(NetworkCall::open_datagram)) {
    return std::unexpected(std::move(*error));
  }
  GOOP_TRY(auto socket, inner_.open_datagram(at));
  return std::make_unique<FaultySocket>(std::move(socket), faults_);
}

std::unique_ptr<net::InterfaceWatch> FaultyNetwork::watch_interfaces() {
  return std::make_unique<FaultyWatch>(inner_.watch_interfaces(), faults_);
}

}  // namespace goop::sim
