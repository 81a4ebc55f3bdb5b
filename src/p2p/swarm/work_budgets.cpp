#include "p2p/swarm/work_budgets.h"

#include "net/network_prefix.h"
#include "p2p/swarm/limits.h"

namespace goop::p2p {

WorkBudgets::WorkBudgets(WorkLimits limits)
    : limits_(limits), host_(std::make_shared<WorkBudget>(limits.host)) {}

std::shared_ptr<WorkBudget> WorkBudgets::of_connection(const Multiaddr& remote, Instant now) {
  const auto endpoint = remote.tcp_endpoint();
  const auto* ip = endpoint ? std::get_if<IpAddress>(&endpoint->host) : nullptr;
  const bool counted = ip && scope_of(*ip) != AddressScope::loopback;
  return std::make_shared<WorkBudget>(limits_.connection, counted ? of_network(*ip, now) : host_);
}

std::shared_ptr<WorkBudget> WorkBudgets::of_network(const IpAddress& ip, Instant now) {
  const IpAddress network = net::network_of(ip, net::prefix::network);
  if (const auto found = networks_.find(network); found != networks_.end()) return found->second;
  forget_rested(now);
  auto made = std::make_shared<WorkBudget>(limits_.network, host_);
  networks_.emplace(network, made);
  return made;
}

// Those without a connection: at first who owes nothing, and when there are many, all of them.
void WorkBudgets::forget_rested(Instant now) {
  std::erase_if(networks_, [&](auto& entry) {
    return entry.second.use_count() == 1 && entry.second->rested(now);
  });
  if (networks_.size() < limits::work_networks) return;
  std::erase_if(networks_, [](auto& entry) { return entry.second.use_count() == 1; });
}

}  // namespace goop::p2p
