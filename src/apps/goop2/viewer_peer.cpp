#include "apps/goop2/viewer_peer.h"

#include <unordered_map>
#include <unordered_set>

#include "apps/goop2/limits.h"
#include "apps/goop2/metrics.h"
#include "base/supervised.h"
#include "peer/setup/visibility.h"

namespace goop::apps {
namespace {

namespace presence = peer::presence;

constexpr std::size_t short_id_chars = 6;  // of the end: the beginnings are all alike

viewer::KnownPeerView shown_row(const presence::KnownPeer& row, const p2p::ConnectionInfo* by) {
  viewer::KnownPeerView view;
  view.known = row;
  if (!by) return view;
  view.address = by->remote.to_string();
  view.relayed = by->remote.is_circuit();
  return view;
}

}  // namespace

PeerForViewer::PeerForViewer(Runtime& runtime, peer::Peer& peer)
    : runtime_(runtime),
      peer_(peer),
      news_(runtime),
      news_read_(peer.news().last()),
      presence_read_(peer.presence().events().last()),
      tasks_(runtime, "viewer_peer") {
  tasks_.spawn(supervised(runtime_, "viewer news", [this] { return pass_on_news(); }));
  tasks_.spawn(supervised(runtime_, "viewer peers", [this] { return pass_on_presence(); }));
  tasks_.spawn(supervised(runtime_, "viewer servers", [this] { return pass_on_links(); }));
}

Task<> PeerForViewer::stop() { co_await tasks_.close(); }

Task<> PeerForViewer::pass_on_news() {
  auto& told = peer_.news();
  auto& cursor = news_read_;
  for (;;) {
    co_await told.wait(cursor, Deadline::never());
    for (;;) {
      const auto next = told.next(cursor);
      if (next.read == Feed<peer::PeerNews>::Read::none) break;
      const auto* changed = next.event ? std::get_if<peer::PeerChanged>(&*next.event) : nullptr;
      if (changed) {
        news_.publish(viewer::ConnectionChanged{changed->peer});
      } else {
        news_.publish(viewer::SelfChanged{});
      }
    }
  }
}

Task<> PeerForViewer::pass_on_links() {
  auto& told = peer_.links().changes();
  for (;;) {
    co_await told.wait(told.last(), Deadline::never());
    news_.publish(viewer::SelfChanged{});
  }
}

// At most one event for each peer at a time, however often it changes, and a pause behind each
// round. Of very many changes it is said that there were many: their readers read the list anew.
Task<> PeerForViewer::pass_on_presence() {
  using Read = Feed<presence::PeerEvent>::Read;
  auto& told = peer_.presence().events();
  auto& cursor = presence_read_;
  for (;;) {
    co_await told.wait(cursor, Deadline::never());
    std::unordered_set<p2p::PeerId> changed;
    bool lost = false;
    for (auto next = told.next(cursor); next.read != Read::none; next = told.next(cursor)) {
      if (next.read == Read::gap) lost = true;
      if (next.event) changed.insert(next.event->peer);
    }
    if (lost || changed.size() > limits::presence_events) {
      news_.publish(viewer::NewsLost{});
    } else {
      for (const auto& peer : changed) news_.publish(viewer::KnownPeerChanged{peer});
    }
    co_await runtime_.sleep_for(limits::presence_pace);
  }
}

// --- what is shown ---

viewer::SelfView PeerForViewer::self() const {
  viewer::SelfView self;
  self.label = peer_.label();
  for (const auto& address : peer_.addresses()) {
    self.addresses.push_back(address.with_peer(peer_.id()).to_string());
  }
  self.link = wire::format_link(peer_.link());
  self.version = GOOP_VERSION;
  self.started = peer_.started();
  const auto& profile = peer_.config().profile;
  self.profile = {profile.label, profile.email, profile.share_email, profile.listed};
  const bool hides = peer_.presence().appears() == presence::Announcer::Appear::offline;
  self.appears = hides ? viewer::Appear::offline : viewer::Appear::online;
  for (auto& link : peer_.links().status()) {
    self.servers.push_back({std::move(link.url), std::string(name(link.phase)),
                            std::move(link.error), is_up(link.phase), link.next_try,
                            link.clock_ahead});
  }
  for (auto& narrowed : peer::setup::narrowed_visibility(peer_.config())) {
    self.notes.push_back(std::move(narrowed.sentence));
  }
  if (const auto& twin = peer_.presence().twin()) self.twin = {twin->where, twin->seen};
  return self;
}

std::string PeerForViewer::known_label(const p2p::PeerId& peer) const {
  if (peer == peer_.id()) return peer_.label();
  const auto* row = peer_.presence().find(peer);
  if (row && !row->label.empty()) return row->label;
  const auto* known = peer_.known().find(peer);
  return known ? known->content : std::string();
}

std::string PeerForViewer::display_name(const p2p::PeerId& peer) const {
  auto label = known_label(peer);
  if (!label.empty()) return label;
  const auto id = peer.to_string();
  return "…" + id.substr(id.size() - std::min(id.size(), short_id_chars));
}

viewer::ConnectionView PeerForViewer::shown(const p2p::ConnectionInfo& connection) const {
  viewer::ConnectionView view;
  view.peer = connection.peer;
  view.label = known_label(connection.peer);
  view.address = connection.remote.to_string();
  view.inbound = connection.direction == p2p::Direction::inbound;
  view.rtt = connection.rtt;
  const auto age = runtime_.now() - connection.opened;
  view.opened = runtime_.wall() - std::chrono::duration_cast<std::chrono::milliseconds>(age);
  view.streams = connection.streams;
  return view;
}

std::vector<viewer::ConnectionView> PeerForViewer::connections() const {
  std::vector<viewer::ConnectionView> views;
  for (const auto& connection : peer_.host().connections()) {
    const auto same = [&](const auto& view) { return view.peer == connection.peer; };
    if (std::ranges::none_of(views, same)) views.push_back(shown(connection));
  }
  return views;
}

std::optional<viewer::ConnectionView> PeerForViewer::connection(const p2p::PeerId& peer) const {
  const auto all = peer_.host().connections(peer);
  if (all.empty()) return std::nullopt;
  return shown(all.front());
}

std::vector<viewer::KnownPeerView> PeerForViewer::peers() const {
  const auto connections = peer_.host().connections();
  std::unordered_map<p2p::PeerId, const p2p::ConnectionInfo*> by_peer;
  for (const auto& connection : connections) by_peer.emplace(connection.peer, &connection);
  std::vector<viewer::KnownPeerView> views;
  for (const auto& row : peer_.presence().snapshot()) {
    const auto by = by_peer.find(row.id);
    views.push_back(shown_row(row, by == by_peer.end() ? nullptr : by->second));
  }
  return views;
}

std::optional<viewer::KnownPeerView> PeerForViewer::known_peer(const p2p::PeerId& peer) const {
  const auto* row = peer_.presence().find(peer);
  if (!row) return std::nullopt;
  const auto connections = peer_.host().connections(peer);
  return shown_row(*row, connections.empty() ? nullptr : &connections.front());
}

std::string PeerForViewer::metrics() const { return metrics_text(peer_); }

// --- what is done ---

std::shared_ptr<peer::site::SiteSource> PeerForViewer::site(const p2p::PeerId& peer) {
  return peer_.site(peer);
}

Task<viewer::OwnSiteView> PeerForViewer::check_site() {
  auto check = co_await peer_.check_site();
  viewer::OwnSiteView view{check.folder.string(), std::move(check.notices)};
  co_return view;
}

Result<void> PeerForViewer::set_favorite(const p2p::PeerId& peer, viewer::Favorite wanted) {
  using Favourite = presence::PeerTable::Favourite;
  const bool yes = wanted == viewer::Favorite::yes;
  return peer_.presence().set_favourite(peer, yes ? Favourite::yes : Favourite::no);
}

Task<Result<void>> PeerForViewer::set_profile(viewer::ProfileChange wanted, Deadline) {
  std::vector<peer::Peer::Setting> settings;
  const auto text = [&](std::string key, const std::optional<std::string>& value) {
    if (value) settings.push_back({std::move(key), *value});
  };
  const auto flag = [&](std::string key, std::optional<bool> value) {
    if (value) settings.push_back({std::move(key), *value ? "true" : "false"});
  };
  text("profile.label", wanted.label);
  text("profile.email", wanted.email);
  flag("profile.share_email", wanted.share_email);
  flag("profile.listed", wanted.listed);
  return peer_.configure(std::move(settings));
}

void PeerForViewer::appear(viewer::Appear how) {
  using Appear = presence::Announcer::Appear;
  peer_.presence().appear(how == viewer::Appear::offline ? Appear::offline : Appear::online);
  news_.publish(viewer::SelfChanged{});
}

Task<Result<p2p::PeerId>> PeerForViewer::visit(std::string address, Deadline) {
  auto peer = peer_.learn(address);
  if (peer) peer_.visit(*peer);
  co_return peer;
}

// Connects to the peer at `address`; gives its id.
Task<Result<p2p::PeerId>> PeerForViewer::reach(std::string address, Deadline by) {
  const auto peer = peer_.learn(address);
  if (!peer) co_return std::unexpected(peer.error());
  if (*peer == peer_.id()) co_return fail(Errc::invalid, "this is the address of the peer itself");
  std::vector<p2p::Multiaddr> known_ones;
  co_await peer_.host().connect(*peer, std::move(known_ones), by);
  co_return *peer;
}

Task<Result<Duration>> PeerForViewer::ping(std::string address, Deadline by) {
  const auto peer = co_await reach(std::move(address), by);
  if (!peer) co_return std::unexpected(peer.error());
  co_return co_await peer_.host().ping(*peer, by);
}

// Tells the start of each direction at once, and then how far it is, at a pace.
PerfWatch PeerForViewer::perf_teller(p2p::PeerId peer) {
  return [this, peer = std::move(peer), told = std::optional<PerfWay>(), next = Instant()](
             PerfWay way, std::uint64_t bytes) mutable {
    const auto now = runtime_.now();
    if (told == way && now < next) return;
    told = way;
    next = saturating_add(now, limits::progress_pace);
    news_.publish(viewer::PerfMoved{peer, way, bytes});
  };
}

Task<Result<viewer::PerfTimes>> PeerForViewer::perf(std::string address, viewer::PerfPlan plan,
                                                    Deadline by) {
  const auto start = runtime_.now();
  const auto peer = co_await reach(std::move(address), by);
  if (!peer) co_return std::unexpected(peer.error());
  const auto connect = runtime_.now() - start;
  auto measuring = measure_perf(peer_.host(), runtime_, *peer, plan, perf_teller(*peer));
  auto times = co_await with_deadline(runtime_, by, "the measurement", std::move(measuring));
  times.connect = connect;
  co_return times;
}

}  // namespace goop::apps
