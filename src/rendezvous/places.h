// Whose rows stand on the board when there is not room for all: caps by client, network and
// provider, and who makes room.
//
// Identities are free, addresses come in blocks. So rows are counted for an address or IPv6 /64
// (a client), a /24 or /48 (a network) and a /16 or /32 (a provider), and each has a cap. On a full
// board a row makes room that no proven socket holds, and only where those held are more than half,
// one of them: in either case of the network that has most of the kind, unsigned before signed, and
// of equals the one that spoke longest ago. So a flood costs no school its peers with sockets.
// Nobody makes room for a newcomer whose own network has its share, so that floods do not push rows
// to and fro; only a row that is not signed gives way to one of its network that is. At the cap of
// a provider its own networks make room in the same way.
//
// Loopback has no caps of its own: behind a proxy that the operator has not named all come from it.
//
// Pure.   Limits: limits.h, "the board".   Errors: busy, which names the cap that is full.
#pragma once

#include <unordered_map>

#include "base/fair_places.h"
#include "net/endpoint.h"
#include "p2p/multi/peer_id.h"
#include "rendezvous/limits.h"

namespace goop::rendezvous {

class Places {
 public:
  explicit Places(std::size_t rows);

  enum class Kind { is_unsigned, is_signed };

  // What a newcomer from there needs: that another row ends, or nothing.
  struct Room {
    std::optional<p2p::PeerId> instead_of;
  };
  Result<Room> room_for(Kind kind, const net::IpAddress& client, Instant now) const;
  // Whether a row that is on the board already may count for this client from now on.
  Result<void> check_caps(Kind kind, const net::IpAddress& client) const;

  void add(const p2p::PeerId& peer, Kind kind, const net::IpAddress& client, Instant busy_until);
  void remove(const p2p::PeerId& peer);
  void heard(const p2p::PeerId& peer, Instant busy_until);
  void hold(const p2p::PeerId& peer, Instant busy_until);  // by a proven socket
  void release(const p2p::PeerId& peer, Instant busy_until);

  std::size_t rows_at(const net::IpAddress& client) const { return count_of(client).all; }
  std::size_t size() const { return held_.size() + loose_.size(); }
  std::size_t unsigned_rows() const { return unsigned_.size(); }

 private:
  struct Count {
    std::size_t all = 0, is_unsigned = 0;
  };
  using Fair = FairPlaces<p2p::PeerId, net::IpAddress>;

  Count count_of(const net::IpAddress& client) const;
  Fair& provider_of(const net::IpAddress& client);
  void count(const net::IpAddress& client, Kind kind, int change);

  std::size_t per_network_, per_provider_;
  std::size_t rows_;
  Fair held_, loose_;  // by network: with a proven socket, and without
  Fair unsigned_;      // of the loose ones
  std::unordered_map<p2p::PeerId, net::IpAddress> clients_;
  std::unordered_map<net::IpAddress, Count> at_client_;
  std::unordered_map<net::IpAddress, Fair> providers_;  // all rows, by network
};

}  // namespace goop::rendezvous
