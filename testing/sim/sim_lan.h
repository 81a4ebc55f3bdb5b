// A simulated local network: hosts on one cable or one Wi-Fi, where multicasts reach everybody.
//
//   SimLan lan(internet);
//   lan.attach(host, {"192.168.1.5/24", "fd00::5/64"});   // the host gets an interface
//   lan.set_loss(0.2);                                    // as a busy Wi-Fi loses multicasts
//   lan.detach(host);                                     // and loses it again
//
// A host may be on several networks. What a host sends reaches its own sockets too, never lost.
#pragma once

#include "testing/sim/sim_network.h"

namespace goop::sim {

class SimLan {
 public:
  explicit SimLan(SimInternet& internet) : internet_(internet) {}
  SimLan(const SimLan&) = delete;
  ~SimLan();

  void attach(SimHost& host, std::vector<std::string> addresses);
  void detach(SimHost& host);
  void set_loss(double probability) { loss_ = probability; }

  std::uint64_t sent() const { return sent_; }  // datagrams, however many hear them

 private:
  friend class SimDatagramSocket;
  void carry(SimHost& from, net::Endpoint source, net::Endpoint to, BytesView bytes);

  SimInternet& internet_;
  std::vector<SimHost*> members_;
  double loss_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace goop::sim
