#include "peer/visits.h"

#include <gtest/gtest.h>

#include "peer/limits.h"
#include "peer/setup/data_schema.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_runtime.h"

namespace goop::peer {
namespace {

p2p::PeerId peer_id(std::size_t number) {
  Bytes bytes{0x00, 0x24, 0x08, 0x01, 0x12, 0x20};  // the hash of a key that is short: itself
  bytes.resize(38, 7);
  bytes[36] = static_cast<std::uint8_t>(number >> 8);
  bytes[37] = static_cast<std::uint8_t>(number);
  return p2p::PeerId::from_bytes(bytes).value();
}

class VisitsTest : public ::testing::Test {
 protected:
  VisitsTest() { rt.wait(database.open(temp / "data.db", setup::data_schema())); }

  void visit(Visits& visits, const p2p::PeerId& peer) {
    TaskScope tasks(rt, "visit");
    visits.add(peer, tasks);
    rt.wait(tasks.join());
  }

  // Visits of the first `count` peers, a millisecond apart, as an earlier run left them.
  void had(std::size_t count) {
    auto job = [count](store::Connection& connection) {
      const auto insert = [&] {
        for (std::size_t i = 0; i < count; ++i) {
          connection.run("INSERT INTO _visited(peer_id, visited) VALUES (?, ?)",
                         peer_id(i).to_string(), static_cast<std::int64_t>(i));
        }
      };
      connection.transaction(insert);
    };
    rt.wait(database.run(job));
  }

  testing::TempFolder temp;
  sim::SimRuntime rt;
  store::Database database{rt};
};

TEST_F(VisitsTest, are_remembered_over_a_restart) {
  Visits before(rt, database);
  visit(before, peer_id(1));
  EXPECT_TRUE(before.contains(peer_id(1)));
  Visits after(rt, database);
  rt.wait(after.load());
  EXPECT_TRUE(after.contains(peer_id(1)));
  EXPECT_FALSE(after.contains(peer_id(2)));
}

TEST_F(VisitsTest, of_ten_thousand_peers_the_oldest_makes_room) {
  had(limits::visited_peers);
  Visits visits(rt, database);
  rt.wait(visits.load());
  visit(visits, peer_id(limits::visited_peers));
  EXPECT_FALSE(visits.contains(peer_id(0)));
  EXPECT_TRUE(visits.contains(peer_id(1)));
  EXPECT_TRUE(visits.contains(peer_id(limits::visited_peers)));
  Visits after(rt, database);
  rt.wait(after.load());
  EXPECT_FALSE(after.contains(peer_id(0)));
  EXPECT_TRUE(after.contains(peer_id(limits::visited_peers)));
}

}  // namespace
}  // namespace goop::peer
