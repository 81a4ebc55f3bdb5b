#include "p2p/discovery/mdns_state.h"

#include <algorithm>

namespace goop::p2p::discovery {
namespace {

constexpr std::size_t header_bytes = 12;
constexpr int announcements = 2;  // RFC 6762 8.3

char lower(std::uint8_t c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); }

}  // namespace

// --- networks and addresses ---

void MdnsState::set_lans(std::vector<Lan> lans, Instant now) {
  if (silent_ || lans == lans_) return;
  const auto old = std::exchange(lans_, std::move(lans));
  std::erase_if(channels_, [this](const auto& entry) {
    const auto* there = lan(entry.first.first);
    return !there || !there->speaks(entry.first.second);
  });
  for (const auto& each : lans_) {
    const auto before = std::ranges::find(old, each.index, &Lan::index);
    const bool same = before != old.end() && *before == each;
    for (const auto family : {net::Family::v4, net::Family::v6}) {
      if (!each.speaks(family)) continue;
      const Key key{each.index, family};
      auto& channel = channels_.try_emplace(key, Channel{.family = family}).first->second;
      if (!same) begin(key, channel, now);
    }
  }
  announce_all(now);  // a wildcard means the addresses of all networks
  on_tick(now);
}

void MdnsState::set_addresses(std::vector<Multiaddr> listening, Instant now) {
  if (silent_ || listening == listening_) return;
  listening_ = std::move(listening);
  announce_all(now);
  on_tick(now);
}

void MdnsState::restart(unsigned lan, Instant now) {
  if (silent_) return;
  for (auto& [key, channel] : channels_) {
    if (key.first == lan) begin(key, channel, now);
  }
  on_tick(now);
}

void MdnsState::lost(const PeerId& peer, Instant now) {
  if (silent_ || !neighbours_.lost(peer, now)) return;
  for (auto& [key, channel] : channels_) {
    channel.ask_gap = limits::mdns_query_first;
    const auto soon = saturating_add(now, some(limits::mdns_missed_spread));
    channel.ask_at = std::min(channel.ask_at, soon);
  }
}

const Lan* MdnsState::lan(unsigned index) const {
  const auto found = std::ranges::find(lans_, index, &Lan::index);
  return found == lans_.end() ? nullptr : &*found;
}

void MdnsState::begin(const Key& key, Channel& channel, Instant now) {
  channel.ask_at = now;
  channel.ask_gap = limits::mdns_query_first;
  neighbours_.forget_known_on(key.first);
  announce(key, channel, now);
}

// What was announced before is taken back first: go-libp2p reports a name once, and reads it again
// only after a goodbye.
void MdnsState::announce(const Key& key, Channel& channel, Instant now) {
  if (std::exchange(channel.announced, false)) send(key, goodbye_packet(names_));
  channel.announce_at = now;
  channel.announcements_left = announcements;
}

void MdnsState::announce_all(Instant now) {
  for (auto& [key, channel] : channels_) announce(key, channel, now);
}

// --- the schedule ---

void MdnsState::on_tick(Instant now) {
  if (silent_) return;
  const auto due = next();
  const bool overslept = due != Instant::max() && now > saturating_add(due, limits::mdns_overslept);
  for (auto& [key, channel] : channels_) {
    if (overslept) begin(key, channel, now);
    run(key, channel, now);
  }
  neighbours_.on_tick(now);
}

Instant MdnsState::next() const {
  if (silent_) return Instant::max();
  auto next = neighbours_.next();
  for (const auto& [key, channel] : channels_)
    next = std::min({next, channel.ask_at, channel.announce_at, channel.answer_at});
  return next;
}

void MdnsState::run(const Key& key, Channel& channel, Instant now) {
  if (now >= channel.announce_at) {
    answer(key, channel, Kind::announcement, now);
    channel.announce_at = --channel.announcements_left > 0
                              ? saturating_add(now, limits::mdns_announce_gap)
                              : Instant::max();
  }
  if (now >= channel.ask_at) ask(key, channel, now);
  if (now >= channel.answer_at) answer(key, channel, Kind::answer, now);
}

void MdnsState::goodbye() {
  if (silent_) return;
  for (const auto& [key, channel] : channels_) {
    if (channel.announced) send(key, goodbye_packet(names_));
  }
  silent_ = true;
}

// --- saying ---

void MdnsState::ask(const Key& key, Channel& channel, Instant now) {
  channel.asked_id = static_cast<std::uint16_t>(chance_(0x10000));
  send(key, query_packet(channel.asked_id, names_,
                         neighbours_.known_on(key.first, names_.service, now)));
  asked(channel, now);
}

// The next question, by us or by who is first.
void MdnsState::asked(Channel& channel, Instant now) {
  const auto most = longest_gap(now);
  channel.ask_gap = std::min(channel.ask_gap, most);
  channel.ask_at = saturating_add(now, channel.ask_gap);
  if (channel.ask_gap == most) channel.ask_at += some(channel.ask_gap / 4);
  channel.ask_gap = std::min(most, 2 * channel.ask_gap + some(channel.ask_gap / 2));
}

Duration MdnsState::longest_gap(Instant now) const {
  return neighbours_.misses_any(now) ? limits::mdns_missed_most : limits::mdns_query_most;
}

void MdnsState::answer(const Key& key, Channel& channel, Kind kind, Instant now) {
  const bool announcement = kind == Kind::announcement;
  const std::uint16_t id = announcement ? 0 : channel.answer_id;
  channel.answer_at = Instant::max();
  auto bytes = answer_on(key.first, id, announcement ? Flush::yes : Flush::no);
  if (bytes.empty()) return;
  if (!announcement) channel.last_answer = now;
  channel.announced = true;
  send(key, std::move(bytes));
}

// Empty: there is no address to tell.
Bytes MdnsState::answer_on(unsigned index, std::uint16_t id, Flush flush) const {
  const auto* here = lan(index);
  const auto addresses = addresses_for(*here, lans_, listening_);
  if (addresses.empty()) return {};
  return answer_packet(id, names_, self_, *here, addresses, flush);
}

void MdnsState::send(const Key& key, Bytes bytes) {
  packets_.push_back({key.first, mdns_group(key.second), std::move(bytes)});
}

// --- hearing ---

void MdnsState::on_packet(const Arrival& arrival, BytesView packet, Instant now) {
  const Key key{arrival.lan, arrival.from.address.is_v4() ? net::Family::v4 : net::Family::v6};
  const auto found = channels_.find(key);
  if (silent_ || found == channels_.end() || !names_us(packet)) return;
  auto& channel = found->second;
  const auto& here = *lan(arrival.lan);
  const auto id = static_cast<std::uint16_t>(packet[0] << 8 | packet[1]);
  const bool is_query = (packet[2] & 0x80) == 0;
  if (is_query && id == channel.asked_id && here.owns(arrival.from.address)) return;  // our own
  ++counters_.received;
  if (packet.size() > limits::mdns_packet_bytes_in || !here.neighbours(arrival.from.address) ||
      !channel.rate.take(now)) {
    ++counters_.dropped;
    return;
  }
  const auto message = read_message(packet);
  if (!message) {
    ++counters_.dropped;
  } else if (message->response) {
    on_response(*message, arrival, now);
  } else {
    on_query(key, channel, *message, arrival.from, now);
  }
}

// A cheap look, so that other talk on the network costs nothing: compression or not, the first
// label of the service is written out once.
bool MdnsState::names_us(BytesView packet) const {
  if (packet.size() < header_bytes) return false;
  const auto service = names_.service.wire();
  const auto label = service.substr(0, 1 + static_cast<std::uint8_t>(service.front()));
  const auto same = [](std::uint8_t a, char b) {
    return lower(a) == lower(static_cast<std::uint8_t>(b));
  };
  return !std::ranges::search(packet.subspan(header_bytes), label, same).empty();
}

void MdnsState::on_query(const Key& key, Channel& channel, const Message& query,
                         const net::Endpoint& from, Instant now) {
  if (asks_for_us(key, channel, query, from, now)) asked(channel, now);
  const auto wish = wish_of(query, names_);
  if (wish == Wish::nothing) return;
  // rust-libp2p asks from a port that it does not read: it needs the multicast, dig the other.
  const bool from_elsewhere = from.port != mdns_port;
  if (wish == Wish::alone || from_elsewhere) {
    auto bytes = answer_on(key.first, query.id, Flush::no);
    if (!bytes.empty()) packets_.push_back({key.first, from, std::move(bytes)});
  }
  if (wish == Wish::alone || channel.answer_at != Instant::max()) return;
  channel.answer_id = query.id;
  channel.answer_at = channel.last_answer == Instant::min()
                          ? now
                          : std::max(now, channel.last_answer + limits::mdns_answer_gap);
  if (now >= channel.answer_at) answer(key, channel, Kind::answer, now);
}

// Whether another has just asked what we were going to ask (RFC 6762 7.3): everybody hears the
// answers, and who is told to stay silent is known to us as well. Not while our own questions are
// still new.
bool MdnsState::asks_for_us(const Key& key, const Channel& channel, const Message& query,
                            const net::Endpoint& from, Instant now) const {
  if (channel.ask_gap < longest_gap(now) || from.port != mdns_port || query.authorities > 0)
    return false;
  const Question ours{names_.service, static_cast<std::uint16_t>(RecordType::ptr)};
  const auto known_to_us = [&](const Record& record) {
    const auto* pointer = std::get_if<Pointer>(&record.data);
    return !pointer || pointer->target == names_.instance ||
           neighbours_.knows(pointer->target, key.first);
  };
  return std::ranges::find(query.questions, ours) != query.questions.end() &&
         std::ranges::all_of(query.answers, known_to_us);
}

// Under our own id it is reported, too, unless we said it ourselves: somebody else has our
// identity.
void MdnsState::on_response(const Message& response, const Arrival& arrival, Instant now) {
  const auto& here = *lan(arrival.lan);
  const bool from_us = here.owns(arrival.from.address);
  for (auto& sighting : read_sightings(response, names_.service, here)) {
    const bool ours = sighting.peer == self_ && (from_us || sighting.instance == names_.instance);
    if (sighting.life == Duration{}) {
      neighbours_.gone(sighting.instance);
    } else if (!sighting.peer.empty() && !ours) {
      neighbours_.heard(std::move(sighting), arrival.lan, now);
    }
  }
}

}  // namespace goop::p2p::discovery
