#include "p2p/secure/noise_handshake.h"

#include <gtest/gtest.h>

#include "base/task_scope.h"
#include "noise_payload.pb.h"
#include "testing/p2p/duplex_pipe.h"
#include "testing/sim/sim_runtime.h"

namespace goop::p2p {
namespace {

crypto::Secret<32> filled(std::uint8_t value) {
  std::array<std::uint8_t, 32> bytes;
  bytes.fill(value);
  return crypto::Secret<32>(bytes);
}

const KeyPair& initiator_key() {
  static const KeyPair key = KeyPair::from_seed(filled(0x55));
  return key;
}
const KeyPair& responder_key() {
  static const KeyPair key = KeyPair::from_seed(filled(0x66));
  return key;
}
PeerId id_of(const KeyPair& key) { return PeerId::from_key(key.public_key()); }

NoiseHandshake initiator(std::optional<PeerId> expected = {},
                         EarlyMuxer muxer = EarlyMuxer::offer) {
  const HandshakeSecrets secrets{.ephemeral_key = filled(0x11), .static_key = filled(0x22)};
  return {HandshakeRole::initiator, initiator_key(), secrets, expected, muxer};
}
NoiseHandshake responder(std::optional<PeerId> expected = {},
                         EarlyMuxer muxer = EarlyMuxer::offer) {
  const HandshakeSecrets secrets{.ephemeral_key = filled(0x33), .static_key = filled(0x44)};
  return {HandshakeRole::responder, responder_key(), secrets, expected, muxer};
}

// Carries messages over until both are done, or one of them fails.
Result<void> run(NoiseHandshake& one, NoiseHandshake& other) {
  while (!one.done() || !other.done()) {
    NoiseHandshake& from = one.our_turn() ? one : other;
    NoiseHandshake& to = one.our_turn() ? other : one;
    GOOP_TRY(const Bytes message, from.next_message());
    GOOP_CHECK(to.on_message(message));
  }
  return {};
}

constexpr std::string_view m1 = "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13";
constexpr std::string_view m2 =
    "7b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14c397174f4837000ddcbb1281328824"
    "9a5b12d88516876da181ce0fc959b99e517ea8998c13dc2b6f0c0dd1008f6a2fb91abebf4319bf9631adbb3d84876d"
    "3bf951008f6be54334c3bf7625a7584bccfe0244f33b784488c7a6fefd572dd8cfaad1a7e74019aa52e730e8414cc6"
    "d7e17f714a34414d58358f988f649eb2ab40ecc7adc97b9dbb60dd426af175d422277b03e948184dff751e101ce3ff"
    "36cc602f1671f019382af1b6efc14aa9a9526b8722c428991551e6b8";
constexpr std::string_view m3 =
    "cb841bb9a3d8fff17ed00e6c7a898c0a701ffe7a08e25ff252fc2e7deecd31220547d3895a6475a3ba732db9cb2858"
    "236466462950390045a2b53b30a020e0f215fa5ed2af9f50e2ef62b8d9dc76748cd0d88aca251d595ee925fa454d24"
    "3c0807406c78848ac20a2efddc621c6c71fa0330b2b809169268bb0bf42078363db6d3f48fd27456a48143c7279b68"
    "311810ecee90354574fd811e86195b98bfbe5d389b98f0e8ccdea844f5009beb82ba867a5fb2295e444df1";

TEST(NoiseHandshake, Trap06_MessagesAndKeysAreThoseOfOtherImplementations) {  // interop trap 6
  NoiseHandshake one = initiator(), other = responder();
  const auto first = one.next_message();
  ASSERT_TRUE(first);
  EXPECT_EQ(to_hex(*first), m1);
  ASSERT_TRUE(other.on_message(*first));
  const auto second = other.next_message();
  ASSERT_TRUE(second);
  EXPECT_EQ(to_hex(*second), m2);
  ASSERT_TRUE(one.on_message(*second));
  const auto third = one.next_message();
  ASSERT_TRUE(third);
  EXPECT_EQ(to_hex(*third), m3);
  ASSERT_TRUE(other.on_message(*third));

  const HandshakeResult ours = one.result(), theirs = other.result();
  EXPECT_EQ(to_hex(ours.hash), "fb0a2bedfd573e1e548114a335718aee492e3853f0b580f6b771a969b333cc4c");
  EXPECT_EQ(to_hex(ours.key_send.view()),
            "530c3f6f9316268d31d426e3ead445b1a0d92fd664e2cd0d220bcb0e7ac62a80");
  EXPECT_EQ(to_hex(ours.key_receive.view()),
            "fff2cd9dff44357d67d942ed1df3c04ba58108d53009471d81b084e49e9ebaf2");
  EXPECT_EQ(theirs.hash, ours.hash);
  EXPECT_EQ(theirs.key_send, ours.key_receive);
  EXPECT_EQ(theirs.key_receive, ours.key_send);
  EXPECT_EQ(ours.remote, id_of(responder_key()));
  EXPECT_EQ(theirs.remote, id_of(initiator_key()));
  EXPECT_EQ(theirs.remote_key, initiator_key().public_key());
  EXPECT_TRUE(ours.early_yamux && theirs.early_yamux);

  crypto::ChaChaPoly cipher(ours.key_send);
  Bytes sealed(21);
  cipher.seal(0, {}, as_bytes("hello"), sealed);
  EXPECT_EQ(to_hex(sealed), "230247bb1fe59de7e6c327a703765ce954be48cd22");
}

TEST(NoiseHandshake, Trap04_ExactlyOneMuxerIsOffered) {
  NoiseHandshake one = initiator(), offers = responder();
  NoiseHandshake withholds = responder({}, EarlyMuxer::withhold);
  const Bytes first = *one.next_message();
  ASSERT_TRUE(offers.on_message(first) && withholds.on_message(first));
  constexpr std::size_t one_entry = 2 + 2 + 12;  // extensions, stream_muxers, /yamux/1.0.0
  EXPECT_EQ(offers.next_message()->size(), withholds.next_message()->size() + one_entry);
}

TEST(NoiseHandshake, StaticKeySignatureIsThatOfOtherImplementations) {
  Bytes seed = *from_hex("7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d");
  const KeyPair key = KeyPair::from_seed(crypto::Secret<32>(std::span(seed).first<32>()));
  Bytes text = to_bytes("noise-libp2p-static-key:");
  for (std::uint8_t i = 0; i < 32; ++i) text.push_back(i);
  EXPECT_EQ(
      to_hex(key.sign(text)),
      "6748f6f4c32e36aa2ef8df283a99a76275a9358b224844c53ced6ae4789262d00a86a6fe47a578ae243faa2a"
      "3ed9f4fd22d1bc38527f4797548e568ca43f500c");
}

TEST(NoiseHandshake, EveryHandshakeHasKeysOfItsOwn) {
  sim::SimRuntime runtime;
  std::set<std::string> hashes;
  for (int i = 0; i < 3; ++i) {
    const HandshakeSecrets mine = HandshakeSecrets::from(runtime);
    const HandshakeSecrets yours = HandshakeSecrets::from(runtime);
    NoiseHandshake one(HandshakeRole::initiator, initiator_key(), mine, {});
    NoiseHandshake other(HandshakeRole::responder, responder_key(), yours, {});
    ASSERT_TRUE(run(one, other));
    hashes.insert(to_hex(one.result().key_send.view()));
  }
  EXPECT_EQ(hashes.size(), 3u);
}

// GHSA-rch7-f4h5-x9rj: the dialled id must be the authenticated one.
TEST(NoiseHandshake, GHSA_rch7_f4h5_x9rj_AnotherIdThanDialledIsRefusedBeforeWeSayWhoWeAre) {
  NoiseHandshake one = initiator(id_of(initiator_key())), other = responder();
  ASSERT_TRUE(other.on_message(*one.next_message()));
  const auto result = one.on_message(*other.next_message());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unverified);
  EXPECT_FALSE(one.our_turn());  // message 3 is never made
}

TEST(NoiseHandshake, TheExpectedIdIsAccepted) {
  NoiseHandshake one = initiator(id_of(responder_key())), other = responder(id_of(initiator_key()));
  EXPECT_TRUE(run(one, other));
}

TEST(NoiseHandshake, WithoutAnOfferOnBothSidesTheMuxerIsNegotiatedLater) {  // interop trap 5
  NoiseHandshake one = initiator({}, EarlyMuxer::withhold), other = responder();
  ASSERT_TRUE(run(one, other));
  EXPECT_FALSE(one.result().early_yamux);
  EXPECT_FALSE(other.result().early_yamux);
}

TEST(NoiseHandshake, EveryDamagedByteIsNoticed) {
  const Bytes second = *from_hex(m2), third = *from_hex(m3);
  for (std::size_t i = 0; i < second.size(); i += 5) {
    NoiseHandshake one = initiator();
    ASSERT_TRUE(one.next_message());
    Bytes damaged = second;
    damaged[i] ^= 0x40;
    EXPECT_FALSE(one.on_message(damaged)) << i;
  }
  for (std::size_t i = 0; i < third.size(); i += 5) {
    NoiseHandshake other = responder();
    ASSERT_TRUE(other.on_message(*from_hex(m1)));
    ASSERT_TRUE(other.next_message());
    Bytes damaged = third;
    damaged[i] ^= 0x40;
    const auto result = other.on_message(damaged);
    ASSERT_FALSE(result) << i;
    EXPECT_EQ(result.error().code, Errc::unverified);
  }
}

TEST(NoiseHandshake, EveryCutIsNoticed) {
  const Bytes first = *from_hex(m1), second = *from_hex(m2);
  for (std::size_t size = 0; size < first.size(); ++size) {
    NoiseHandshake other = responder();
    EXPECT_FALSE(other.on_message(BytesView(first).first(size))) << size;
  }
  for (std::size_t size = 0; size < second.size(); ++size) {
    NoiseHandshake one = initiator();
    ASSERT_TRUE(one.next_message());
    EXPECT_FALSE(one.on_message(BytesView(second).first(size))) << size;
  }
}

TEST(NoiseHandshake, APayloadInTheFirstMessageIsIgnored) {
  NoiseHandshake other = responder();
  Bytes first = *from_hex(m1);
  append(first, "extra");
  ASSERT_TRUE(other.on_message(first));
  EXPECT_TRUE(other.next_message());
}

TEST(NoiseHandshake, AnEphemeralKeyOfSmallOrderIsRefused) {
  NoiseHandshake other = responder();
  ASSERT_TRUE(other.on_message(Bytes(32, 0)));
  const auto answer = other.next_message();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unverified);

  NoiseHandshake one = initiator();
  ASSERT_TRUE(one.next_message());
  const auto result = one.on_message(Bytes(216, 0));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unverified);
}

TEST(NoiseHandshake, MessagesHaveALimit) {
  NoiseHandshake other = responder();
  const auto result = other.on_message(Bytes(limits::noise_handshake_bytes + 1, 1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::too_large);
}

// A responder that keeps the cryptographic rules and sends the static key and payload it is told.
struct Forger {
  crypto::X25519Key ephemeral{filled(0x33)}, fixed{filled(0x44)};
  crypto::X25519Public shown_static = fixed.public_key();

  Bytes honest_signature() const {
    Bytes text = to_bytes("noise-libp2p-static-key:");
    append(text, fixed.public_key());
    return to_bytes(responder_key().sign(text));
  }

  Result<void> tell(NoiseHandshake& victim, BytesView payload) const {
    GOOP_TRY(const Bytes first, victim.next_message());
    crypto::X25519Public remote;
    std::copy(first.begin(), first.end(), remote.begin());
    NoiseSymmetric state;
    state.mix_hash(remote);
    state.mix_hash({});
    Bytes message = to_bytes(ephemeral.public_key());
    state.mix_hash(message);
    state.mix_key(*ephemeral.shared(remote));
    state.seal(message, shown_static);
    state.mix_key(*fixed.shared(remote));
    state.seal(message, payload);
    return victim.on_message(message);
  }
};

struct ForgedPayload : testing::Test {
  Errc verdict() {
    NoiseHandshake victim = initiator();
    const auto result = forger.tell(victim, to_bytes(payload.SerializeAsString()));
    return result ? Errc::internal : result.error().code;
  }
  bool early() {
    NoiseHandshake victim = initiator();
    EXPECT_TRUE(forger.tell(victim, to_bytes(payload.SerializeAsString())));
    EXPECT_TRUE(victim.next_message());
    return victim.result().early_yamux;
  }
  void SetUp() override {
    payload.set_identity_key(to_text(responder_key().public_key().protobuf()));
    payload.set_identity_sig(to_text(forger.honest_signature()));
  }

  Forger forger;
  pb::NoiseHandshakePayload payload;
};

TEST_F(ForgedPayload, Trap05_WithoutExtensionsItIsFineAndTheMuxerComesLater) {
  EXPECT_FALSE(early());
}

TEST_F(ForgedPayload, Trap04_YamuxAnywhereInTheListIsAgreed) {
  payload.mutable_extensions()->add_stream_muxers("/mplex/6.7.0");
  EXPECT_FALSE(early());
  payload.mutable_extensions()->add_stream_muxers("/yamux/1.0.0");
  EXPECT_TRUE(early());
}

TEST_F(ForgedPayload, ASignatureOverSomethingElseIsUnverified) {
  payload.set_identity_sig(to_text(responder_key().sign(as_bytes("something else"))));
  EXPECT_EQ(verdict(), Errc::unverified);
  payload.set_identity_sig("short");
  EXPECT_EQ(verdict(), Errc::unverified);
  payload.clear_identity_sig();
  EXPECT_EQ(verdict(), Errc::unverified);
}

TEST_F(ForgedPayload, SomebodyElsesKeyIsUnverified) {
  payload.set_identity_key(to_text(initiator_key().public_key().protobuf()));
  EXPECT_EQ(verdict(), Errc::unverified);
}

TEST_F(ForgedPayload, AStaticKeyOfSmallOrderIsUnverified) {
  forger.shown_static = {};
  EXPECT_EQ(verdict(), Errc::unverified);
}

TEST_F(ForgedPayload, WithoutAUsableKeyItIsInvalid) {
  payload.set_identity_key("");
  EXPECT_EQ(verdict(), Errc::invalid);
  payload.clear_identity_key();
  EXPECT_EQ(verdict(), Errc::invalid);
}

TEST_F(ForgedPayload, WhatIsNoProtobufIsInvalid) {
  NoiseHandshake victim = initiator();
  const auto result = forger.tell(victim, as_bytes("\x0a\x7f"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::invalid);
}

TEST_F(ForgedPayload, TooManyMuxersAreTooLarge) {
  for (std::size_t i = 0; i <= limits::noise_muxers; ++i) {
    payload.mutable_extensions()->add_stream_muxers("x");
  }
  EXPECT_EQ(verdict(), Errc::too_large);
}

TEST_F(ForgedPayload, CertificateHashesAreIgnoredUpToTheirLimit) {
  for (std::size_t i = 0; i < limits::noise_certhashes; ++i) {
    payload.mutable_extensions()->add_webtransport_certhashes("x");
  }
  EXPECT_EQ(verdict(), Errc::internal);  // no complaint
  payload.mutable_extensions()->add_webtransport_certhashes("x");
  EXPECT_EQ(verdict(), Errc::too_large);
}

TEST_F(ForgedPayload, ASignatureOverItsLimitIsTooLarge) {
  payload.set_identity_sig(std::string(limits::noise_signature_bytes + 1, 'x'));
  EXPECT_EQ(verdict(), Errc::too_large);
}

Task<> note_handshake(Duplex& over, NoiseHandshake machine, Deadline by,
                      std::optional<HandshakeResult>* out, std::optional<Error>* error) {
  try {
    HandshakeResult result = co_await handshake(over, std::move(machine), by);
    out->emplace(std::move(result));
  } catch (const Failure& failure) {
    *error = failure.error();
  }
}

struct NoiseOverDuplex : testing::Test {
  Deadline soon() { return Deadline::after(runtime.now(), 15s); }
  Errc refusal(std::string_view hex) {
    sim::DuplexPipe pipe(runtime);
    pipe.b.put(*from_hex(hex));
    pipe.b.put_end();
    std::optional<HandshakeResult> result;
    std::optional<Error> error;
    runtime.wait(note_handshake(pipe.b, responder(), soon(), &result, &error));
    return error ? error->code : Errc::internal;
  }

  sim::SimRuntime runtime;
};

TEST_F(NoiseOverDuplex, BothSidesAgreeInEverySplitAndWhatFollowsStays) {
  for (const std::size_t shown : {1, 2, 3, 17, 100, 1000}) {
    sim::DuplexPipe pipe(runtime);
    pipe.a.show_at_most(shown);
    pipe.b.show_at_most(shown);
    std::optional<HandshakeResult> one, other;
    std::optional<Error> error;
    TaskScope scope(runtime, "test");
    scope.spawn(note_handshake(pipe.a, initiator(), soon(), &one, &error));
    runtime.run(1ms);
    pipe.a.put({});
    scope.spawn(note_handshake(pipe.b, responder(), soon(), &other, &error));
    runtime.wait(scope.join());
    runtime.wait(pipe.a.write(as_bytes("frames"), soon()));
    ASSERT_TRUE(one && other) << shown;
    EXPECT_EQ(one->hash, other->hash);
    EXPECT_EQ(to_text(pipe.b.take()), "frames");
  }
}

TEST_F(NoiseOverDuplex, Trap01_WhatIsPipelinedBehindTheLastMessageStaysUnread) {
  sim::DuplexPipe pipe(runtime);
  Bytes bytes = *from_hex("0020");
  append(bytes, *from_hex(m1));
  append(bytes, *from_hex("00b8"));
  append(bytes, *from_hex(m3));
  append(bytes, "early yamux");
  pipe.b.put(bytes);
  std::optional<HandshakeResult> result;
  std::optional<Error> error;
  runtime.wait(note_handshake(pipe.b, responder(), soon(), &result, &error));
  ASSERT_TRUE(result);
  EXPECT_EQ(to_text(pipe.b.take()), "early yamux");
  EXPECT_EQ(to_hex(pipe.a.take()), "00d8" + std::string(m2));
}

TEST_F(NoiseOverDuplex, FailuresEndIt) {
  EXPECT_EQ(refusal(""), Errc::closed);
  EXPECT_EQ(refusal("0020aa"), Errc::closed);
  EXPECT_EQ(refusal("0000"), Errc::violation);
  EXPECT_EQ(refusal("ffff"), Errc::too_large);
}

TEST_F(NoiseOverDuplex, SilenceEndsAtTheDeadline) {
  sim::DuplexPipe pipe(runtime);
  std::optional<HandshakeResult> result;
  std::optional<Error> error;
  runtime.wait(note_handshake(pipe.a, initiator(), soon(), &result, &error));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::timeout);
}

}  // namespace
}  // namespace goop::p2p
