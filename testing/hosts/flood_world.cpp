#include "testing/hosts/flood_world.h"

#include "p2p/mux/limits.h"

namespace goop::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t mallorys = 9;
// What the frames of one read cost at most: as many streams as a connection may have.
constexpr double one_read = 20e6;

}  // namespace

FloodWorld::FloodWorld(std::uint64_t seed, p2p::WorkLimits limits)
    : work(limits),
      world(seed),
      victim(world.add(world.machine(2), with_work(world.options(2), limits))),
      neighbour(world.add(1)),
      mallory(world, world.machine(mallorys), key_of(mallorys), victim) {
  world.connect(neighbour, victim);
  world.rt.run_for(1s);
}

p2p::HostOptions FloodWorld::with_work(p2p::HostOptions options, p2p::WorkLimits work) {
  options.work = work;
  return options;
}

void FloodWorld::stop() {
  for (auto& host : world.hosts) world.rt.wait(host->stop(world.soon()));
}

Duration FloodWorld::run(Duration span, const std::function<void()>& more) {
  const Instant end = world.rt.now() + span;
  Duration longest{};
  while (world.rt.now() < end && !mallory.heard().over) {
    if (mallory.send(100ms)) more();
    longest = std::max(longest, serve_neighbour());
  }
  return longest;
}

Duration FloodWorld::serve_neighbour() {
  const Instant before = world.rt.now();
  GOOP_ASSERT(world.say(neighbour, victim, "me") == "hello me");
  return world.rt.now() - before;
}

std::uint32_t FloodWorld::ask(const p2p::ProtocolId& protocol) {
  const auto id = next_stream();
  mallory.ask(id, protocol);
  said_[id] = 256;  // more than the name of a protocol takes
  mallory.frame({p2p::mux::FrameType::window_update, 0, id, 1u << 30});
  return id;
}

bool FloodWorld::say(std::uint32_t stream, BytesView bytes) {
  constexpr std::size_t frame_bytes = 60'000;
  const auto given = mallory.heard().credit.find(stream);
  const auto credit = given == mallory.heard().credit.end() ? 0 : given->second;
  if (said_[stream] + bytes.size() > p2p::limits::initial_window + credit) return false;
  said_[stream] += bytes.size();
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), frame_bytes));
    mallory.data(stream, part);
    bytes = bytes.subspan(part.size());
  }
  return true;
}

p2p::WorkUnits FloodWorld::charged() const {
  const auto open = victim.connections(p2p::PeerId::from_key(key_of(mallorys).public_key()));
  return open.empty() ? 0 : open.front().work;
}

double FloodWorld::allowed(Duration span) const {
  const double seconds = std::chrono::duration<double>(span).count();
  return work.connection.burst + work.connection.per_second * seconds + one_read;
}

}  // namespace goop::sim
