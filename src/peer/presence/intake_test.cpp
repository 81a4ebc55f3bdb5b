#include "peer/presence/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/multi/test_vectors.h"
#include "testing/sim/sim_runtime.h"

namespace goop::peer::presence {
namespace {

using p2p::AddressScope;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using wire::PresenceType;

p2p::KeyPair key_number(std::uint8_t number) {
  crypto::Secret<32> seed;
  seed.mut()[0] = number;
  return p2p::KeyPair::from_seed(seed);
}

class IntakeTest : public testing::Test {
 protected:
  const p2p::KeyPair bob_key = key_number(1), eve_key = key_number(2);
  const p2p::PeerId bob = p2p::PeerId::from_key(bob_key.public_key());
  const p2p::PeerId eve = p2p::PeerId::from_key(eve_key.public_key());
  const p2p::PeerId self = p2p::vectors::id();

  wire::Presence about(const p2p::PeerId& peer, PresenceType type = PresenceType::update) {
    wire::Presence presence;
    presence.type = type;
    presence.peer = peer;
    presence.label = "label";
    presence.addresses = {p2p::Multiaddr::parse("/ip4/10.0.0.2/tcp/4001").value()};
    presence.ts = ts = std::max(to_ms(rt.wall()), ts + 1);
    return presence;
  }
  wire::PresenceMessage plain(const p2p::PeerId& peer) { return {.presence = about(peer)}; }
  wire::PresenceMessage signed_by(const p2p::KeyPair& key) {
    return wire::sign_presence(key, about(p2p::PeerId::from_key(key.public_key())));
  }
  // A forgery: fields and payload about bob, signed by eve.
  wire::PresenceMessage forged() {
    auto message = signed_by(bob_key);
    message.envelope.back() ^= 1;
    return message;
  }

  Intake::Gossip gossip(const p2p::PeerId& author, const wire::PresenceMessage& message) {
    const auto text = wire::write_presence(message);
    return intake.from_gossip(author, AddressScope::private_net, as_bytes(text));
  }
  void server(wire::PresenceMessage message) {
    EXPECT_TRUE(intake.from_server(std::move(message), {"https://example.org"}));
    rt.run_for(1ms);
  }
  bool online(const p2p::PeerId& peer) {
    const auto* row = table.find(peer);
    return row != nullptr && row->online;
  }

  sim::SimRuntime rt;
  std::int64_t ts = 0;
  PeerTable table{self, {}};
  PeerEvents events;
  std::vector<std::pair<p2p::PeerId, AddressScope>> addresses, punches;
  std::vector<std::int64_t> own;
  Intake intake{
      rt,
      table,
      self,
      {.events =
           [this](const auto& more) { events.insert(events.end(), more.begin(), more.end()); },
       .addresses = [this](const auto& said,
                           auto teller) { addresses.emplace_back(said.peer, teller); },
       .punch = [this](const auto& said, auto teller) { punches.emplace_back(said.peer, teller); },
       .own = [this](const auto& said) { own.push_back(said.ts); }}};
  sim::SimScope scope{rt};
  void SetUp() override { scope.spawn(intake.run()); }
};

TEST_F(IntakeTest, Gossip_of_a_peer_about_itself_is_taken_and_passed_on) {
  EXPECT_EQ(gossip(bob, signed_by(bob_key)), Intake::Gossip::pass_on);
  EXPECT_THAT(events, ElementsAre(PeerEvent{PeerEvent::Kind::appeared, bob}));
  EXPECT_THAT(addresses, ElementsAre(std::pair(bob, AddressScope::private_net)));
  EXPECT_EQ(table.find(bob)->proof, Proof::signature);
  EXPECT_EQ(gossip(eve, plain(eve)), Intake::Gossip::pass_on);
  EXPECT_EQ(table.find(eve)->proof, Proof::hearsay);
}

TEST_F(IntakeTest, Gossip_about_somebody_else_is_a_forgery) {
  EXPECT_EQ(gossip(eve, signed_by(bob_key)), Intake::Gossip::forged);
  EXPECT_EQ(gossip(eve, plain(bob)), Intake::Gossip::forged);
  EXPECT_EQ(gossip(bob, forged()), Intake::Gossip::forged);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(intake.counters().forged, 3u);
}

TEST_F(IntakeTest, Gossip_that_is_not_understood_is_dropped_without_blame) {
  EXPECT_EQ(intake.from_gossip(bob, AddressScope::private_net, as_bytes("nonsense")),
            Intake::Gossip::drop);
  auto punch = plain(bob);
  punch.presence.type = PresenceType::punch;
  punch.target = self;
  EXPECT_EQ(gossip(bob, punch), Intake::Gossip::drop);
  EXPECT_THAT(punches, IsEmpty());
}

TEST_F(IntakeTest, What_a_server_told_first_is_passed_on_to_neighbours_who_have_none) {
  const auto message = signed_by(bob_key);
  server(message);
  EXPECT_EQ(gossip(bob, message), Intake::Gossip::pass_on);
  EXPECT_EQ(table.find(bob)->known_by, 3);
  EXPECT_EQ(intake.counters().duplicates, 1u);
}

TEST_F(IntakeTest, Old_and_outranked_gossip_goes_no_further) {
  const auto old = signed_by(bob_key);
  gossip(bob, signed_by(bob_key));
  EXPECT_EQ(gossip(bob, old), Intake::Gossip::drop);
  EXPECT_EQ(gossip(bob, plain(bob)), Intake::Gossip::drop);
  EXPECT_EQ(intake.counters().stale, 1u);
  EXPECT_EQ(intake.counters().outranked, 1u);
}

TEST_F(IntakeTest, A_server_cannot_forge) {
  server(signed_by(bob_key));
  auto bye = signed_by(bob_key);
  bye.presence.type = PresenceType::offline;
  bye.envelope.back() ^= 1;
  server(bye);
  server(forged());
  EXPECT_TRUE(online(bob));
  EXPECT_EQ(intake.counters().forged, 2u);
  EXPECT_EQ(intake.counters().fresh, 1u);
}

TEST_F(IntakeTest, A_forgery_does_not_slip_in_behind_a_stale_judgement) {
  // Judged stale while the last ts is kept, and never checked: it must not count afterwards.
  const auto old = forged();
  server(signed_by(bob_key));
  server(old);
  EXPECT_EQ(intake.counters().stale, 1u);
  EXPECT_EQ(table.find(bob)->label, "label");
}

TEST_F(IntakeTest, A_crowd_is_taken_in_its_order) {
  std::vector<wire::PresenceMessage> sent;
  for (std::size_t i = 0; i < 3 * limits::checked_at_once; ++i) {
    const auto key = key_number(static_cast<std::uint8_t>(3 + i));
    EXPECT_TRUE(intake.from_server(signed_by(key), {"a"}));
    auto bye = about(p2p::PeerId::from_key(key.public_key()), PresenceType::offline);
    EXPECT_TRUE(intake.from_server(wire::sign_presence(key, bye), {"a"}));
  }
  rt.run_for(1ms);
  EXPECT_EQ(table.size(), 3 * limits::checked_at_once);
  for (const auto& row : table.list()) EXPECT_FALSE(row.online);
}

TEST_F(IntakeTest, No_more_wait_than_may) {
  const auto message = plain(bob);
  for (std::size_t i = 0; i < limits::waiting_messages; ++i) {
    ASSERT_TRUE(intake.from_server(message, {"a"}));
  }
  EXPECT_EQ(intake.from_server(message, {"a"}).error().code, Errc::busy);
  EXPECT_EQ(intake.counters().lost, 1u);
}

TEST_F(IntakeTest, A_server_vouches_for_itself_alone) {
  auto message = signed_by(bob_key);
  message.verified = true;
  server(message);
  EXPECT_TRUE(table.find(bob)->verified);
  EXPECT_THAT(addresses, ElementsAre(std::pair(bob, AddressScope::public_net)));
}

TEST_F(IntakeTest, Our_own_message_that_a_server_shows_is_told_when_its_signature_holds) {
  const auto mine = signed_by(p2p::vectors::key_pair());
  server(mine);
  EXPECT_THAT(own, ElementsAre(mine.presence.ts));
  auto bad = signed_by(p2p::vectors::key_pair());
  bad.envelope.back() ^= 1;
  server(bad);
  server(plain(self));
  EXPECT_THAT(own, SizeIs(1));
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(IntakeTest, A_punch_is_for_its_target_alone) {
  auto punch = plain(bob);
  punch.presence.type = PresenceType::punch;
  punch.target = self;
  server(punch);
  punch.target = eve;
  server(punch);
  EXPECT_THAT(punches, ElementsAre(std::pair(bob, AddressScope::public_net)));
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(IntakeTest, Texts_are_made_fit_to_be_shown) {
  auto message = plain(bob);
  message.presence.label = "a\nb\x1b[31m" + std::string(1000, 'x');
  gossip(bob, message);
  const auto label = table.find(bob)->label;
  EXPECT_TRUE(label.starts_with("a\\x0ab\\x1b[31mxxx")) << label;
  EXPECT_LE(label.size(), limits::shown_text_bytes + 3);
}

}  // namespace
}  // namespace goop::peer::presence
