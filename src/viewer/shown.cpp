#include "viewer/shown.h"

namespace goop::viewer {
namespace {

namespace presence = peer::presence;

std::string_view name(presence::Proof proof) {
  switch (proof) {
    case presence::Proof::hearsay:
      return "hearsay";
    case presence::Proof::connection:
      return "connection";
    case presence::Proof::signature:
      return "signature";
  }
  return "";
}

json::Array channel_names(const presence::KnownPeer& peer) {
  json::Array names;
  if (peer.is_known_by(presence::Channel::connection)) names.emplace_back("connection");
  if (peer.is_known_by(presence::Channel::gossip)) names.emplace_back("gossip");
  if (peer.is_known_by(presence::Channel::rendezvous)) names.emplace_back("rendezvous");
  return names;
}

std::string_view way_to(const KnownPeerView& peer) {
  if (peer.address.empty()) return "none";
  return peer.relayed ? "relay" : "direct";
}

}  // namespace

namespace {

json::Array server_list(const SelfView& self) {
  json::Array list;
  for (const auto& server : self.servers) {
    json::Object shown{{"url", server.url}, {"state", server.state}, {"up", server.up}};
    if (!server.error.empty()) shown["error"] = server.error;
    if (server.next_try) shown["nextTry"] = to_ms(*server.next_try);
    if (server.clock_ahead) shown["clockAheadMs"] = server.clock_ahead->count();
    list.push_back(std::move(shown));
  }
  return list;
}

}  // namespace

json::Object self_object(const Context& context) {
  const auto self = context.peer.self();
  const auto& id = context.peer.id();
  json::Array addresses;
  for (const auto& address : self.addresses) addresses.emplace_back(address);
  json::Object profile{{"label", self.profile.label},
                       {"email", self.profile.email},
                       {"shareEmail", self.profile.share_email},
                       {"listed", self.profile.listed}};
  json::Object shown{{"peerID", id.to_string()},
                     {"label", self.label},
                     {"siteUrl", site_url(id, context.port)},
                     {"siteOrigin", site_origin(id, context.port)},
                     {"addresses", std::move(addresses)},
                     {"link", self.link},
                     {"version", self.version},
                     {"started", to_ms(self.started)},
                     {"connections", context.peer.connections().size()},
                     {"profile", std::move(profile)},
                     {"appearsOffline", self.appears == Appear::offline},
                     {"servers", server_list(self)}};
  if (self.twin) {
    shown["twin"] = json::Object{{"where", self.twin->where}, {"seen", to_ms(self.twin->seen)}};
  }
  json::Array notes;
  for (const auto& note : self.notes) notes.emplace_back(note);
  if (!notes.empty()) shown["notes"] = std::move(notes);
  return shown;
}

json::Object connection_object(const Context& context, const ConnectionView& connection) {
  json::Value rtt;  // null while it was not measured
  if (connection.rtt) {
    rtt = std::chrono::duration_cast<std::chrono::microseconds>(*connection.rtt).count();
  }
  return {{"peerID", connection.peer.to_string()},
          {"label", connection.label},
          {"address", connection.address},
          {"direction", connection.inbound ? "inbound" : "outbound"},
          {"rttMicros", std::move(rtt)},
          {"openedAt", to_ms(connection.opened)},
          {"streams", connection.streams},
          {"siteUrl", site_url(connection.peer, context.port)}};
}

json::Object known_peer_object(const Context& context, const KnownPeerView& peer) {
  const auto& known = peer.known;
  return {{"peerID", known.id.to_string()},
          {"label", known.label},
          {"email", known.email},
          {"online", known.online},
          {"reachable", known.reachable},
          {"way", way_to(peer)},
          {"address", peer.address},
          {"proof", name(known.proof)},
          {"verified", known.verified},
          {"knownBy", channel_names(known)},
          {"favorite", known.favourite},
          {"lastSeen", to_ms(known.last_seen)},
          {"template", known.active_template},
          {"videoDisabled", known.video_disabled},
          {"version", known.client_version},
          {"siteUrl", site_url(known.id, context.port)}};
}

json::Array connection_list(const Context& context) {
  json::Array list;
  for (const auto& one : context.peer.connections()) {
    list.push_back(connection_object(context, one));
  }
  return list;
}

json::Array known_peer_list(const Context& context) {
  json::Array list;
  for (const auto& one : context.peer.peers()) list.push_back(known_peer_object(context, one));
  return list;
}

std::string cursor_text(const Context& context, std::uint64_t number) {
  return fmt::format("{}-{}", context.boot, number);
}

std::optional<std::uint64_t> cursor_number(const Context& context, std::string_view text) {
  if (!text.starts_with(context.boot + "-")) return std::nullopt;
  std::uint64_t number = 0;
  const auto digits = text.substr(context.boot.size() + 1);
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

}  // namespace goop::viewer
