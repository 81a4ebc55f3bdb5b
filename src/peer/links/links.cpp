#include "peer/links/links.h"

#include "base/log.h"
#include "base/supervised.h"

namespace goop::peer::links {

using net::http::HttpUrl;

namespace {

HttpUrl own_server(const setup::Config& config) {
  const auto bind = config.presence.rendezvous_bind;
  boost::system::error_code ignored;
  const auto address = boost::asio::ip::make_address(bind, ignored);
  std::string host = address.is_unspecified() ? "127.0.0.1" : address.to_string();
  if (host.find(':') != host.npos) host = fmt::format("[{}]", host);
  return or_raise(
      HttpUrl::parse(fmt::format("http://{}:{}", host, config.presence.rendezvous_port)));
}

}  // namespace

std::vector<HttpUrl> Links::servers_of(const setup::Config& config) {
  std::vector<HttpUrl> servers;
  if (config.presence.rendezvous_host) servers.push_back(own_server(config));
  if (!config.presence.rendezvous_wan.empty()) {
    auto wan = HttpUrl::parse(config.presence.rendezvous_wan);
    if (!wan) {
      log::warn("links.no_such_address", {{"error", wan.error()}});
    } else if (std::ranges::find(servers, *wan) == servers.end()) {
      servers.push_back(std::move(*wan));
    }
  }
  return servers;
}

Links::Links(Runtime& runtime, net::Network& network, net::tls::Context& tls, p2p::PeerId self,
             std::vector<HttpUrl> servers, Out out)
    : runtime_(runtime),
      network_(network),
      dialer_(runtime, network, tls),
      out_(std::move(out)),
      changes_(runtime),
      tasks_(runtime, "links") {
  for (auto& url : servers) {
    auto told = link_out();
    links_.push_back(
        std::make_unique<RendezvousLink>(runtime, dialer_, std::move(url), self, std::move(told)));
  }
}

RendezvousLink::Out Links::link_out() {
  RendezvousLink::Out out;
  out.heard = out_.heard;
  out.still_here = out_.still_here;
  out.gone = [this](const std::vector<p2p::PeerId>& peers) { gone(peers); };
  out.wanted = out_.wanted;
  out.twin = out_.twin;
  out.status_changed = [this](const LinkStatus& now) {
    if (!stopping_) note(now);
    changes_.publish({now.url});
  };
  return out;
}

void Links::note(const LinkStatus& now) {
  const bool up = is_up(now.phase);
  if (!up && now.phase != Phase::waiting) return;  // it is being tried
  const auto turn = !up ? Said::away : now.error.empty() ? Said::fine : Said::trouble;
  if (std::exchange(said_[now.url], turn) == turn) return;
  if (turn == Said::fine) {
    log::info("server.connected", {{"url", now.url}, {"by", name(now.phase)}});
  } else {
    log::warn(up ? "server.refuses" : "server.away", {{"url", now.url}, {"error", now.error}});
  }
}

void Links::gone(const std::vector<p2p::PeerId>& peers) {
  std::vector<p2p::PeerId> from_all;
  for (const auto& peer : peers) {
    const auto lists = [&](const auto& link) { return link->lists(peer); };
    if (std::ranges::none_of(links_, lists)) from_all.push_back(peer);
  }
  if (!from_all.empty()) out_.gone(from_all);
}

void Links::start() {
  for (const auto& link : links_) link->start();
  if (links_.empty()) return;
  auto watch = [this] { return watch_interfaces(); };
  tasks_.spawn(supervised(runtime_, "links", std::move(watch)));
}

Task<> Links::stop(Deadline by) {
  stopping_ = true;
  co_await tasks_.close();
  TaskScope stopping(runtime_, "links that stop");
  for (const auto& link : links_) stopping.spawn(link->stop(by));
  co_await shielded(stopping.join());
}

// A cable that was plugged in need not wait for the half minute of a link that gave up for now.
Task<> Links::watch_interfaces() {
  const auto watch = network_.watch_interfaces();
  for (;;) {
    co_await watch->changed(Deadline::never());
    for (const auto& link : links_) link->hurry();
  }
}

void Links::publish(const wire::PresenceMessage& message) {
  if (links_.empty()) return;
  auto told = message;
  if (out_.add_registration) out_.add_registration(told);
  const auto text = wire::write_presence(message);
  const bool registered = !told.verification_token.empty();
  const auto with_registration = registered ? wire::write_presence(told) : std::string();
  for (const auto& link : links_) link->publish(message.presence.type, text, with_registration);
}

Task<> Links::flush(Deadline by) {
  TaskScope flushing(runtime_, "links that flush");
  for (const auto& link : links_) flushing.spawn(link->flush(by));
  co_await shielded(flushing.join());
}

std::vector<LinkStatus> Links::status() const {
  std::vector<LinkStatus> all;
  for (const auto& link : links_) all.push_back(link->status());
  return all;
}

std::vector<const RendezvousLink*> Links::all() const {
  std::vector<const RendezvousLink*> all;
  for (const auto& link : links_) all.push_back(link.get());
  return all;
}

}  // namespace goop::peer::links
