#include "tests/sim/peer_world.h"

namespace goop::sim {

namespace {

constexpr std::string_view town_url = "http://town.example";

void copy_identity(const std::filesystem::path& from, const std::filesystem::path& to) {
  using std::filesystem::copy_options;
  std::filesystem::create_directories(to / "data");
  std::filesystem::copy(from / "goop.json", to / "goop.json");
  std::filesystem::copy(from / "site", to / "site", copy_options::recursive);
  for (const auto* name : {"identity.key", "presence.ts", "record.seq"}) {
    const auto file = from / "data" / name;
    if (std::filesystem::exists(file)) std::filesystem::copy(file, to / "data" / name);
  }
  std::filesystem::permissions(to / "data", std::filesystem::perms::owner_all);
}

}  // namespace

PeerWorld::PeerWorld(std::uint64_t seed) : rt(seed), town_host_(internet.add_host("198.51.100.7")) {
  internet.set_name("town.example", {town_host_.address()});
}

PeerWorld::~PeerWorld() {
  for (std::size_t i = 0; i < members_.size(); ++i) stop(i);
  shut_town();
}

// --- who is there ---

std::size_t PeerWorld::add_lan(std::string prefix) {
  networks_.push_back({std::move(prefix), std::make_unique<SimLan>(internet)});
  return networks_.size() - 1;
}

std::string PeerWorld::next_address(Network& network) const {
  network.hosts = network.hosts % 250 + 1;
  return fmt::format("{}.{}/24", network.prefix, network.hosts);
}

PeerWorld::Member& PeerWorld::add_member(std::size_t lan) {
  members_.push_back(std::make_unique<Member>(rt, internet));
  auto& member = *members_.back();
  member.lan = lan;
  member.folder = root_.path() / std::to_string(members_.size());
  auto& network = networks_[lan];
  network.lan->attach(member.machine, {next_address(network)});
  if (network.outage) begin_outage(lan);
  return member;
}

std::size_t PeerWorld::add_peer(std::size_t lan) {
  add_member(lan);
  start(members_.size() - 1);
  return members_.size() - 1;
}

std::size_t PeerWorld::add_twin(std::size_t of, std::size_t lan) {
  const auto from = members_[of]->folder;
  copy_identity(from, add_member(lan).folder);
  start(members_.size() - 1);
  return members_.size() - 1;
}

void PeerWorld::start(std::size_t number) {
  auto& member = *members_[number];
  if (member.peer) return;
  peer::setup::StarterOptions options{
      .label = fmt::format("Peer {}", number), .now = rt.wall(), .fresh = {}};
  rt.random(options.fresh.mut());
  auto prepared = or_raise(peer::setup::prepare_folder(member.folder, options));
  or_raise(prepared.config.set("presence.rendezvous_wan", town_url));
  or_raise(prepared.config.save(prepared.folder));
  peer::PeerOptions made{member.folder, std::move(prepared), "goop2/test"};
  member.peer = std::make_unique<peer::Peer>(member.clock, member.machine, std::move(made));
  member.id = member.peer->id();
  rt.wait_on(member.clock, member.peer->start());
}

void PeerWorld::stop(std::size_t number) {
  auto& member = *members_[number];
  if (!member.peer) return;
  rt.wait_on(member.clock, member.peer->stop(Deadline::after(rt.now(), 3s)));
  member.peer.reset();
}

void PeerWorld::crash(std::size_t number) {
  auto& machine = members_[number]->machine;
  std::vector<SimHost*> others = {&town_host_};
  for (const auto& other : members_) {
    if (&other->machine != &machine) others.push_back(&other->machine);
  }
  for (auto* other : others) {
    internet.partition(machine, *other);
    internet.cut(machine, *other);
  }
  stop(number);
  for (auto* other : others) internet.heal(machine, *other);
  const auto lan = members_[number]->lan;
  if (networks_[lan].outage) begin_outage(lan);  // which goes on
}

// --- what goes wrong ---

std::vector<PeerWorld::Member*> PeerWorld::members_of(std::size_t lan) {
  std::vector<Member*> found;
  for (const auto& member : members_) {
    if (member->lan == lan) found.push_back(member.get());
  }
  return found;
}

void PeerWorld::begin_outage(std::size_t lan) {
  networks_[lan].outage = true;
  const auto here = members_of(lan);
  for (auto* one : here) {
    internet.partition(one->machine, town_host_);
    for (auto* other : here) {
      if (one != other) internet.partition(one->machine, other->machine);
    }
  }
}

void PeerWorld::end_outage(std::size_t lan) {
  networks_[lan].outage = false;
  const auto here = members_of(lan);
  for (auto* one : here) {
    internet.heal(one->machine, town_host_);
    for (auto* other : here) {
      if (one != other) internet.heal(one->machine, other->machine);
    }
  }
}

void PeerWorld::begin_outage(std::size_t peer, std::size_t other) {
  internet.partition(members_[peer]->machine, members_[other]->machine);
}

void PeerWorld::end_outage(std::size_t peer, std::size_t other) {
  internet.heal(members_[peer]->machine, members_[other]->machine);
}

void PeerWorld::move(std::size_t peer) {
  auto& member = *members_[peer];
  auto& network = networks_[member.lan];
  network.lan->detach(member.machine);
  network.lan->attach(member.machine, {next_address(network)});
}

void PeerWorld::set_clock(std::size_t peer, std::chrono::milliseconds ahead) {
  members_[peer]->clock.set_ahead(ahead);
}

void PeerWorld::open_town() {
  if (town_) return;
  rendezvous::Options options;
  options.bind = {town_host_.address(), 80};
  town_ = std::make_unique<rendezvous::Server>(rt, town_host_, options);
  rt.wait(town_->start());
}

void PeerWorld::shut_town() {
  if (!town_) return;
  rt.wait(town_->stop(Deadline::after(rt.now(), 1s)));
  town_.reset();
}

// --- what is seen ---

bool PeerWorld::sees(std::size_t viewer, std::size_t other) const {
  const auto* row = members_[viewer]->peer->presence().find(members_[other]->id);
  return row != nullptr && row->online;
}

bool PeerWorld::connected(std::size_t viewer, std::size_t other) const {
  return members_[viewer]->peer->host().connected(members_[other]->id);
}

std::string PeerWorld::unseen() const {
  std::string lines;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    for (std::size_t j = 0; j < members_.size(); ++j) {
      if (i == j || !runs(i) || !runs(j) || members_[i]->id == members_[j]->id) continue;
      if (!sees(i, j)) lines += fmt::format("{} does not see {}\n", i, j);
    }
  }
  return lines;
}

}  // namespace goop::sim
