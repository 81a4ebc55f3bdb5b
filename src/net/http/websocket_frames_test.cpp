#include "net/http/websocket_frames.h"

#include <gtest/gtest.h>

#include "net/http/limits.h"
#include "net/http/websocket_handshake.h"

namespace goop::net::http {
namespace {

using ws::Decoder;
using ws::Kind;
using ws::Role;

Bytes hex(std::string_view text) { return *from_hex(text); }

// What `bytes` are to a decoder: each message as "opcode:payload", then the error if there is one.
std::string told(Role role, BytesView bytes, std::size_t max_message = 1000) {
  Decoder decoder(role, max_message);
  std::string out;
  while (!bytes.empty()) {
    auto fed = decoder.feed(bytes);
    if (!fed) return out + std::string(name(fed.error().code));
    bytes = bytes.subspan(fed->taken);
    if (!fed->message) break;
    out += fmt::format("{}:{} ", static_cast<int>(fed->message->kind), fed->message->text());
  }
  return out;
}
std::string told_by_server(std::string_view frames) { return told(Role::client, hex(frames)); }

TEST(WebSocketFrames, are_those_of_rfc_6455_section_5_7) {
  EXPECT_EQ(told_by_server("810548656c6c6f"), "1:Hello ");
  EXPECT_EQ(told(Role::server, hex("818537fa213d7f9f4d5158")), "1:Hello ");
  EXPECT_EQ(told_by_server("010348656c80026c6f"), "1:Hello ");
  EXPECT_EQ(told_by_server("890548656c6c6f"), "9:Hello ");
  EXPECT_EQ(to_hex(ws::encode(Kind::text, as_bytes("Hello"))), "810548656c6c6f");
  EXPECT_EQ(to_hex(ws::encode_masked(Kind::text, as_bytes("Hello"), {0x37, 0xfa, 0x21, 0x3d})),
            "818537fa213d7f9f4d5158");
  Bytes head;
  ws::append_head(head, Kind::binary, 256, {});
  EXPECT_EQ(to_hex(head), "827e0100");
  head.clear();
  ws::append_head(head, Kind::binary, 65536, {});
  EXPECT_EQ(to_hex(head), "827f0000000000010000");
}

TEST(WebSocketFrames, of_every_length_come_back) {
  for (const std::size_t size : {0u, 1u, 7u, 8u, 9u, 125u, 126u, 127u, 65535u, 65536u, 70001u}) {
    const std::string payload(size, 'x');
    for (const auto role : {Role::server, Role::client}) {
      const auto frame = role == Role::server
                             ? ws::encode_masked(Kind::text, as_bytes(payload), {1, 2, 3, 4})
                             : ws::encode(Kind::text, as_bytes(payload));
      EXPECT_EQ(told(role, frame, 100000), "1:" + payload + " ") << size;
    }
  }
}

TEST(WebSocketFrames, of_control_come_between_fragments) {
  EXPECT_EQ(told_by_server("010161"
                           "8900"
                           "000162"
                           "8a0178"
                           "800163"),
            "9: 10:x 1:abc ");
}

TEST(WebSocketFrames, that_break_a_rule_are_refused) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"c10161", "reserved bit 1"},
      {"a10161", "reserved bit 2"},
      {"910161", "reserved bit 3"},
      {"830161", "unknown data opcode"},
      {"8b00", "unknown control opcode"},
      {"800161", "continuation of nothing"},
      {"0101618101", "message within a message"},
      {"0900", "control frame in fragments"},
      {"897e007e", "control frame over 125 bytes"},
      {"817e007d", "length that fits in fewer bytes"},
      {"817f000000000000ffff", "long length that fits in fewer bytes"},
      {"817f8000000000000000", "length with its highest bit"},
      {"818100000000", "masked by a server"},
  };
  for (const auto& [bytes, why] : cases)
    EXPECT_TRUE(told_by_server(bytes).ends_with("violation")) << why;
  EXPECT_EQ(told(Role::server, hex("810161")), "violation") << "not masked by a client";
  EXPECT_EQ(told_by_server("8102c328"), "invalid");
  EXPECT_EQ(told_by_server("0101c3"
                           "8001a4"),
            "1:ä ")
      << "a character in two fragments";
}

TEST(WebSocketFrames, beyond_the_message_size_are_refused_by_their_head) {
  EXPECT_EQ(told_by_server("827e03e8").find("too_large"), std::string::npos);  // 1000
  EXPECT_EQ(told_by_server("827e03e9"), "too_large");
  EXPECT_EQ(told_by_server("0201ff"
                           "807e03e8"),
            "too_large")
      << "together with what came before";
  EXPECT_EQ(told_by_server("827f7fffffffffffffff"), "too_large");
}

TEST(WebSocketFrames, in_endless_fragments_are_refused) {
  Bytes frames = hex("0100");
  for (std::size_t i = 1; i < limits::ws_fragments; ++i) append(frames, hex("0000"));
  EXPECT_EQ(told(Role::client, frames), "");
  append(frames, hex("0000"));
  EXPECT_EQ(told(Role::client, frames), "violation");
}

TEST(WebSocketFrames, hold_only_what_has_arrived) {
  Decoder decoder(Role::client, 1 << 30);
  ASSERT_TRUE(decoder.feed(hex("827f0000000020000000")));
  EXPECT_EQ(decoder.lacking(), 0x20000000u);
}

TEST(WebSocketClose, says_code_and_reason) {
  EXPECT_EQ(*ws::parse_close({}), (ws::Close{ws::close_code::none_given, ""}));
  EXPECT_EQ(*ws::parse_close(hex("03e8")), (ws::Close{1000, ""}));
  const ws::Close close{1008, "enough"};
  EXPECT_EQ(*ws::parse_close(ws::close_payload(close)), close);
  for (const auto* bad : {"03", "03e7", "03ec", "03ed", "03ee", "03f7", "0bb7", "1388"}) {
    EXPECT_FALSE(ws::parse_close(hex(bad))) << bad;
  }
  EXPECT_EQ(ws::parse_close(hex("03e8c328")).error().code, Errc::invalid);
  std::string endless(122, 'x');
  endless += "ä";  // cut in the middle of it
  const auto payload = ws::close_payload({1000, endless});
  EXPECT_LE(payload.size(), limits::ws_control_bytes);
  EXPECT_TRUE(ws::parse_close(payload));
}

// --- the handshake ---

Request upgrade(std::vector<std::pair<std::string, std::string>> fields) {
  Request request;
  request.method = Method::get;
  for (const auto& [name, value] : fields) request.fields.add(name, value);
  return request;
}
const std::vector<std::pair<std::string, std::string>> sample{
    {"Host", "server.example.com"},
    {"Upgrade", "WebSocket"},
    {"Connection", "keep-alive, Upgrade"},
    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
    {"Sec-WebSocket-Protocol", "chat, superchat"},
    {"Sec-WebSocket-Version", "13"}};

TEST(WebSocketHandshake, answers_as_rfc_6455_section_1_3) {
  const auto request = upgrade(sample);
  const std::string_view ours[] = {"superchat", "chat"};
  const auto chosen = choose_subprotocol(request, ours);
  EXPECT_EQ(chosen, "superchat");
  const auto response = accept_websocket(request, chosen, [](Handover) {});
  EXPECT_EQ(response.status, 101);
  EXPECT_NE(response.fields.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            std::string::npos);
  EXPECT_NE(response.fields.find("Sec-WebSocket-Protocol: superchat\r\n"), std::string::npos);
  const std::string_view other[] = {"goop"};
  EXPECT_EQ(choose_subprotocol(request, other), "");
}

TEST(WebSocketHandshake, refuses_what_is_no_proper_upgrade) {
  for (std::size_t i = 1; i < sample.size(); ++i) {
    if (sample[i].first == "Sec-WebSocket-Protocol") continue;
    auto fields = sample;
    fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(accept_websocket(upgrade(fields), "", {}).status, 400)
        << "without " << sample[i].first;
    fields = sample;
    fields[i].second = "x";
    EXPECT_EQ(accept_websocket(upgrade(fields), "", {}).status, 400) << "bad " << sample[i].first;
  }
  auto twice = sample;
  twice.emplace_back("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(accept_websocket(upgrade(twice), "", {}).status, 400);
  auto posted = upgrade(sample);
  posted.method = Method::post;
  EXPECT_EQ(accept_websocket(posted, "", {}).status, 400);
  auto old = sample;
  old.back().second = "8";
  EXPECT_NE(accept_websocket(upgrade(old), "", {}).fields.find("Sec-WebSocket-Version: 13"),
            std::string::npos);
}

TEST(WebSocketHandshake, takes_no_foreign_answer) {
  const auto key = to_bytes("the sample nonce");
  const std::string_view asked[] = {"chat"};
  EXPECT_EQ(upgrade_fields(key, asked)[3].second, "dGhlIHNhbXBsZSBub25jZQ==");
  const auto answer = [](std::string_view accept, std::string_view protocol) {
    ResponseHead head;
    head.status = 101;
    head.fields.add("Upgrade", "websocket");
    head.fields.add("Connection", "Upgrade");
    head.fields.add("Sec-WebSocket-Accept", accept);
    if (!protocol.empty()) head.fields.add("Sec-WebSocket-Protocol", protocol);
    return head;
  };
  const std::string_view good = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
  EXPECT_EQ(*check_upgrade(answer(good, "chat"), key, asked), "chat");
  EXPECT_EQ(*check_upgrade(answer(good, ""), key, asked), "");
  EXPECT_FALSE(check_upgrade(answer("x", ""), key, asked));
  EXPECT_FALSE(check_upgrade(answer(good, "other"), key, asked));
  auto extended = answer(good, "");
  extended.fields.add("Sec-WebSocket-Extensions", "permessage-deflate");
  EXPECT_FALSE(check_upgrade(extended, key, asked));
}

}  // namespace
}  // namespace goop::net::http
