// Servers of one board on a bus in memory, with delays, loss and partitions, and people who
// heartbeat, in time that the test moves. Whoever ends on a board although it heartbeats is noted.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "rendezvous/backplane/joint.h"
#include "rendezvous/backplane/limits.h"
#include "rendezvous/board_test_kit.h"

namespace goop::rendezvous::backplane {

inline constexpr auto heartbeat = 5s;

struct Station {
  Station(ServerId id, BoardOptions options) : board(options), joint(id, board) {}

  Board board;
  Joint joint;
  bool on_bus = true, alive = true;
};

struct Citizen {
  Person who;
  std::size_t at = 0;  // the server it is with
  bool socket = true;  // proven; otherwise it posts
  bool is_signed = true;
  bool speaks = true;
  Instant next{};
};

class JointTest : public ::testing::Test {
 protected:
  Station& add(BoardOptions options = {}) {
    stations.push_back(std::make_unique<Station>(100 + stations.size(), options));
    stations.back()->joint.connected(now);
    return *stations.back();
  }

  Citizen& settle(std::size_t at) {
    auto& citizen = citizens.emplace_back(person(static_cast<std::uint8_t>(citizens.size() + 1)));
    citizen.at = at;
    citizen.next = now + std::chrono::milliseconds(chance() % 5'000);
    return citizen;
  }
  void crowd(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) settle(i % stations.size());
  }

  // --- what happens ---

  void speak(Citizen& citizen) {
    auto& station = *stations[citizen.at];
    auto message =
        citizen.is_signed ? signed_at(citizen.who, wall) : unsigned_at(citizen.who, wall);
    message.verified = true;
    take(station, std::move(message));
    if (citizen.socket) station.board.hold(citizen.who.id);
  }
  void take(Station& station, wire::PresenceMessage message) {
    const auto proof = message.is_signed() ? Proof::checked : Proof::none;
    const auto outcome = station.board.apply(std::move(message), {proof, address}, 100, now, wall);
    station.joint.changed(outcome.changes, now);
    note(outcome.changes);
  }
  void say_goodbye(Citizen& citizen) {
    citizen.speaks = false;
    citizen.who.type = wire::PresenceType::offline;
    auto message =
        citizen.is_signed ? signed_at(citizen.who, wall) : unsigned_at(citizen.who, wall);
    take(*stations[citizen.at], std::move(message));
  }
  void lose_socket(Citizen& citizen) {
    if (citizen.socket) stations[citizen.at]->board.release(citizen.who.id, now);
  }
  // Its socket breaks, and it finds another server `after` that.
  void move(Citizen& citizen, std::size_t to, Duration after) {
    if (stations[citizen.at]->alive) lose_socket(citizen);
    citizen.at = to;
    citizen.next = now + after;
  }
  void kill(std::size_t index) {
    stations[index]->alive = false;
    for (auto& citizen : citizens) {
      if (citizen.at != index) continue;
      std::size_t to = chance() % stations.size();
      while (!stations[to]->alive) to = chance() % stations.size();
      move(citizen, to, std::chrono::milliseconds(chance() % 3'000));
    }
  }
  void kill_bus() {
    bus.clear();
    for (auto& station : stations) leave_bus(*station);
  }
  void leave_bus(Station& station) {
    station.on_bus = false;
    station.joint.disconnected();
  }
  void join_bus(Station& station) {
    station.on_bus = true;
    station.joint.connected(now);
  }
  void revive_bus() {
    for (auto& station : stations) join_bus(*station);
  }

  void send(const Station* from, const Bytes& frame) {
    if (tap) tap(frame);
    for (const auto& station : stations) {
      if (station.get() == from || !station->alive || !station->on_bus) continue;
      if (chance() % 100 < loss_percent) continue;
      // In order for each pair, as NATS has it.
      auto& last = arrivals[{from, station.get()}];
      last = std::max(last, now + delay + std::chrono::milliseconds(chance() % 20));
      bus.emplace(last, std::pair{station.get(), frame});
    }
  }
  void inject(const Frame& frame) { send(nullptr, encode(frame)); }

  void pass(Duration span) {
    for (const auto end = now + span; now < end;) {
      now += limits::pace;
      wall += std::chrono::duration_cast<std::chrono::milliseconds>(limits::pace);
      step();
    }
  }

  // --- what there is to see ---

  std::size_t seen(const Citizen& citizen) const {
    std::size_t count = 0;
    for (const auto& station : stations) {
      count += station->alive && station->board.find(citizen.who.id) != nullptr;
    }
    return count;
  }
  bool all_see_all() const {
    for (const auto& station : stations) {
      if (!station->alive) continue;
      for (const auto& citizen : citizens) {
        if (citizen.speaks && !station->board.find(citizen.who.id)) return false;
      }
    }
    return true;
  }
  bool all_whole() const {
    return std::ranges::all_of(
        stations, [](const auto& station) { return !station->alive || station->joint.whole(); });
  }

  std::vector<std::unique_ptr<Station>> stations;
  std::deque<Citizen> citizens;
  std::vector<std::string> flaps;
  std::function<void(const Bytes&)> tap;  // hears every frame
  std::uint64_t loss_percent = 0;
  Duration delay = 5ms;
  Instant now = Instant(1h);
  WallTime wall{std::chrono::milliseconds(1'760'000'000'000)};
  net::IpAddress address = asio::ip::make_address("127.0.0.1");

 private:
  // The same on every run (splitmix64).
  std::uint64_t chance() {
    auto z = seed_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  void note(const std::vector<Change>& changes) {
    for (const auto& change : changes) {
      if (change.kind != Change::Kind::gone) continue;
      for (const auto& citizen : citizens) {
        if (citizen.who.id == change.message->presence.peer && citizen.speaks) {
          const auto at = std::chrono::duration_cast<std::chrono::seconds>(now - Instant(1h));
          flaps.push_back(fmt::format("{} at {} s", citizen.who.id, at.count()));
        }
      }
    }
  }

  void step() {
    for (auto& citizen : citizens) {
      if (!citizen.speaks || now < citizen.next || !stations[citizen.at]->alive) continue;
      citizen.next = now + heartbeat;
      speak(citizen);
    }
    while (!bus.empty() && bus.begin()->first <= now) {
      const auto [to, frame] = std::move(bus.extract(bus.begin()).mapped());
      if (to->alive && to->on_bus) deliver(*to, frame);
    }
    for (auto& station : stations) {
      if (!station->alive) continue;
      station->joint.expire(now);
      if (station->board.next_due() <= now) {
        const auto changes = station->board.expire(now, wall);
        station->joint.changed(changes, now);
        note(changes);
      }
      for (const auto& frame : station->joint.send(now)) send(station.get(), frame);
    }
  }

  void deliver(Station& station, const Bytes& frame) {
    auto work = station.joint.take(frame, now, wall);
    for (auto& candidate : work) {
      if (!candidate.message.is_signed()) continue;
      candidate.good = wire::check_signature(candidate.message).has_value();
    }
    for (const auto& told : station.joint.finish(std::move(work), now, wall)) {
      note(told.outcome.changes);
    }
  }

  std::uint64_t seed_ = 7;
  std::multimap<Instant, std::pair<Station*, Bytes>> bus;
  std::map<std::pair<const Station*, const Station*>, Instant> arrivals;
};

struct Joined : JointTest {
  Joined() {
    BoardOptions options;
    options.ttl = 20s;
    for (int i = 0; i < 3; ++i) add(options);
  }
};

}  // namespace goop::rendezvous::backplane
