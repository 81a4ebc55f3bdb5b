// The board on disk: what comes back after an end of any kind.
#include "rendezvous/journal.h"

#include <gtest/gtest.h>

#include "rendezvous/board_test_kit.h"
#include "testing/faults/system_faults.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous {
namespace {

struct JournalTest : ::testing::Test {
  std::unique_ptr<Journal> open() { return rt.wait(Journal::open(rt, file)); }
  void close(std::unique_ptr<Journal>& journal) {
    rt.wait(journal->close());
    journal.reset();
  }
  Outcome say(Board& board, Person& who) {
    return board.apply(signed_at(who, rt.wall()), {Proof::checked, home}, 100, rt.now(), rt.wall());
  }
  void keep(Journal& journal, const Board& board, const Outcome& outcome) {
    journal.record(outcome.changes, board);
    EXPECT_TRUE(rt.wait(journal.saved()));
  }
  Board loaded() {
    auto journal = open();
    Board board;
    rt.wait(journal->load(board));
    close(journal);
    return board;
  }
  void write(store::Sql statements) {
    store::Connection connection(file);
    connection.script(statements);
  }

  sim::SimRuntime rt{3};
  testing::TempFolder folder;
  std::filesystem::path file = folder / "peers.db";
  net::IpAddress home = asio::ip::make_address("198.51.100.1");
  Person nora = person(1), ben = person(2);
};

TEST_F(JournalTest, what_was_saved_comes_back_with_its_signature) {
  auto journal = open();
  Board board;
  keep(*journal, board, say(board, nora));
  keep(*journal, board, say(board, ben));
  close(journal);
  const auto back = loaded();
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back.find(nora.id)->message->envelope, board.find(nora.id)->message->envelope);
  EXPECT_TRUE(back.find(nora.id)->is_signed);
  EXPECT_EQ(folder.mode("peers.db"), 0600u);
}

TEST_F(JournalTest, an_end_stays_an_end_and_old_messages_stay_old) {
  auto journal = open();
  Board board;
  const auto online = signed_at(nora, rt.wall());
  const Source source{Proof::checked, home};
  keep(*journal, board, board.apply(online, source, 100, rt.now(), rt.wall()));
  nora.type = wire::PresenceType::offline;
  keep(*journal, board, say(board, nora));
  close(journal);
  auto back = loaded();
  EXPECT_EQ(back.size(), 0u);
  EXPECT_TRUE(back.apply(online, source, 100, rt.now(), rt.wall()).refused);
}

TEST_F(JournalTest, many_messages_share_commits) {
  auto journal = open();
  Board board;
  for (std::uint8_t i = 0; i < 200; ++i) {
    auto who = person(i);
    journal->record(say(board, who).changes, board);
  }
  EXPECT_TRUE(rt.wait(journal->saved()));
  EXPECT_LE(journal->commits(), 2u);
  close(journal);
  EXPECT_EQ(loaded().size(), 200u);
}

TEST_F(JournalTest, what_a_full_disk_refused_is_written_with_the_next_change_or_at_the_stop) {
  for (const bool next_change : {true, false}) {
    testing::SystemFaults faults;
    auto journal = open();
    Board board;
    faults.fail({.calls = testing::full_disk, .error = ENOSPC, .below = folder.path()});
    journal->record(say(board, nora).changes, board);
    const auto saved = rt.wait(journal->saved());
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, Errc::storage);
    EXPECT_FALSE(journal->works());
    faults.heal();
    if (next_change) keep(*journal, board, say(board, ben));
    close(journal);
    EXPECT_EQ(loaded().size(), next_change ? 2u : 1u);
    std::filesystem::remove(file);
  }
}

TEST_F(JournalTest, a_database_of_the_reference_program_opens) {
  write(
      "CREATE TABLE peers(peer_id TEXT PRIMARY KEY, type TEXT NOT NULL DEFAULT '',"
      " content TEXT DEFAULT '', email TEXT DEFAULT '', avatar_hash TEXT DEFAULT '',"
      " ts INTEGER DEFAULT 0, last_seen INTEGER DEFAULT 0, bytes_sent INTEGER DEFAULT 0,"
      " bytes_received INTEGER DEFAULT 0);"
      "INSERT INTO peers(peer_id, type, content, last_seen) VALUES"
      " ('12D3KooWD1YtGvP8r7YuAgRdy6hCKEV2dV2iunCtmCoSZU53GedW', 'online', 'bob',"
      "  9999999999999), ('zz', 'update', 'no id', 9999999999999)");
  const auto back = loaded();
  ASSERT_EQ(back.size(), 1u);
  const auto& [peer, row] = *back.rows().begin();
  EXPECT_EQ(row.message->presence.label, "bob");
  EXPECT_FALSE(row.is_signed);
}

TEST_F(JournalTest, a_number_of_a_clock_that_was_wrong_does_not_outlive_a_restart) {
  auto journal = open();
  close(journal);
  const auto ahead = to_ms(rt.wall() + 2h);
  {
    store::Connection connection(file);
    connection.run("INSERT INTO ended(peer_id, ts, at) VALUES (?,?,?)", nora.id.to_string(), ahead,
                   ahead);
  }
  auto back = loaded();
  EXPECT_EQ(back.ended_size(), 0u);
  EXPECT_FALSE(say(back, nora).refused);
}

TEST_F(JournalTest, a_damaged_file_is_moved_aside_and_a_new_one_begun) {
  folder.put("peers.db", std::string(8192, 'x'));
  auto journal = open();
  Board board;
  keep(*journal, board, say(board, nora));
  close(journal);
  EXPECT_EQ(loaded().size(), 1u);
  bool found = false;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    found |= entry.path().filename().string().starts_with("peers.db.damaged-");
  }
  EXPECT_TRUE(found);
}

TEST_F(JournalTest, what_cannot_be_a_database_is_named_with_its_setting) {
  file = folder.path();
  try {
    open();
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::storage);  // and not that of a port that is taken
    EXPECT_NE(failure.error().detail.find("presence.peer_db_path"), std::string::npos);
  }
}

TEST_F(JournalTest, a_file_of_a_later_version_is_left_alone) {
  write("CREATE TABLE peers(peer_id TEXT); PRAGMA user_version = 99");
  EXPECT_THROW(open(), Failure);
}

}  // namespace
}  // namespace goop::rendezvous
