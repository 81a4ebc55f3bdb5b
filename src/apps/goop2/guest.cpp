#include "apps/goop2/guest.h"

#include "apps/goop2/folders.h"
#include "apps/goop2/limits.h"

namespace goop::apps {
namespace {

constexpr std::string_view agent = "goop2/" GOOP_VERSION;

p2p::KeyPair throw_away_key(Runtime& runtime) {
  crypto::Secret<32> seed;
  runtime.random(seed.mut());
  return p2p::KeyPair::from_seed(seed);
}

}  // namespace

Guest::Guest(Runtime& runtime, net::Network& network, Manners manners) : runtime_(runtime) {
  p2p::HostOptions options(throw_away_key(runtime));
  options.agent_version = agent;
  host_ = std::make_unique<p2p::Host>(runtime, network, std::move(options));
  sites_ = std::make_unique<peer::site::SiteClient>(
      runtime, peer::site::open_from(*host_, manners.speak), manners.largest_file);
}

Guest::Guest(Runtime& runtime, net::Network& network, const std::filesystem::path& dir)
    : runtime_(runtime) {
  peer::PeerOptions options{dir, or_raise(take_existing(runtime, dir)), std::string(agent)};
  peer_ = std::make_unique<peer::Peer>(runtime, network, std::move(options));
}

Task<> Guest::start() {
  if (peer_) {
    co_await peer_->start();
  } else {
    or_raise(host_->start());
  }
}

Task<> Guest::stop() {
  const auto by = Deadline::after(runtime_.now(), limits::stop_budget);
  if (peer_) {
    co_await peer_->stop(by);
  } else {
    co_await host_->stop(by);
  }
}

Task<p2p::ConnectionInfo> Guest::connect(wire::PeerAddress to) {
  if (to.addresses.empty() && host().known_addresses(to.peer).empty()) {
    raise(Errc::not_found,
          "no address of {} is known here\n"
          "Give its full address or goop:// link, or --from DIR with a peer that knows it.",
          to.peer);
  }
  const auto by = Deadline::after(runtime_.now(), limits::connect_time);
  co_return co_await host().connect(to.peer, std::move(to.addresses), by);
}

std::shared_ptr<peer::site::SiteSource> Guest::site(const p2p::PeerId& peer) {
  if (peer_) return peer_->site(peer);
  return std::make_shared<peer::site::RemoteSite>(*sites_, peer);
}

Task<> with_guest(Guest& guest, Task<> body) {
  auto starting = guest.start();
  auto outcome = co_await attempt(std::move(starting));
  if (outcome) outcome = co_await attempt(std::move(body));
  co_await guest.stop();
  or_raise(std::move(outcome));
}

}  // namespace goop::apps
