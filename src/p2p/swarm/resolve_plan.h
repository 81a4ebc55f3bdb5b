// Names in addresses become IP addresses, within bounds.
//
// ResolvePlan is a work list: it says what to ask, takes the answers and follows dnsaddr records to
// a fixed depth. What an answer may lead to is bound to the peer that is looked for (its /p2p must
// be there) and to the nearness of who named the address, so a name on the internet cannot point
// into our network (DNS rebinding). `resolve_all` asks the network.
//
// Spec:   multiformats/multiaddr dnsaddr.   Limits: limits::resolve_*.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/network.h"
#include "p2p/swarm/dial_address.h"

namespace goop::p2p {

class ResolvePlan {
 public:
  ResolvePlan(const PeerId& wanted, std::span<const DialAddress> addresses);

  struct Query {
    std::size_t id;
    enum class Kind { addresses, texts } kind;
    std::string name;  // of texts: with "_dnsaddr." in front
    net::Family family = net::Family::any;
  };
  // What to ask next; nullopt: nothing until the outstanding answers are in, or ever.
  std::optional<Query> next_query();

  void on_addresses(std::size_t query, std::span<const IpAddress> addresses);
  void on_texts(std::size_t query, std::span<const std::string> texts);
  void on_failure(std::size_t query);

  bool done() const { return work_.empty() && outstanding_.empty(); }

  // In the order in which they were found; those without a name first.
  const std::vector<DialAddress>& results() const { return results_; }
  std::span<const DialAddress> new_results();  // since the last call

 private:
  struct Work {
    DialAddress from;
    std::size_t depth;
  };
  struct Asked {
    std::size_t id;
    Work work;
  };
  void take(DialAddress address, std::size_t depth);
  void found(DialAddress address);
  std::optional<Work> answered(std::size_t query);

  PeerId wanted_;
  std::vector<Work> work_;  // in order
  std::vector<Asked> outstanding_;
  std::vector<DialAddress> results_;
  std::size_t told_ = 0;  // of the results
  std::size_t asked_ = 0;
};

// All of `addresses` as IP addresses, names that have no answer left out. `found` is told of those
// that need no answer at once and of others as answers come. Ends by `by` and within
// limits::resolve_timeout. Throws only cancelled.
using FoundAddresses = std::function<void(std::span<const DialAddress>)>;
Task<> resolve_all(net::Network& network, Runtime& runtime, PeerId wanted,
                   std::vector<DialAddress> addresses, Deadline by, FoundAddresses found);

}  // namespace goop::p2p
