#include "apps/goop2/peer_lines.h"

#include <fmt/chrono.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "apps/goop2/limits.h"
#include "apps/goop2/report.h"
#include "apps/goop2/units.h"
#include "base/bytes.h"

namespace goop::apps {
namespace {

constexpr std::string_view green = "\x1b[32m", dim = "\x1b[2m", plain = "\x1b[0m";

using Row = std::array<std::string, 7>;

std::string name_of(const ListedPeer& peer) {
  return peer.label.empty() ? "-" : printable(peer.label, limits::name_bytes);
}

std::string known_by(const ListedPeer& peer) {
  std::string text;
  for (const auto& channel : peer.knownBy) {
    if (!text.empty()) text += ", ";
    text += channel == "rendezvous" ? "server" : printable(channel);
  }
  return text.empty() ? "-" : text;
}

std::string proof_of(const ListedPeer& peer) {
  if (peer.proof == "signature") return "signed";
  return peer.proof == "connection" ? "connected" : "unsigned";
}

std::string seen(const ListedPeer& peer, WallTime now) {
  if (peer.online) return "now";
  const auto age = std::chrono::milliseconds(std::max<std::int64_t>(0, to_ms(now) - peer.lastSeen));
  return peer.lastSeen <= 0 ? "-" : age_text(age) + " ago";
}

Row row_of(const ListedPeer& peer, WallTime now) {
  const auto way = peer.way == "none" ? "-" : printable(peer.way);
  return {(peer.favorite ? "* " : "  ") + name_of(peer),
          peer.online ? "online" : "offline",
          seen(peer, now),
          proof_of(peer),
          known_by(peer),
          way,
          printable(peer.peerID)};
}

bool before(const ListedPeer& a, const ListedPeer& b) {
  const auto rank = [](const ListedPeer& peer) {
    return std::tuple(!peer.online, !peer.favorite, peer.label.empty());
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  return std::tie(a.label, a.peerID) < std::tie(b.label, b.peerID);
}

// In characters: every byte of UTF-8 but those that continue one.
std::size_t width_of(std::string_view text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(text, begins));
}

}  // namespace

PeerLines::Colours PeerLines::colours_wanted() {
  const char* no_colour = std::getenv("NO_COLOR");
  const bool wanted = ::isatty(STDOUT_FILENO) && (!no_colour || *no_colour == '\0');
  return wanted ? Colours::yes : Colours::no;
}

std::string PeerLines::painted(std::string_view colour, std::string text) const {
  return colours_ == Colours::no ? text : fmt::format("{}{}{}", colour, text, plain);
}

void PeerLines::table(std::vector<ListedPeer> peers, WallTime now) const {
  if (peers.empty()) return say("Nobody yet. Peers on the same network appear here by themselves.");
  std::ranges::sort(peers, before);
  std::vector<Row> rows{{"  NAME", "STATE", "SEEN", "PROOF", "KNOWN BY", "WAY", "PEER"}};
  for (const auto& peer : peers) rows.push_back(row_of(peer, now));
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (std::size_t at = 0; at < rows.size(); ++at) {
    std::string line;
    for (std::size_t i = 0; i < rows[at].size(); ++i) {
      const bool last = i + 1 == rows[at].size();
      line += rows[at][i];
      if (!last) line += std::string(widths[i] + 2 - width_of(rows[at][i]), ' ');
    }
    const bool online = at > 0 && peers[at - 1].online;
    say(painted(online ? green : dim, std::move(line)));
  }
}

void PeerLines::change(WallTime now, std::string_view what, const ListedPeer& peer) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto clock = fmt::localtime(std::chrono::system_clock::to_time_t(seconds));
  auto line =
      fmt::format("{:%H:%M:%S}  {:<7}  {}  {}", clock, what, name_of(peer), printable(peer.peerID));
  say(painted(peer.online && what != "gone" ? green : dim, std::move(line)));
}

}  // namespace goop::apps
