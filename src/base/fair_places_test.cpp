#include "base/fair_places.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace goop {
namespace {

constexpr Instant now{1h};
constexpr Instant busy = now + 30s;

using Places = FairPlaces<int, std::string>;

// Numbers of entries that were added one after the other.
std::vector<int> fill(Places& places, const std::string& network, int count, Standing standing,
                      Instant busy_until) {
  static int next = 1;
  std::vector<int> ids;
  for (int i = 0; i < count; ++i) {
    places.add(next, network, standing, busy_until);
    ids.push_back(next++);
  }
  return ids;
}

// Comes in as whoever it replaces goes; false: it was refused.
bool come_in(Places& places, const std::string& network, Standing standing, Instant busy_until) {
  if (places.full()) {
    const auto victim = places.whom_to_replace(network, now);
    if (!victim) return false;
    places.remove(*victim);
  }
  fill(places, network, 1, standing, busy_until);
  return true;
}

TEST(FairPlaces, counts_entries_and_networks_and_forgets_those_that_went) {
  Places places({.places = 3});
  places.add(1, "a", Standing::proven, now);
  places.add(2, "a", Standing::proven, now);
  places.add(3, "b", Standing::unproven, now);
  EXPECT_TRUE(places.full());
  EXPECT_EQ(places.held_by("a"), 2u);
  EXPECT_EQ(places.networks(), 2u);
  places.remove(3);
  places.remove(3);
  EXPECT_FALSE(places.full());
  EXPECT_EQ(places.networks(), 1u);
  EXPECT_EQ(places.held_by("b"), 0u);
  EXPECT_FALSE(places.contains(3));
}

TEST(FairPlaces, an_idle_unproven_entry_goes_before_all_others_whatever_its_network) {
  Places places({.places = 60});
  fill(places, "full", 58, Standing::proven, now - 10min);
  const auto unproven = fill(places, "small", 2, Standing::unproven, now - 1s);
  EXPECT_EQ(places.whom_to_replace("new", now), unproven[0]);
}

TEST(FairPlaces, of_networks_with_idle_unproven_entries_the_fullest_loses_one) {
  Places places({.places = 10});
  fill(places, "small", 2, Standing::unproven, now - 10s);
  const auto silent = fill(places, "full", 8, Standing::unproven, now - 1s);
  EXPECT_EQ(places.whom_to_replace("new", now), silent[0]);
  EXPECT_EQ(places.whom_to_replace("small", now), silent[0]);
  EXPECT_EQ(places.whom_to_replace("full", now), silent[0]);
}

TEST(FairPlaces, what_was_never_used_goes_before_what_was) {
  Places places({.places = 2});
  const auto used = fill(places, "a", 1, Standing::used, now - 1h);
  const auto proven = fill(places, "b", 1, Standing::proven, now - 1s);
  EXPECT_EQ(places.whom_to_replace("new", now), proven[0]);
  places.set_standing(proven[0], Standing::used);
  EXPECT_EQ(places.whom_to_replace("new", now), used[0]);
}

TEST(FairPlaces, the_fullest_network_loses_its_idle_ones_before_a_small_one_that_was_idle_longer) {
  Places places({.places = 60});
  fill(places, "class", 10, Standing::used, now - 10min);
  fill(places, "full", 10, Standing::used, busy);
  const auto idle = fill(places, "full", 40, Standing::used, now - 1s);
  EXPECT_EQ(places.whom_to_replace("new", now), idle[0]);
}

TEST(FairPlaces, when_no_network_holds_more_than_its_share_the_one_idle_for_longest_goes) {
  Places places({.places = 60});
  fill(places, "a", 30, Standing::used, now - 10s);
  const auto longest = fill(places, "b", 30, Standing::used, now - 20s);
  EXPECT_EQ(places.whom_to_replace("new", now), longest[0]);
}

TEST(FairPlaces, a_network_with_its_even_share_makes_room_for_its_own_newcomers) {
  Places places({.places = 60});
  fill(places, "class", 30, Standing::used, now - 1h);
  const auto idle = fill(places, "attacker", 30, Standing::used, now - 1s);
  EXPECT_EQ(places.whom_to_replace("attacker", now), idle[0]);
}

TEST(FairPlaces, busy_entries_are_protected_within_their_networks_fair_share_only) {
  Places places({.places = 60, .share_least = 20});
  const auto many = fill(places, "full", 31, Standing::used, busy);
  fill(places, "other", 29, Standing::used, busy);
  EXPECT_EQ(places.whom_to_replace("new", now), many[0]);
  Places alone({.places = 60, .share_least = 40});
  fill(alone, "full", 30, Standing::used, busy);
  fill(alone, "other", 30, Standing::used, busy);
  EXPECT_FALSE(alone.whom_to_replace("other", now));
}

TEST(FairPlaces, the_fullest_network_is_refused_when_all_it_holds_is_busy) {
  Places places({.places = 100});
  fill(places, "full", 70, Standing::used, busy);
  fill(places, "other", 30, Standing::used, busy);
  EXPECT_FALSE(places.whom_to_replace("full", now));
  EXPECT_TRUE(places.whom_to_replace("other", now));
}

TEST(FairPlaces, a_network_of_its_own_gets_a_foothold_from_the_one_that_came_last) {
  Places places({.places = 80});
  fill(places, "class", 40, Standing::used, busy - 10s);
  const auto crowd = fill(places, "crowd", 40, Standing::used, busy);
  EXPECT_EQ(places.whom_to_replace("new", now), crowd[0]);
  // And is itself not what makes room for the next one.
  places.remove(crowd[0]);
  fill(places, "new", 1, Standing::unproven, now + 1s);
  EXPECT_EQ(places.whom_to_replace("newer", now), crowd[1]);
}

TEST(FairPlaces, among_footholds_a_newcomer_takes_from_those_that_hold_more) {
  Places places({.places = 6});
  fill(places, "a", 2, Standing::used, busy);
  const auto last = fill(places, "b", 3, Standing::used, busy);
  fill(places, "c", 1, Standing::used, busy);
  EXPECT_EQ(places.whom_to_replace("new", now), last[0]);
}

TEST(FairPlaces, known_entries_go_last_even_idle_ones_and_even_of_a_full_network) {
  Places places({.places = 100});
  const auto known = fill(places, "school", 98, Standing::known, now - 1h);
  const auto other = fill(places, "home", 2, Standing::used, busy);
  EXPECT_EQ(places.whom_to_replace("new", now), other[0]);
  places.set_standing(other[0], Standing::known);
  places.set_standing(other[1], Standing::known);
  EXPECT_EQ(places.whom_to_replace("new", now), known[0]);
  EXPECT_FALSE(places.whom_to_replace("school", now));
}

TEST(FairPlaces, touching_makes_busy_and_never_less) {
  Places places({.places = 2});
  places.add(1, "a", Standing::used, now - 2s);
  places.add(2, "b", Standing::used, now - 1s);
  places.touch(1, busy);
  places.touch(1, now - 1h);
  places.touch(77, busy);
  EXPECT_EQ(places.whom_to_replace("new", now), 2);
  EXPECT_EQ(places.standing(1), Standing::used);
  EXPECT_EQ(places.standing(77), std::nullopt);
}

TEST(FairPlaces, tells_which_idle_entries_to_end_when_there_shall_be_fewer) {
  Places places({.places = 10});
  places.add(1, "a", Standing::used, now - 2min);
  places.add(2, "a", Standing::proven, now - 2min);
  places.add(3, "b", Standing::used, now);
  places.add(4, "b", Standing::known, now - 1h);
  EXPECT_EQ(places.idle_since(now - 1min), 2);
  places.remove(2);
  EXPECT_EQ(places.idle_since(now - 1min), 1);
  places.remove(1);
  EXPECT_EQ(places.idle_since(now - 1min), std::nullopt);
}

TEST(FairPlaces, finds_the_idle_entry_of_one_network_that_fits) {
  Places places({.places = 10});
  places.add(1, "a", Standing::unproven, busy);
  places.add(2, "a", Standing::used, now - 2s);
  places.add(3, "a", Standing::proven, now - 1s);
  const auto any = [](int) { return true; };
  EXPECT_EQ(places.idle_in("a", now, any), 3);
  EXPECT_EQ(places.idle_in("a", now, [](int id) { return id < 3; }), 2);
  EXPECT_EQ(places.idle_in("a", now, [](int id) { return id < 2; }), std::nullopt);
  EXPECT_EQ(places.idle_in("b", now, any), std::nullopt);
}

// --- attacks ---

struct Attack {
  int networks;
  Standing standing;
  Instant busy_until;
};

// A class of forty that is busy keeps its places, and a visitor from elsewhere gets one, while the
// networks of an attacker come back as often as they like.
void withstands(const Attack& attack) {
  Places places({.places = 256});
  const auto pupils = fill(places, "class", 40, Standing::used, busy);
  for (int i = 0; i < 20'000; ++i) {
    come_in(places, "attacker " + std::to_string(i % attack.networks), attack.standing,
            attack.busy_until);
    if (i % 1000 == 999) {
      const std::string home = "home " + std::to_string(i);
      EXPECT_TRUE(come_in(places, home, Standing::unproven, now + 1s)) << i;
      EXPECT_EQ(places.held_by(home), 1u);
    }
  }
  for (const int pupil : pupils) EXPECT_TRUE(places.contains(pupil)) << attack.networks;
  EXPECT_TRUE(places.full());
}

TEST(FairPlaces, attack_silent_entries_of_three_six_and_twelve_networks) {
  for (const int networks : {3, 6, 12}) withstands({networks, Standing::unproven, now});
}

TEST(FairPlaces, attack_idle_entries_of_six_and_twelve_networks) {
  for (const int networks : {6, 12}) withstands({networks, Standing::proven, now});
  for (const int networks : {6, 12}) withstands({networks, Standing::used, now - 1s});
}

TEST(FairPlaces, attack_entries_used_once_a_minute_of_six_and_twelve_networks) {
  for (const int networks : {6, 12}) withstands({networks, Standing::used, busy - 5s});
}

TEST(FairPlaces, attack_entries_used_more_often_than_those_of_a_class) {
  for (const int networks : {6, 12}) withstands({networks, Standing::used, busy + 30s});
}

TEST(FairPlaces, attack_entries_that_never_become_idle_cannot_refuse_a_newcomer) {
  for (const int networks : {1, 6, 12, 60}) {
    Places places({.places = 256});
    for (int i = 0; i < 2000; ++i) {
      come_in(places, "attacker " + std::to_string(i % networks), Standing::used, busy);
    }
    EXPECT_TRUE(come_in(places, "home", Standing::unproven, now + 1s)) << networks;
    for (int i = 0; i < 2000; ++i) {
      come_in(places, "attacker " + std::to_string(i % networks), Standing::used, busy);
    }
    EXPECT_EQ(places.held_by("home"), 1u) << networks;
  }
}

TEST(FairPlaces, stays_in_step_with_itself_through_a_long_life) {
  Places places({.places = 50, .share_least = 10});
  std::uint32_t chance = 1;
  const auto draw = [&](std::uint32_t below) {
    chance = chance * 1664525 + 1013904223;
    return (chance >> 8) % below;
  };
  std::vector<int> ids;
  for (int i = 1; i < 5000; ++i) {
    const std::string network = std::to_string(draw(12));
    if (places.full()) {
      const auto victim = places.whom_to_replace(network, now);
      if (!victim) continue;
      EXPECT_TRUE(places.contains(*victim));
      places.remove(*victim);
    }
    const int id = 1'000'000 + i;
    places.add(id, network, static_cast<Standing>(draw(4)), now + draw(60) * 1s - 30s);
    ids.push_back(id);
    const int other = ids[draw(static_cast<std::uint32_t>(ids.size()))];
    places.touch(other, now + draw(60) * 1s);
    places.set_standing(ids[draw(static_cast<std::uint32_t>(ids.size()))],
                        static_cast<Standing>(draw(4)));
    if (draw(10) == 0) places.remove(other);
  }
  for (const int id : ids) places.remove(id);
  EXPECT_EQ(places.size(), 0u);
  EXPECT_EQ(places.networks(), 0u);
}

}  // namespace
}  // namespace goop
