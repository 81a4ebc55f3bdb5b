#include "wire/presence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "p2p/multi/test_vectors.h"

namespace goop::wire {
namespace {

using testing::HasSubstr;

// What reference programs said, as captured.
constexpr std::string_view gossip_update =
    R"({"type":"update","peerId":"12D3KooWLiunArsBAWk85gKw3HG5yfwrNL27XSJs2Ys5D2dwBR8N",)"
    R"("content":"alice","email":"alice@example.com","addrs":["/ip4/10.9.0.1/tcp/5401"],)"
    R"("encryptionSupported":true,"goopClientVersion":"dev","ts":1795252033247})";
constexpr std::string_view server_online =
    R"({"type":"online","peerId":"12D3KooWD1YtGvP8r7YuAgRdy6hCKEV2dV2iunCtmCoSZU53GedW",)"
    R"("content":"bob","addrs":["/ip4/10.9.0.1/tcp/5402"],)"
    R"("publicKey":"+oKKpSJGU1NO/X4OxxkMwKXTRYtW/H8p/SAmtwBBaU0=","encryptionSupported":true,)"
    R"("goopClientVersion":"dev","ts":1795251983035,"verified":true})";
constexpr std::string_view server_punch =
    R"({"type":"punch","peerId":"12D3KooWLiunArsBAWk85gKw3HG5yfwrNL27XSJs2Ys5D2dwBR8N",)"
    R"("target":"12D3KooWD1YtGvP8r7YuAgRdy6hCKEV2dV2iunCtmCoSZU53GedW",)"
    R"("addrs":["/ip4/10.9.0.1/tcp/5401"],"ts":1795251983046})";
constexpr std::string_view gossip_offline =
    R"({"type":"offline","peerId":"12D3KooWD1YtGvP8r7YuAgRdy6hCKEV2dV2iunCtmCoSZU53GedW",)"
    R"("ts":1795252043240})";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const auto at = result.find(from);
  EXPECT_NE(at, result.npos) << from;
  return result.replace(at, from.size(), to);
}

// A message of the peer in the vectors, with `more` inside.
std::string message(std::string_view more, std::string_view type = "update") {
  return fmt::format(R"({{"type":"{}","peerID":"{}"{}}})", type, p2p::vectors::id_text, more);
}

Error error_of(std::string_view text) {
  const auto read = parse_presence(text);
  EXPECT_FALSE(read) << text;
  return read ? Error{} : read.error();
}

Presence full_presence() {
  return {.type = PresenceType::online,
          .peer = p2p::vectors::id(),
          .label = "Nora <b>\"&\\\n\x01 äö",
          .email = "nora@example.org",
          .avatar_hash = "03c1f0aa97de5521",
          .active_template = "blog",
          .client_version = "3.0.1",
          .video_disabled = true,
          .encryption_supported = false,
          .listed = true,
          .public_key = "+oKKpSJGU1NO/X4OxxkMwKXTRYtW/H8p/SAmtwBBaU0=",
          .addresses = {p2p::Multiaddr::parse("/ip4/192.0.2.7/tcp/41234").value(),
                        p2p::Multiaddr::parse("/ip6/2001:db8::1/tcp/41234").value()},
          .ts = 1'761'000'000'123,
          .ttl = 60s};
}

TEST(Presence, Captured_messages_are_read) {
  const auto update = parse_presence(gossip_update).value();
  EXPECT_EQ(update.presence.type, PresenceType::update);
  EXPECT_EQ(update.presence.peer.to_string(),
            "12D3KooWLiunArsBAWk85gKw3HG5yfwrNL27XSJs2Ys5D2dwBR8N");
  EXPECT_EQ(update.presence.label, "alice");
  EXPECT_EQ(update.presence.email, "alice@example.com");
  EXPECT_EQ(update.presence.client_version, "dev");
  EXPECT_EQ(update.presence.ts, 1795252033247);
  EXPECT_TRUE(update.presence.encryption_supported);
  ASSERT_EQ(update.presence.addresses.size(), 1u);
  EXPECT_EQ(update.presence.addresses[0].to_string(), "/ip4/10.9.0.1/tcp/5401");
  EXPECT_FALSE(update.is_signed());
  EXPECT_FALSE(update.verified);

  const auto online = parse_presence(server_online).value();
  EXPECT_TRUE(online.verified);
  EXPECT_EQ(online.presence.public_key, "+oKKpSJGU1NO/X4OxxkMwKXTRYtW/H8p/SAmtwBBaU0=");

  const auto punch = parse_presence(server_punch).value();
  EXPECT_EQ(punch.presence.type, PresenceType::punch);
  EXPECT_EQ(punch.target->to_string(), "12D3KooWD1YtGvP8r7YuAgRdy6hCKEV2dV2iunCtmCoSZU53GedW");

  EXPECT_EQ(parse_presence(gossip_offline)->presence.type, PresenceType::offline);
}

TEST(Presence, Captured_messages_are_written_as_they_came_but_for_the_spelling_of_the_id) {
  for (const auto sample : {gossip_update, server_online, server_punch, gossip_offline}) {
    EXPECT_EQ(write_presence(parse_presence(sample).value()), replaced(sample, "peerId", "peerID"));
  }
}

TEST(Presence, Keys_are_read_in_any_case_and_unknown_ones_pass) {
  const auto read = parse_presence(
      R"({"TYPE":"update","PeerId":"12D3KooWLiunArsBAWk85gKw3HG5yfwrNL27XSJs2Ys5D2dwBR8N",)"
      R"("CONTENT":"a","TTLseconds":30,"mood":{"like":["this"]}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->presence.label, "a");
  EXPECT_EQ(read->presence.ttl, 30s);
}

TEST(Presence, Two_spellings_of_one_key_are_refused) {
  EXPECT_THAT(error_of(message(R"(,"peerId":"x")")).detail, HasSubstr("peerID in two spellings"));
  EXPECT_THAT(error_of(message(R"(,"email":"a","eMail":"b")")).detail, HasSubstr("email"));
}

TEST(Presence, Null_is_as_good_as_missing) {
  const auto read = parse_presence(message(R"(,"email":null,"addrs":null,"ts":null,"sig":null)"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->presence, (Presence{.peer = p2p::vectors::id()}));
}

TEST(Presence, What_is_no_message_is_refused) {
  for (const std::string_view text :
       {"", "null", "[]", "\"x\"", "{}", "{\"type\":\"update\"}", "{\"type\":\"update\",\"peerID\"",
        "{\"peerID\":\"12D3KooWLiunArsBAWk85gKw3HG5yfwrNL27XSJs2Ys5D2dwBR8N\"}"}) {
    EXPECT_EQ(error_of(text).code, Errc::invalid) << text;
  }
  EXPECT_EQ(error_of(message("", "here")).code, Errc::invalid);
  EXPECT_EQ(error_of(message("", "ONLINE")).code, Errc::invalid);
  EXPECT_EQ(error_of(message(R"(,"email":1)")).code, Errc::invalid);
  EXPECT_EQ(error_of(message(R"(,"listed":"true")")).code, Errc::invalid);
  EXPECT_EQ(error_of(message(R"(,"addrs":"/ip4/1.2.3.4/tcp/1")")).code, Errc::invalid);
  EXPECT_EQ(error_of(message(R"(,"addrs":[1])")).code, Errc::invalid);
  EXPECT_EQ(error_of(message(R"(,"publicKey":"short")")).code, Errc::invalid);
  EXPECT_EQ(error_of(message(R"(,"sig":"*")")).code, Errc::invalid);
  EXPECT_EQ(error_of(message(R"(,"sig":"AAAA")")).code, Errc::invalid);
  EXPECT_TRUE(error_of(message(R"(,"sig":"AAAA")")).detail.starts_with("sig: "));
  EXPECT_EQ(error_of(message("", "punch")).code, Errc::invalid);  // for nobody
}

TEST(Presence, Ids_have_one_form) {
  const auto with_id = [](std::string_view id) {
    return fmt::format(R"({{"type":"update","peerID":"{}"}})", id);
  };
  EXPECT_TRUE(parse_presence(with_id(p2p::vectors::id_text)));
  EXPECT_TRUE(parse_presence(with_id(p2p::vectors::ecdsa_id)));
  for (const auto id :
       {p2p::vectors::id_cid, std::string_view("bob"), std::string_view(""),
        std::string_view(" 12D3KooWLiunArsBAWk85gKw3HG5yfwrNL27XSJs2Ys5D2dwBR8N")}) {
    EXPECT_EQ(error_of(with_id(id)).code, Errc::invalid) << id;
  }
}

TEST(Presence, Times_are_whole_numbers) {
  EXPECT_EQ(parse_presence(message(R"(,"ts":1795252033247)"))->presence.ts, 1795252033247);
  for (const auto ts : {"1.5", "1e3", "-1", "\"1\"", "253402300800000", "18446744073709551615"}) {
    EXPECT_EQ(error_of(message(fmt::format(R"(,"ts":{})", ts))).code, Errc::invalid) << ts;
  }
  for (const auto ttl : {"-1", "3601", "2.0"}) {
    EXPECT_EQ(error_of(message(fmt::format(R"(,"ttlSeconds":{})", ttl))).code, Errc::invalid);
  }
  EXPECT_EQ(parse_presence(message(R"(,"ttlSeconds":0)"))->presence.ttl, std::nullopt);
  EXPECT_EQ(parse_presence(message(R"(,"ttlSeconds":3600)"))->presence.ttl, 1h);
}

TEST(Presence, Every_text_has_its_cap) {
  const auto with = [](std::string_view key, std::size_t size) {
    return message(fmt::format(R"(,"{}":"{}")", key, std::string(size, 'a')));
  };
  const std::pair<std::string_view, std::size_t> caps[] = {
      {"content", limits::presence_label_bytes},
      {"email", limits::presence_email_bytes},
      {"avatarHash", limits::presence_text_bytes},
      {"activeTemplate", limits::presence_text_bytes},
      {"goopClientVersion", limits::presence_text_bytes},
      {"verificationToken", limits::presence_token_bytes}};
  for (const auto& [key, cap] : caps) {
    EXPECT_TRUE(parse_presence(with(key, cap))) << key;
    EXPECT_EQ(error_of(with(key, cap + 1)).code, Errc::too_large) << key;
  }
  EXPECT_EQ(error_of(with("publicKey", limits::presence_text_bytes + 1)).code, Errc::too_large);
  EXPECT_EQ(error_of(with("type", limits::presence_bytes)).code, Errc::too_large);
  EXPECT_EQ(error_of(message(R"(,"x":[[[[[[[[]]]]]]]])")).code, Errc::too_large);
}

TEST(Presence, Addresses_have_their_caps) {
  const auto list = [](std::size_t count, std::string_view address) {
    std::string items;
    for (std::size_t i = 0; i < count; ++i) {
      items += fmt::format("{}\"{}\"", i == 0 ? "" : ",", address);
    }
    return message(fmt::format(R"(,"addrs":[{}])", items));
  };
  const auto full = parse_presence(list(limits::presence_addresses, "/ip4/192.0.2.1/tcp/1"));
  EXPECT_EQ(full->presence.addresses.size(), limits::presence_addresses);
  EXPECT_EQ(error_of(list(limits::presence_addresses + 1, "/ip4/192.0.2.1/tcp/1")).code,
            Errc::too_large);
  const std::string longest = "/dns4/" + std::string(limits::presence_address_bytes - 12, 'a');
  EXPECT_TRUE(parse_presence(list(1, longest + "/tcp/1")));
  EXPECT_EQ(error_of(list(1, longest + "a/tcp/1")).code, Errc::too_large);
}

TEST(Presence, Addresses_that_say_nothing_to_us_are_left_out) {
  const auto read = parse_presence(message(fmt::format(
      R"(,"addrs":["/future/1","nonsense","","/p2p/{0}","/ip4/192.0.2.1/tcp/1/p2p/{0}",)"
      R"("/ip4/192.0.2.2/tcp/1/p2p/{1}","/ip4/192.0.2.3/tcp/1/p2p/{1}/p2p-circuit"])",
      p2p::vectors::id_text, p2p::vectors::ecdsa_id)));
  ASSERT_TRUE(read) << to_string(read.error());
  std::vector<std::string> texts;
  for (const auto& address : read->presence.addresses) texts.push_back(address.to_string());
  EXPECT_THAT(texts, testing::ElementsAre("/ip4/192.0.2.1/tcp/1",
                                          fmt::format("/ip4/192.0.2.3/tcp/1/p2p/{}/p2p-circuit",
                                                      p2p::vectors::ecdsa_id)));
}

TEST(Presence, A_signed_message_survives_the_way_and_its_signature_holds) {
  const auto sent = sign_presence(p2p::vectors::key_pair(), full_presence());
  const auto text = write_presence(sent);
  EXPECT_THAT(text, HasSubstr(R"("content":"Nora \u003cb\u003e\"\u0026\\\u000a\u0001 äö")"));
  const auto read = parse_presence(text);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(*read, sent);
  EXPECT_TRUE(check_signature(*read));
  EXPECT_EQ(write_presence(*read), text);
}

TEST(Presence, What_is_signed_is_the_message_without_what_servers_add) {
  auto sent = sign_presence(p2p::vectors::key_pair(), full_presence());
  sent.verification_token = "token";
  sent.verified = true;
  const auto opened = p2p::open_envelope(
      sent.envelope, {presence_domain, as_bytes(presence_payload_type)}, limits::presence_bytes);
  ASSERT_TRUE(opened);
  EXPECT_EQ(to_text(opened->payload), write_presence({.presence = full_presence()}));
  const auto text = write_presence(sent);
  EXPECT_THAT(text, HasSubstr(R"("verificationToken":"token")"));
  const auto read = parse_presence(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sent);
  EXPECT_TRUE(check_signature(*read));
}

TEST(Presence, An_email_can_be_told_to_a_registering_server_alone) {
  auto presence = full_presence();
  presence.email = "";
  auto sent = sign_presence(p2p::vectors::key_pair(), presence);
  sent.verification_token = "token";
  sent.registration_email = "nora@example.org";
  const auto read = parse_presence(write_presence(sent));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sent);
  EXPECT_EQ(read->presence.email, "");
  EXPECT_TRUE(check_signature(*read));
}

TEST(Presence, The_payload_wins_over_the_fields_outside) {
  const auto text = write_presence(sign_presence(p2p::vectors::key_pair(), full_presence()));
  const auto forged =
      replaced(replaced(text, R"("type":"online")", R"("type":"offline")"), "nora@", "mallory@");
  const auto read = parse_presence(forged);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->presence, full_presence());
  EXPECT_TRUE(check_signature(*read));
  EXPECT_EQ(write_presence(*read), text);  // and so goes on healed
}

TEST(Presence, A_forged_signature_does_not_hold) {
  const auto sent = sign_presence(p2p::vectors::key_pair(), full_presence());
  EXPECT_EQ(check_signature({.presence = full_presence()}).error().code, Errc::unverified);
  auto damaged = sent;
  damaged.envelope.back() ^= 1;
  EXPECT_EQ(check_signature(damaged).error().code, Errc::unverified);

  // Another's key under a message about us, of an id that holds its key and of one that does not.
  crypto::Secret<32> seed;
  seed.mut()[0] = 7;
  const auto stranger = p2p::KeyPair::from_seed(seed);
  for (const auto victim : {p2p::vectors::id_text, p2p::vectors::ecdsa_id}) {
    auto claimed = full_presence();
    claimed.peer = p2p::PeerId::parse(victim).value();
    const auto payload = write_presence({.presence = claimed});
    const auto envelope = p2p::seal_envelope(
        stranger, {presence_domain, as_bytes(presence_payload_type)}, as_bytes(payload));
    const auto read = parse_presence(message(fmt::format(R"(,"sig":"{}")", to_base64(envelope))));
    ASSERT_TRUE(read);
    EXPECT_EQ(check_signature(*read).error().code, Errc::unverified);
  }
}

TEST(Presence, A_signature_for_another_purpose_is_none) {
  const auto payload = write_presence({.presence = full_presence()});
  const auto sealed = [&](std::string_view domain, std::string_view type) {
    const auto envelope =
        p2p::seal_envelope(p2p::vectors::key_pair(), {domain, as_bytes(type)}, as_bytes(payload));
    return message(fmt::format(R"(,"sig":"{}")", to_base64(envelope)));
  };
  EXPECT_TRUE(
      check_signature(parse_presence(sealed(presence_domain, presence_payload_type)).value()));
  EXPECT_FALSE(parse_presence(sealed(presence_domain, "/other")));
  EXPECT_FALSE(check_signature(parse_presence(sealed("other", presence_payload_type)).value()));
}

TEST(Presence, Payloads_that_make_no_sense_are_refused) {
  const auto sealed = [](std::string_view payload) {
    const auto envelope =
        p2p::seal_envelope(p2p::vectors::key_pair(),
                           {presence_domain, as_bytes(presence_payload_type)}, as_bytes(payload));
    return message(fmt::format(R"(,"sig":"{}")", to_base64(envelope)));
  };
  EXPECT_TRUE(parse_presence(sealed(message(R"(,"ts":1)"))));
  EXPECT_EQ(error_of(sealed(message(""))).code, Errc::invalid);  // no ts
  EXPECT_EQ(error_of(sealed(message(R"(,"ts":1)", "punch"))).code, Errc::invalid);
  EXPECT_EQ(error_of(sealed("")).code, Errc::invalid);
  const std::string padding(limits::presence_payload_bytes, ' ');
  EXPECT_EQ(error_of(sealed(message(R"(,"ts":1)") + padding)).code, Errc::too_large);
}

}  // namespace
}  // namespace goop::wire
