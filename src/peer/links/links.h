// All rendezvous servers of a peer, used at the same time: each is told everything, and what they
// tell goes one way.
//
//   Links links(runtime, network, tls, self, Links::servers_of(config), out);
//   links.start();
//   links.publish(message);                    // to all; returns at once
//   co_await links.flush(by);                  // the last word
//   co_await links.stop(by);
//
// Owns: the links.   Borrows: Runtime, Network, tls::Context.   Thread: loop only.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "base/feed.h"
#include "peer/links/rendezvous_link.h"
#include "peer/setup/config.h"

namespace goop::peer::links {

// The status of a link is another: read it.
struct LinkChanged {
  std::string url;
};

class Links {
 public:
  struct Out {
    std::function<Result<void>(const Server&, const wire::PresenceMessage&)> heard;  // see there
    std::function<void(const std::vector<p2p::PeerId>&)> still_here;
    std::function<void(const std::vector<p2p::PeerId>&)> gone;  // no server names them any more
    std::function<void()> wanted;                               // a new message of ours
    // Another socket of our identity is at the server; see RendezvousLink::Out.
    decltype(RendezvousLink::Out::twin) twin = RendezvousLink::Out().twin;
    // What a server that registers e-mail addresses is told beside the signed part.
    std::function<void(wire::PresenceMessage&)> add_registration = {};
  };
  Links(Runtime& runtime, net::Network& network, net::tls::Context& tls, p2p::PeerId self,
        std::vector<net::http::HttpUrl> servers, Out out);

  // The one that is hosted here, and presence.rendezvous_wan.
  static std::vector<net::http::HttpUrl> servers_of(const setup::Config& config);

  void start();
  Task<> stop(Deadline by);

  void publish(const wire::PresenceMessage& message);
  Task<> flush(Deadline by);

  std::vector<LinkStatus> status() const;
  Feed<LinkChanged>& changes() { return changes_; }
  std::vector<const RendezvousLink*> all() const;

 private:
  // What was last written to the log of a link: each turn for better or worse, not each try.
  enum class Said { nothing, fine, trouble, away };

  RendezvousLink::Out link_out();
  void note(const LinkStatus& now);
  void gone(const std::vector<p2p::PeerId>& peers);
  Task<> watch_interfaces();

  Runtime& runtime_;
  net::Network& network_;
  net::http::Dialer dialer_;
  Out out_;
  Feed<LinkChanged> changes_;
  std::vector<std::unique_ptr<RendezvousLink>> links_;
  std::map<std::string, Said> said_;  // by URL
  bool stopping_ = false;
  TaskScope tasks_;
};

}  // namespace goop::peer::links
