// The budgets of work of a host: one for each connection, within its network's (IPv4 /24, IPv6
// /48), within that of the host. Connections of this machine have no network.
//
// Thread: loop only.   Limits: p2p/limits.h, limits::work_networks
#pragma once

#include <map>

#include "p2p/multi/multiaddr.h"
#include "p2p/work_budget.h"

namespace goop::p2p {

class WorkBudgets {
 public:
  explicit WorkBudgets(WorkLimits limits);

  // Of a new connection; the network's is kept until it has no connection and owes nothing.
  std::shared_ptr<WorkBudget> of_connection(const Multiaddr& remote, Instant now);

  const WorkBudget& all() const { return *host_; }
  std::size_t networks() const { return networks_.size(); }

 private:
  std::shared_ptr<WorkBudget> of_network(const IpAddress& ip, Instant now);
  void forget_rested(Instant now);

  WorkLimits limits_;
  std::shared_ptr<WorkBudget> host_;
  std::map<IpAddress, std::shared_ptr<WorkBudget>> networks_;
};

}  // namespace goop::p2p
