// The operator's list of who is here: always what the board says, in order and found.
#include "rendezvous/roll.h"

#include <gtest/gtest.h>

#include "rendezvous/board_test_kit.h"
#include "rendezvous/operator/limits.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous {
namespace {

struct RollTest : ::testing::Test, BoardKit {
  Person named(std::uint8_t seed, std::string label) {
    auto who = person(seed);
    who.label = std::move(label);
    return who;
  }
  void come(Person& who) { roll.hear(say(who).changes); }

  Roll::Found find(std::string_view search, std::size_t room) {
    rt.wait(roll.ready());
    return roll.find(search, room);
  }
  std::vector<std::string> labels(std::string_view search = "", std::size_t room = 100) {
    std::vector<std::string> list;
    for (const auto& peer : find(search, room).first) {
      list.push_back(board.find(peer)->message->presence.label);
    }
    return list;
  }
  std::size_t count(std::string_view search, std::size_t room = 100) {
    return find(search, room).count;
  }

  sim::SimRuntime rt{11};
  Roll roll{rt, board};
  Person nora = named(1, "Nora"), ben = named(2, "Ben"), zoe = named(3, "Zoë");
};

using Labels = std::vector<std::string>;

TEST_F(RollTest, is_in_the_order_of_labels) {
  for (auto* who : {&nora, &zoe, &ben}) come(*who);
  EXPECT_EQ(labels(), (Labels{"Ben", "Nora", "Zoë"}));
  EXPECT_EQ(labels("", 2), (Labels{"Ben", "Nora"}));
  EXPECT_EQ(count("", 2), 3u);
  EXPECT_EQ(count("", 0), 3u);
}

TEST_F(RollTest, finds_by_label_mail_and_id_whatever_the_case) {
  nora.email = "someone@Town.example";
  for (auto* who : {&nora, &zoe, &ben}) come(*who);
  EXPECT_EQ(labels("NOR"), Labels{"Nora"});
  EXPECT_EQ(labels("one@town"), Labels{"Nora"});
  EXPECT_EQ(labels(ben.id.to_string()), Labels{"Ben"});
  EXPECT_EQ(labels("ë"), Labels{"Zoë"});
  EXPECT_EQ(count("nobody"), 0u);
  EXPECT_EQ(labels("12D3Koo", 1), Labels{"Ben"});
  EXPECT_EQ(count("12D3Koo", 1), 3u);
}

TEST_F(RollTest, follows_who_comes_changes_and_goes) {
  come(nora);
  EXPECT_EQ(labels(), Labels{"Nora"});
  come(ben);
  EXPECT_EQ(labels(), (Labels{"Ben", "Nora"}));
  ben.label = "Sam";
  come(ben);
  EXPECT_EQ(labels(), (Labels{"Nora", "Sam"}));
  EXPECT_EQ(count("ben"), 0u);
  nora.type = wire::PresenceType::offline;
  come(nora);
  EXPECT_EQ(labels(), Labels{"Sam"});
  pass(1min);
  roll.hear(board.expire(now, wall));
  EXPECT_EQ(labels(), Labels{});
}

TEST_F(RollTest, costs_nothing_while_nobody_asks) {
  come(nora);
  EXPECT_EQ(roll.size(), 0u);
  EXPECT_EQ(count(""), 1u);
  EXPECT_EQ(roll.size(), 1u);
  rt.run_for(limits::roll_kept - 1s);
  roll.forget_unasked();
  EXPECT_EQ(roll.size(), 1u);
  rt.run_for(1s);
  roll.forget_unasked();
  EXPECT_EQ(roll.size(), 0u);
  come(ben);
  EXPECT_EQ(roll.size(), 0u);
  EXPECT_EQ(labels(), (Labels{"Ben", "Nora"}));
}

TEST_F(RollTest, is_made_some_at_a_time_and_follows_the_changes_meanwhile) {
  const int many = 10 * static_cast<int>(limits::roll_step);
  for (int i = 0; i < many; ++i) apply(invented(i));
  const auto between = [](std::function<void()> act) -> Task<> {
    act();
    co_return;
  };
  sim::SimScope asking(rt);
  asking.spawn(roll.ready());
  asking.spawn(between([&] {
    EXPECT_EQ(roll.size() % limits::roll_step, 0u);
    EXPECT_LT(roll.size(), static_cast<std::size_t>(many));
    for (int i = 0; i < many; i += 2) {
      roll.hear(board.remove(invented(i).presence.peer, now, wall));
    }
    come(nora);
  }));
  EXPECT_EQ(count("", 0), static_cast<std::size_t>(many) / 2 + 1);
}

TEST_F(RollTest, agrees_with_the_board_whatever_happens_on_it) {
  std::vector<Person> people;
  for (std::uint8_t i = 0; i < 40; ++i) people.push_back(named(i, "Nora"));
  const auto chance = [&](std::uint32_t sides) {
    std::array<std::uint8_t, 2> bytes;
    rt.random(bytes);
    return (bytes[0] * 256u + bytes[1]) % sides;
  };
  for (int step = 0; step < 2'000; ++step) {
    auto& who = people[chance(40)];
    who.label = std::string(1, static_cast<char>('A' + chance(4)));
    who.type = chance(5) == 0 ? wire::PresenceType::offline : wire::PresenceType::update;
    roll.hear((chance(2) ? say(who) : apply(unsigned_message(who))).changes);
    if (chance(20) == 0) roll.hear(board.remove(people[chance(40)].id, now, wall));
    pass(std::chrono::milliseconds(chance(2'000)));
    if (board.next_due() <= now) roll.hear(board.expire(now, wall));

    std::vector<std::pair<std::string, p2p::PeerId>> there;
    for (const auto& [peer, row] : board.rows()) {
      there.emplace_back(row.message->presence.label, peer);
    }
    std::ranges::sort(there);
    const auto found = find("", 100);
    ASSERT_EQ(found.count, there.size());
    for (std::size_t i = 0; i < there.size(); ++i) ASSERT_EQ(found.first[i], there[i].second);
  }
}

}  // namespace
}  // namespace goop::rendezvous
