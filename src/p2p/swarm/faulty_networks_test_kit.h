// Networks with one fault each, for the swarm's own tests; all else is `below`'s.
#pragma once

#include "base/runtime.h"
#include "testing/hosts/below.h"

namespace goop::p2p::test {

// No name is ever answered.
class MuteNames final : public Below {
 public:
  MuteNames(Runtime& runtime, net::Network& below) : Below(below), runtime_(runtime) {}

  Task<std::vector<net::IpAddress>> resolve(std::string, net::Family, Deadline by) override {
    co_await runtime_.sleep_until(by);
    raise(Errc::timeout, "no answer");
  }
  Task<std::vector<std::string>> resolve_txt(std::string, Deadline by) override {
    co_await runtime_.sleep_until(by);
    raise(Errc::timeout, "no answer");
  }

 private:
  Runtime& runtime_;
};

// Nothing can be accepted, as when a process has no descriptors left.
class NoAccepts final : public Below {
 public:
  using Below::Below;

  class Empty final : public net::Listener {
   public:
    Empty(net::Endpoint at, int& asked) : at_(at), asked_(asked) {}
    Task<std::unique_ptr<net::ByteStream>> accept() override {
      ++asked_;
      raise(Errc::busy, "no descriptors left");
      co_return nullptr;
    }
    net::Endpoint local() const override { return at_; }
    void close() noexcept override {}

   private:
    net::Endpoint at_;
    int& asked_;
  };
  Result<std::unique_ptr<net::Listener>> listen(net::Endpoint at, net::ListenOptions) override {
    return std::make_unique<Empty>(at, asked);
  }

  int asked = 0;
};

}  // namespace goop::p2p::test
