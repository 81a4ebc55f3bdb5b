// A whole peer whose disk or network fails for a while: it stays, says so a few times, and does
// afterwards what it did before.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "base/log.h"
#include "peer/peer_test_kit.h"
#include "testing/faults/system_faults.h"

namespace goop::peer {
namespace {

using goop::testing::SystemFaults;
using sim::NetworkCall;

const std::vector<NetworkCall> all_network_calls = {
    NetworkCall::accept,  NetworkCall::connect,       NetworkCall::read,    NetworkCall::write,
    NetworkCall::resolve, NetworkCall::open_datagram, NetworkCall::receive, NetworkCall::send,
    NetworkCall::join,    NetworkCall::watch};

struct PeerFaults : ::testing::TestWithParam<int> {
  World world;
  SystemFaults disk;
  Home& mira = world.mira;
  std::uint64_t log_before = 0;

  void SetUp() override {
    mira.start();
    world.kaj.start();
    world.kaj.peer->keep(world.kaj.peer->learn(mira.address()).value());
    world.rt.run_for(10s);
    ASSERT_TRUE(mira.peer->host().connected(world.kaj.peer->id()));
    log_before = log::recent().empty() ? 0 : log::recent().back().number;
  }

  void change_label(const std::string& label) {
    auto folder = or_raise(store::Folder::open(mira.path));
    auto file = or_raise(setup::ConfigFile::load(folder));
    or_raise(file.set("profile.label", label));
    or_raise(file.save(folder));
  }

  std::vector<std::string> warnings() const {
    std::vector<std::string> texts;
    for (const auto& line : log::recent(log_before)) {
      if (line.level >= log::Level::warn) texts.push_back(line.text);
    }
    return texts;
  }

  // Each long-lived part shows that it lives.
  void expect_all_is_well() {
    change_label("Renamed");
    world.rt.run_for(10s);
    EXPECT_EQ(mira.peer->label(), "Renamed");  // the settings are looked at
    const auto by = Deadline::after(world.rt.now(), 30s);
    EXPECT_EQ(world.rt.wait(fetch(*world.kaj.peer, mira.peer->id(), "/", by)), "<h1>at home</h1>");
    EXPECT_TRUE(mira.peer->host().connected(world.kaj.peer->id()));  // connections come in
    const auto* seen = world.kaj.peer->presence().find(mira.peer->id());
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->online);  // presence goes out
    EXPECT_EQ(seen->label, "Renamed");
    const auto* row = mira.peer->presence().find(world.kaj.peer->id());
    ASSERT_TRUE(row);
    EXPECT_TRUE(row->online);  // and comes in
    const auto folder = or_raise(store::Folder::open(mira.path));
    const auto seq = to_text(or_raise(folder.read("data/record.seq", 100)));
    EXPECT_EQ(seq, fmt::format("{}\n", mira.peer->host().record_seq()));
    EXPECT_TRUE(or_raise(folder.list("data")).size() < 20);  // nothing half written
    mira.stop();
    mira.start();
    EXPECT_TRUE(mira.peer->known().find(world.kaj.peer->id()));  // the database was written
  }
};

TEST_P(PeerFaults, A_disk_that_fails_for_minutes_ends_nothing) {
  disk.fail({.calls = goop::testing::file_calls, .error = GetParam(), .below = mira.path});
  world.rt.run_for(3min);
  EXPECT_GT(disk.failed(), 0u);
  disk.heal();
  world.rt.run_for(2min);
  EXPECT_LE(warnings().size(), 30u) << fmt::format("{}", fmt::join(warnings(), "\n"));
  expect_all_is_well();
}

TEST_P(PeerFaults, A_network_that_fails_for_minutes_ends_nothing) {
  mira.network.fail(all_network_calls, GetParam());
  world.rt.run_for(3min);
  EXPECT_GT(mira.network.failed(), 0u);
  mira.network.heal();
  world.rt.run_for(3min);
  EXPECT_LE(warnings().size(), 30u) << fmt::format("{}", fmt::join(warnings(), "\n"));
  expect_all_is_well();
}

struct PeerStartFaults : ::testing::Test {
  World world;
  SystemFaults disk;
  Home& mira = world.mira;

  void SetUp() override {
    mira.start();
    mira.stop();
  }
  std::optional<Error> failure_of_start() {
    try {
      mira.start();
    } catch (const Failure& failure) {
      mira.stop();
      return failure.error();
    }
    mira.stop();
    return std::nullopt;
  }
};

std::string errno_name(const ::testing::TestParamInfo<int>& info) {
  return std::string(::strerrorname_np(info.param));
}
INSTANTIATE_TEST_SUITE_P(Errors, PeerFaults,
                         ::testing::Values(EMFILE, ENFILE, ENOSPC, EDQUOT, EIO, EROFS, EACCES,
                                           ENOMEM, ENETDOWN, EHOSTUNREACH, ECONNABORTED),
                         errno_name);

TEST_F(PeerStartFaults, A_full_disk_is_called_full_and_the_database_not_damaged) {
  for (const char* file : {"data.db", "data.db-wal", "data.db-shm"}) {
    disk.fail({.calls = goop::testing::full_disk, .error = ENOSPC, .below = mira.path / file});
  }
  const auto told = failure_of_start();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->code, Errc::storage);
  EXPECT_TRUE(told->detail.contains("data.db cannot be used")) << told->detail;
  EXPECT_TRUE(told->detail.contains("the disk is full; free some space")) << told->detail;
  EXPECT_FALSE(told->detail.contains("damaged")) << told->detail;
  disk.heal();
  EXPECT_FALSE(failure_of_start());
}

TEST_F(PeerStartFaults, A_damaged_database_is_called_damaged) {
  std::ofstream(mira.path / "data.db") << std::string(8192, 'x');
  const auto told = failure_of_start();
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->detail.contains("The file is damaged: put a backup of it there"));
}

}  // namespace
}  // namespace goop::peer
