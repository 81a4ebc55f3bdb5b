// Words, roster and outbox of a link.
#include "peer/links/stream_words.h"

#include <gtest/gtest.h>

#include "peer/links/limits.h"
#include "peer/links/outbox.h"
#include "peer/links/roster.h"
#include "peer/links/scripted_server_test_kit.h"

namespace goop::peer::links {
namespace {

using wire::PresenceType;

wire::Presence here(std::uint8_t seed, PresenceType type = PresenceType::update) {
  wire::Presence presence;
  presence.peer = id_of(seed);
  presence.type = type;
  return presence;
}

TEST(StreamWords, reads_both_kinds_of_frame) {
  const auto text = presence_text(2, 17);
  const auto full = read_frame(text);
  ASSERT_TRUE(full);
  EXPECT_EQ(full->kind, Told::Kind::presence);
  EXPECT_EQ(full->message->presence.peer, id_of(2));
  const auto delta = read_frame(fmt::format(R"({{"id":"B-7","presence":{}}})", text));
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->id, "B-7");
  EXPECT_EQ(delta->message->presence.ts, 17);
}

TEST(StreamWords, a_signature_passes_through_a_delta_frame_unharmed) {
  const auto key = key_of(3);
  auto presence = here(3);
  presence.label = "Nora \"<&> \xC3\xA9";
  presence.ts = 1'760'000'000'123;
  const auto message = wire::sign_presence(key, presence);
  const auto told = read_frame(fmt::format(R"({{"presence":{}}})", wire::write_presence(message)));
  ASSERT_TRUE(told);
  EXPECT_TRUE(wire::check_signature(*told->message));
  EXPECT_EQ(told->message->presence.label, presence.label);
}

TEST(StreamWords, reads_marks_and_refusals) {
  EXPECT_EQ(read_frame(R"({"event":"snapshot","peers":2})")->kind, Told::Kind::snapshot);
  EXPECT_EQ(read_frame(R"({"event":"gap"})")->kind, Told::Kind::gap);
  EXPECT_EQ(read_frame(R"({"event":"later words","x":[]})")->kind, Told::Kind::other);
  const auto ready = read_frame(R"({"event":"ready","id":"B-9"})");
  EXPECT_EQ(ready->kind, Told::Kind::ready);
  EXPECT_EQ(ready->id, "B-9");
  const auto refused = read_frame(
      R"({"event":"refused","code":"invalid","reason":"ts","clockDifferenceMs":-5,"retryAfterMs":9223372036854775807})");
  EXPECT_EQ(refused->kind, Told::Kind::refused);
  EXPECT_EQ(refused->reason, "ts");
  EXPECT_EQ(refused->clock_difference->count(), -5);
  EXPECT_FALSE(refused->unregistered);
  EXPECT_TRUE(read_frame(R"({"event":"refused","code":"registration"})")->unregistered);
  EXPECT_LT(*refused->retry_after, std::chrono::milliseconds::max());
}

TEST(StreamWords, reads_events_of_both_modes) {
  const auto text = presence_text(2, 17);
  EXPECT_EQ(read_event({"B-7", "message", text})->id, "B-7");
  EXPECT_EQ(read_event({"", "", text})->message->presence.peer, id_of(2));
  EXPECT_EQ(read_event({"B-7", "ready", "{}"})->kind, Told::Kind::ready);
  EXPECT_EQ(read_event({"", "gap", "{}"})->kind, Told::Kind::gap);
}

TEST(StreamWords, what_cannot_be_read_is_refused) {
  for (const auto* bad : {"", "[]", "7", "{", "{}", R"({"presence":7})", R"({"event":7})",
                          R"({"presence":{}})", R"({"type":"update"})", "\xff"}) {
    EXPECT_FALSE(read_frame(bad)) << bad;
  }
  EXPECT_FALSE(read_event({"", "message", "nonsense"}));
}

TEST(StreamWords, frames_and_ids_have_their_caps) {
  const auto fits =
      fmt::format(R"({{"event":"gap","x":"{}"}})", std::string(limits::frame_bytes - 22, 'x'));
  ASSERT_EQ(fits.size(), limits::frame_bytes);
  EXPECT_TRUE(read_frame(fits));
  EXPECT_EQ(read_frame(fits + " ").error().code, Errc::too_large);
  EXPECT_EQ(read_event({"", "gap", std::string(limits::frame_bytes + 1, 'x')}).error().code,
            Errc::too_large);
  const std::string longest(limits::event_id_bytes, 'i');
  EXPECT_EQ(read_event({longest, "ready", "{}"})->id, longest);
  EXPECT_EQ(read_event({longest + "i", "ready", "{}"})->id, "");
  EXPECT_EQ(read_frame(fmt::format(R"({{"event":"ready","id":"{}i"}})", longest))->id, "");
  const auto nested = [](std::size_t depth) {
    return R"({"event":"gap","x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') +
           "}";
  };
  EXPECT_TRUE(read_frame(nested(limits::frame_depth)));
  EXPECT_FALSE(read_frame(nested(limits::frame_depth + 1)));
  const auto wordy =
      read_frame(fmt::format(R"({{"event":"refused","reason":"{}"}})", std::string(1000, 'r')));
  EXPECT_LE(wordy->reason.size(), limits::error_bytes + 3);
}

TEST(Roster, knows_who_is_gone_by_the_end_of_a_snapshot) {
  Roster roster;
  roster.snapshot_begins();
  for (const std::uint8_t seed : {2, 3, 4}) roster.take(here(seed));
  EXPECT_TRUE(roster.snapshot_ends().empty());
  roster.take(here(4, PresenceType::offline));
  roster.take(here(5, PresenceType::punch));
  EXPECT_EQ(roster.size(), 2u);
  roster.snapshot_begins();
  roster.take(here(2));
  EXPECT_EQ(roster.snapshot_ends(), std::vector{id_of(3)});
  EXPECT_EQ(roster.list(), std::vector{id_of(2)});
  EXPECT_TRUE(roster.snapshot_ends().empty());  // a resumed stream: nobody is missing
  EXPECT_TRUE(roster.has(id_of(2)));
}

TEST(Roster, is_bounded) {
  Roster roster;
  for (std::size_t i = 0; i < limits::roster_peers + 10; ++i) {
    Bytes id = {0x12, 0x20};
    id.resize(34);
    std::memcpy(id.data() + 2, &i, sizeof i);
    wire::Presence presence;
    presence.peer = *p2p::PeerId::from_bytes(id);
    roster.take(presence);
  }
  EXPECT_EQ(roster.size(), limits::roster_peers);
}

TEST(Outbox, keeps_the_newest_of_each_kind_in_the_order_of_asking) {
  Outbox outbox;
  outbox.put(PresenceType::online, "a");
  for (int i = 0; i < 1000; ++i) outbox.put(PresenceType::update, fmt::format("{}", i));
  EXPECT_EQ(outbox.size(), 2u);
  EXPECT_EQ(outbox.front().text, "a");
  outbox.told(Letter(outbox.front()));
  EXPECT_EQ(outbox.front().text, "999");
  EXPECT_EQ(outbox.newest()->text, "999");
  outbox.put(PresenceType::offline, "bye");
  EXPECT_EQ(outbox.size(), 1u);
  EXPECT_EQ(outbox.front().text, "bye");
  EXPECT_FALSE(outbox.newest());
}

TEST(Outbox, what_was_put_while_another_was_told_stays) {
  Outbox outbox;
  outbox.put(PresenceType::update, "old");
  const Letter letter = outbox.front();
  outbox.put(PresenceType::update, "new");
  outbox.told(letter);
  EXPECT_EQ(outbox.front().text, "new");
}

TEST(StreamWords, a_twin_has_a_number_and_perhaps_an_address) {
  const auto told = read_frame(R"({"event":"twin","address":"2001:DB8::0:1","ts":17})");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, Told::Kind::twin);
  EXPECT_EQ(told->address, "2001:db8::1");
  EXPECT_EQ(told->ts, 17);
  for (const auto* other : {R"({"event":"twin"})", R"({"event":"twin","address":"<b>","ts":"1"})",
                            R"({"event":"twin","address":7,"ts":1.5})"}) {
    const auto bare = read_frame(other);
    ASSERT_TRUE(bare) << other;
    EXPECT_EQ(bare->address, "") << other;
    EXPECT_EQ(bare->ts, 0) << other;
  }
}

TEST(Capabilities, name_registration_or_do_not) {
  EXPECT_TRUE(offers_registration(R"({"relay":false,"registration":true})"));
  for (const auto* other : {R"({"registration":false})", R"({"registration":"true"})", "{}", "[]",
                            "true", "", "<html>", R"({"registration":)"}) {
    EXPECT_FALSE(offers_registration(other)) << other;
  }
}

}  // namespace
}  // namespace goop::peer::links
