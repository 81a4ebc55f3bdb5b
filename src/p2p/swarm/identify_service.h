// Runs identify on every connection: asks at once, answers, and pushes when something changed.
//
// What we say is encoded once and kept until our addresses or protocols change; what a peer says
// goes to its connection and, as addresses, to the address book.
//
// Spec:   libp2p/specs identify.   Thread: loop only.   Limits: swarm/limits.h, identify/limits.h
#pragma once

#include "p2p/protocols/identify/identify.h"
#include "p2p/swarm/address_book.h"
#include "p2p/swarm/connection.h"
#include "p2p/swarm/observed_addresses.h"
#include "p2p/swarm/record_sequence.h"

namespace goop::p2p {

class IdentifyService {
 public:
  struct Parts {
    Runtime& runtime;
    const KeyPair& key;
    AddressBook& book;
    const HandlerTable& handlers;
    std::string agent;
    std::uint64_t min_record_seq;
    std::function<std::vector<Multiaddr>()> addresses;  // our own, now
    std::function<std::shared_ptr<Connection>(const Stream&)> connection_of;
    std::function<std::vector<std::shared_ptr<Connection>>()> connections;
    std::function<void(const PeerId&)> identified;  // facts have come in or changed
  };
  explicit IdentifyService(Parts parts);

  Task<> ask(std::shared_ptr<Connection> connection);  // once per connection
  Task<> answer(Stream stream);                        // handler of identify
  Task<> take_push(Stream stream);                     // handler of identify push
  Task<> push_loop();                                  // as long as the host lives

  void changed();  // our addresses or protocols did: pushed after a moment

  // Public addresses that enough peers in different places have seen us at.
  std::vector<Multiaddr> observed() const { return observed_.ours(parts_.runtime.now()); }
  void set_listening(std::vector<net::Endpoint> bound) { bound_ = std::move(bound); }
  std::uint64_t record_seq() const { return sequence_.last(); }

 private:
  const Introduction& introduction();
  void take(Connection& connection, Identified said);
  Task<> push_to(std::shared_ptr<Connection> connection);

  Parts parts_;
  ObservedAddresses observed_;
  RecordSequence sequence_;
  std::vector<net::Endpoint> bound_;
  std::optional<Introduction> introduction_;
  Signal changed_;
  bool push_due_ = false;
};

}  // namespace goop::p2p
