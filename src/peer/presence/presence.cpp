#include "peer/presence/presence.h"

#include <charconv>

#include "base/log.h"
#include "base/supervised.h"
#include "peer/presence/address_policy.h"
#include "peer/presence/remembered.h"

namespace goop::peer::presence {
namespace {

constexpr std::string_view ts_file = "data/presence.ts";

std::int64_t stored_ts(const store::Folder& folder) {
  std::int64_t ts = 0;
  if (const auto digits = folder.read(ts_file, limits::ts_digits)) {
    const auto text = as_text(*digits);
    std::from_chars(text.data(), text.data() + text.size(), ts);
  }
  return std::clamp<std::int64_t>(ts, 0, wire::limits::presence_ts_most / 2);
}

}  // namespace

Presence::Presence(Runtime& runtime, net::Network& network, p2p::Host& host,
                   setup::PeerCache& cache, store::Folder& folder, Options options)
    : runtime_(runtime),
      host_(host),
      cache_(cache),
      folder_(folder),
      options_(std::move(options)),
      topic_(or_raise(p2p::pubsub::Topic::parse(options_.topic))),
      table_(host.id(), {.ttl = options_.ttl, .grace = options_.grace}),
      events_(runtime),
      gossip_(runtime, host),
      mdns_(
          runtime, network,
          {.service = options_.mdns_service,
           .self = host.id(),
           .addresses = [this] { return host_.listening(); },
           .on_found = [this](p2p::PeerId peer,
                              std::vector<p2p::Multiaddr> addresses) { found(peer, addresses); }}),
      intake_(runtime, table_, host.id(),
              {.events = [this](const PeerEvents& events) { tell(events); },
               .addresses = [this](const wire::Presence& said,
                                   p2p::AddressScope teller) { take_addresses(said, teller); },
               .punch =
                   [this](const wire::Presence& said, p2p::AddressScope teller) {
                     take_addresses(said, teller);
                     prober_.probe(said.peer);
                   },
               .own = [this](const wire::Presence& said) { heard_own(said); }}),
      prober_(runtime, options_.ask_label,
              [this](const p2p::PeerId& peer, std::optional<std::string> label) {
                probed(peer, std::move(label));
              }),
      reconnector_(runtime, [this](p2p::PeerId peer, Deadline by) { return reconnect(peer, by); }),
      announcer_(runtime, host.key(), announcer_options()),
      tasks_(runtime, "presence") {}

Announcer::Options Presence::announcer_options() {
  Announcer::Options made;
  made.heartbeat = options_.heartbeat;
  made.last_ts = stored_ts(folder_);
  made.self = [this] { return self(); };
  made.gossip = [this](const wire::PresenceMessage& message) {
    const auto text = wire::write_presence(message);
    if (const auto sent = gossip_.publish(topic_, as_bytes(text)); !sent) {
      log::warn("presence.not_published", {{"error", sent.error()}});
    }
  };
  made.servers = [this](const wire::PresenceMessage& message) {
    if (options_.servers) options_.servers(message);
  };
  made.flush = [this](Deadline by) { return flush(by); };
  made.store_ts = [this](std::int64_t ts) { return store_ts(ts); };
  return made;
}

// --- life ---

void Presence::start() {
  tell(seed_table(table_, cache_, options_.grace, now()));
  const auto joined =
      gossip_.join(topic_, [this](const p2p::pubsub::Message& m) { return gossiped(m); });
  if (!joined) log::warn("presence.not_joined", {{"error", joined.error()}});
  tasks_.spawn(gossip_.run());
  tasks_.spawn(mdns_.run());
  tasks_.spawn(supervised(runtime_, "presence intake", [this] { return intake_.run(); }));
  tasks_.spawn(supervised(runtime_, "reconnect", [this] { return reconnector_.run(); }));
  tasks_.spawn(supervised(runtime_, "presence host", [this] { return watch_host(); }));
  tasks_.spawn(supervised(runtime_, "presence expiry", [this] { return expire(); }));
  tasks_.spawn(supervised(runtime_, "announcer", [this] { return announcer_.run(); }));
}

Task<> Presence::stop(Deadline by) {
  const auto goodbye = Deadline::after(runtime_.now(), limits::goodbye_time).sooner(by);
  co_await announcer_.stop(goodbye);
  co_await mdns_.goodbye(by);
  co_await reconnector_.close();
  co_await prober_.close();
  co_await tasks_.close();
}

Task<> Presence::flush(Deadline by) {
  co_await gossip_.flush(by);
  if (options_.flush_servers) co_await options_.flush_servers(by);
  co_await wait_until_heard(by.sooner(Deadline::after(runtime_.now(), limits::heard_time)));
}

// What was written may still be lost: some stacks drop what lies unread in a connection that ends.
// A round trip behind the message shows that the neighbour has got past it.
Task<> Presence::wait_until_heard(Deadline by) {
  TaskScope asking(runtime_, "presence that waits to be heard");
  const auto neighbours = gossip_.subscribers(topic_);
  for (const auto& peer : neighbours) {
    auto quiet = [](std::optional<Error>) {};
    asking.spawn(heard_by(peer, by), quiet);
  }
  co_await shielded(asking.join());
}

Task<> Presence::heard_by(p2p::PeerId peer, Deadline by) { co_await host_.ping(peer, by); }

Task<> Presence::store_ts(std::int64_t ts) {
  auto job = [this, text = fmt::format("{}\n", ts)] {
    return folder_.write_atomic(ts_file, as_bytes(text), 0600);
  };
  auto written = co_await runtime_.offload(job);
  or_raise(std::move(written));
}

wire::Presence Presence::self() const {
  auto presence = options_.profile();
  presence.addresses = addresses_to_announce(host_.addresses());
  if (options_.ttl != PeerTable::Settings().ttl) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.ttl);
    presence.ttl = std::clamp(seconds, std::chrono::seconds(1), wire::limits::presence_ttl_most);
  }
  return presence;
}

// --- what comes in ---

p2p::AddressScope Presence::distance(const p2p::PeerId& neighbour) const {
  auto nearest = p2p::AddressScope::public_net;
  for (const auto& connection : host_.connections(neighbour)) {
    const auto scope = connection.remote.scope();
    // Whoever is on this machine is no nearer than its network: it passes on what others say.
    if (scope == p2p::AddressScope::unroutable) return scope;
    const bool local = scope != p2p::AddressScope::public_net || is_local(connection.remote);
    if (local) nearest = p2p::AddressScope::private_net;
  }
  return nearest;
}

// In a subnet that is attached to one of our networks: there are local networks of public
// addresses.
bool Presence::is_local(const p2p::Multiaddr& address) const {
  const auto host = address.host();
  const auto* ip = host ? std::get_if<p2p::IpAddress>(&*host) : nullptr;
  return ip != nullptr && mdns_.is_neighbour(*ip);
}

p2p::pubsub::Verdict Presence::gossiped(const p2p::pubsub::Message& message) {
  switch (intake_.from_gossip(message.from, distance(message.via), message.data)) {
    case Intake::Gossip::pass_on:
      return p2p::pubsub::Verdict::accept;
    case Intake::Gossip::drop:
      return p2p::pubsub::Verdict::ignore;
    case Intake::Gossip::forged:
      return p2p::pubsub::Verdict::reject;
  }
  return p2p::pubsub::Verdict::ignore;
}

void Presence::take_addresses(const wire::Presence& said, p2p::AddressScope teller) {
  const auto own = host_.addresses();
  const auto usable = addresses_to_dial(said.addresses, own, teller);
  const auto life = std::max<Duration>(options_.ttl, limits::told_address_life);
  host_.tell_addresses(said.peer, usable, teller, life);
}

void Presence::found(const p2p::PeerId& peer, const std::vector<p2p::Multiaddr>& addresses) {
  if (peer == host_.id()) {
    auto quiet = [](std::optional<Error>) {};  // whoever said so is not there, or somebody else
    if (!addresses.empty()) tasks_.spawn(look_for_twin(addresses.front()), quiet);
    return;
  }
  host_.tell_addresses(peer, addresses, p2p::AddressScope::private_net, limits::told_address_life);
  if (host_.connected(peer)) return;
  if (reconnector_.waits_for(peer)) {
    reconnector_.hurry(peer);
  } else {
    prober_.probe(peer);
  }
}

// Failures of the outage say nothing any more: the pauses between such dials are the reconnector's.
Task<> Presence::reconnect(p2p::PeerId peer, Deadline by) {
  host_.forget_failures(peer);
  co_await host_.connect(peer, {}, by);
}

void Presence::disconnected(const p2p::PeerDisconnected& gone) {
  const auto* row = table_.find(gone.peer);
  const bool was_here = row != nullptr && row->online;
  tell(table_.disconnected(gone.peer, now()));
  const bool lost = gone.how == p2p::PeerDisconnected::How::lost;
  if (!lost || !was_here || table_.find(gone.peer) == nullptr) return;
  reconnector_.lost(gone.peer);
  mdns_.lost(gone.peer);
}

// --- another computer with our identity ---

void Presence::heard_own(const wire::Presence& said) {
  if (announcer_.heard_own(said.ts) != Announcer::Whose::twin) return;
  const auto own = host_.addresses();
  const auto foreign = [&own](const auto& each) {
    return std::ranges::find(own, each) == own.end();
  };
  const auto at = std::ranges::find_if(said.addresses, foreign);
  const auto target = at == said.addresses.end() ? std::nullopt : at->tcp_endpoint();
  const auto* ip = target ? std::get_if<p2p::IpAddress>(&target->host) : nullptr;
  saw_twin(ip ? ip->to_string() : std::string());
}

bool Presence::is_twin(std::int64_t ts, std::string where) {
  if (announcer_.said(ts)) return false;  // somebody has passed on our own message
  saw_twin(std::move(where));
  return true;
}

void Presence::saw_twin(std::string where) {
  const bool is_new = !twins_.twin();
  const bool tell = twins_.saw(std::move(where), now());
  if (tell) log::warn("identity.twice", {{"problem", twins_.twin()->problem()}});
  if (tell || is_new) options_.twin_changed();
}

// Anybody may say by mDNS that it is us: only a handshake proves it.
Task<> Presence::look_for_twin(p2p::Multiaddr address) {
  co_await host_.look_for_self(std::move(address),
                               Deadline::after(runtime_.now(), limits::twin_look_time));
}

void Presence::probed(const p2p::PeerId& peer, std::optional<std::string> label) {
  const auto result = label ? PeerTable::Probe::answered : PeerTable::Probe::failed;
  tell(table_.probed(peer, result, now()));
  if (label) tell(table_.labelled(peer, std::move(*label), now()));
}

void Presence::host_event(const p2p::HostEvent& event) {
  if (const auto* known = std::get_if<p2p::PeerIdentified>(&event)) {
    const auto facts = host_.facts(known->peer);
    const auto goop = [](const auto& protocol) { return protocol.text().starts_with("/goop/"); };
    if (!facts || std::ranges::none_of(facts->protocols, goop)) return;
    const auto* row = table_.find(known->peer);
    if (row != nullptr && row->connected) return;
    reconnector_.connected(known->peer);
    tell(table_.connected(known->peer, now()));
    prober_.probe(known->peer);
    announcer_.newcomer();
  } else if (const auto* gone = std::get_if<p2p::PeerDisconnected>(&event)) {
    disconnected(*gone);
  } else if (const auto* self = std::get_if<p2p::SelfSeen>(&event)) {
    const auto at = self->at.tcp_endpoint();
    saw_twin(at ? fmt::format("{}", std::get<p2p::IpAddress>(at->host).to_string()) : "");
  } else if (std::holds_alternative<p2p::AddressesChanged>(event)) {
    announcer_.changed();
    mdns_.addresses_changed();
    reconnector_.hurry_all();
  }
}

Task<> Presence::watch_host() {
  std::uint64_t cursor = host_.events().last();
  for (;;) {
    co_await host_.events().wait(cursor, Deadline::never());
    for (;;) {
      const auto next = host_.events().next(cursor);
      if (next.event) {
        host_event(*next.event);
      } else if (next.read == Feed<p2p::HostEvent>::Read::gap) {
        // What was missed: who of those that we take for connected no longer is.
        for (const auto& row : table_.list()) {
          if (row.connected && !host_.connected(row.id)) tell(table_.disconnected(row.id, now()));
        }
      } else {
        break;
      }
    }
  }
}

Task<> Presence::expire() {
  for (;;) {
    co_await runtime_.sleep_for(limits::expire_pace);
    tell(table_.expire(now()));
    if (twins_.expire(runtime_.now())) options_.twin_changed();
  }
}

// --- what changed ---

void Presence::tell(const PeerEvents& events) {
  for (const auto& event : events) {
    if (event.kind == PeerEvent::Kind::left && table_.said_goodbye(event.peer)) {
      reconnector_.left(event.peer);
    }
    if (event.kind != PeerEvent::Kind::removed) {
      if (const auto* row = table_.find(event.peer)) {
        remember(cache_, *row, table_.signed_ts(event.peer));
        // In a crowd whoever is wanted is reached when it is wanted.
        const bool few = table_.size() <= limits::probed_unasked;
        if (event.kind == PeerEvent::Kind::appeared && few) prober_.probe(event.peer);
      }
    }
    events_.publish(event);
  }
}

Result<void> Presence::set_favourite(const p2p::PeerId& peer, PeerTable::Favourite wanted) {
  const bool yes = wanted == PeerTable::Favourite::yes;
  if (yes && cache_.find(peer) == nullptr) {
    const auto* row = table_.find(peer);
    if (row == nullptr) return fail(Errc::not_found, "{} is not known", peer);
    auto named = *row;
    named.favourite = true;
    remember(cache_, named, table_.signed_ts(peer));
  }
  using setup::PeerCache;
  GOOP_CHECK(cache_.set_favorite(peer, yes ? PeerCache::Favorite::yes : PeerCache::Favorite::no));
  tell(table_.set_favourite(peer, wanted, now()));
  return {};
}

Task<> Presence::probe_all(Deadline by) {
  for (const auto& row : table_.list()) {
    if (row.online) prober_.probe(row.id);
  }
  co_await prober_.settled(by);
}

void Presence::set_grace(Duration grace) {
  options_.grace = grace;
  table_.set_times(options_.ttl, grace);
}

}  // namespace goop::peer::presence
