#include "p2p/discovery/dns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "p2p/discovery/dns_test_kit.h"
#include "p2p/discovery/limits.h"

namespace goop::p2p::discovery {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Name name(std::string_view text) { return Name::parse(text).value(); }

Result<Name> read_name(BytesView message, std::size_t at = 0) { return Name::read(message, at); }

// --- names ---

TEST(DnsName, is_written_with_and_without_the_last_dot) {
  EXPECT_EQ(name("goop-mdns.local").to_string(), "goop-mdns.local.");
  EXPECT_EQ(name("goop-mdns.local."), name("goop-mdns.local"));
  EXPECT_EQ(name("").to_string(), ".");
}

TEST(DnsName, compares_without_regard_to_case) {
  EXPECT_EQ(name("Goop-MDNS.Local"), name("goop-mdns.local"));
  EXPECT_EQ(name("Goop-MDNS.Local").key(), name("goop-mdns.local").key());
  EXPECT_NE(name("goop.local"), name("goop.locale"));
}

TEST(DnsName, refuses_empty_and_long_labels) {
  EXPECT_FALSE(Name::parse("a..b"));
  EXPECT_FALSE(Name::parse(".a"));
  EXPECT_FALSE(Name::parse("a.."));
  EXPECT_TRUE(Name::parse(std::string(limits::dns_label_bytes, 'a')));
  EXPECT_FALSE(Name::parse(std::string(limits::dns_label_bytes + 1, 'a')));
  EXPECT_FALSE(name("local").under(std::string(limits::dns_label_bytes + 1, 'a')));
  EXPECT_FALSE(name("local").under(""));
}

TEST(DnsName, is_at_most_255_bytes_long) {
  const std::string label(49, 'a');
  std::string text = fmt::format("{0}.{0}.{0}.{0}.{0}", label);  // 5 × 50 bytes, and the root
  EXPECT_TRUE(Name::parse(text + ".aaa"));                       // 255
  EXPECT_FALSE(Name::parse(text + ".aaaa"));
  EXPECT_TRUE(Name::parse(text)->under("aaa"));
  EXPECT_FALSE(Name::parse(text)->under("aaaa"));
}

TEST(DnsName, that_grows_too_long_by_a_pointer_is_refused) {
  Bytes message =
      to_bytes(Name::parse(fmt::format("{0}.{0}.{0}.{0}", std::string(60, 'a')))->wire());
  const auto at = message.size();
  append(message, std::string(1, 20) + std::string(20, 'b') + std::string("\xc0\x00", 2));
  EXPECT_FALSE(read_name(message, at));
}

TEST(DnsName, pointers_lead_backwards_only) {
  const Bytes itself{0xc0, 0x00};
  EXPECT_FALSE(read_name(itself));
  const Bytes forwards{0xc0, 0x02, 0x00};
  EXPECT_FALSE(read_name(forwards));
  const Bytes around{1, 'a', 0xc0, 0x00};
  EXPECT_FALSE(read_name(around));
  const Bytes well{1, 'a', 0, 1, 'b', 0xc0, 0x00};
  EXPECT_EQ(read_name(well, 3), name("b.a"));
}

TEST(DnsName, a_chain_of_pointers_has_an_end) {
  const auto chain = [](std::size_t hops) {
    Bytes message{0, 0};  // the root, at an even place
    for (std::size_t i = 0; i < hops; ++i) {
      const auto target = message.size() - 2;
      message.push_back(static_cast<std::uint8_t>(0xc0 | target >> 8));
      message.push_back(static_cast<std::uint8_t>(target));
    }
    return message;
  };
  const auto longest = chain(limits::dns_pointer_hops);
  EXPECT_TRUE(read_name(longest, longest.size() - 2));
  const auto longer = chain(limits::dns_pointer_hops + 1);
  EXPECT_FALSE(read_name(longer, longer.size() - 2));
}

TEST(DnsName, reading_leaves_the_place_behind_the_name) {
  const Bytes message{1, 'a', 0, 1, 'b', 0xc0, 0x00, 9};
  std::size_t at = 3;
  ASSERT_TRUE(Name::read(message, at));
  EXPECT_EQ(at, 7u);
  at = 0;
  ASSERT_TRUE(Name::read(message, at));
  EXPECT_EQ(at, 3u);
}

TEST(DnsName, cut_or_of_unknown_kind_is_refused) {
  EXPECT_FALSE(read_name(Bytes{}));
  EXPECT_FALSE(read_name(Bytes{3, 'a', 'b'}));
  EXPECT_FALSE(read_name(Bytes{1, 'a'}));
  EXPECT_FALSE(read_name(Bytes{0xc0}));
  EXPECT_FALSE(read_name(Bytes{0x40, 0}));
  EXPECT_FALSE(read_name(Bytes{0x80, 0}));
}

// --- messages ---

Message full_message() {
  Message message;
  message.id = 0x5758;
  message.response = message.authoritative = true;
  message.questions = {{name("goop-mdns.local"), 12, true}};
  message.answers = {{name("goop-mdns.local"), Pointer{name("x.goop-mdns.local")}, 3200}};
  message.additional = {
      {name("x.goop-mdns.local"), Service{0, 1, 4001, name("x.local")}, 120, true},
      {name("x.goop-mdns.local"), Texts{{"dnsaddr=/ip4/10.0.0.1/tcp/1", "b"}}, 120},
      {name("x.local"), boost::asio::ip::make_address("10.0.0.1"), 120},
      {name("x.local"), boost::asio::ip::make_address("fd00::1"), 120, true},
  };
  return message;
}

TEST(DnsMessage, is_read_as_it_was_written) {
  const auto message = full_message();
  EXPECT_EQ(read_message(write_message(message)), message);
}

TEST(DnsMessage, repeated_names_are_pointers_and_the_target_of_srv_is_written_out) {
  const auto bytes = write_message(full_message());
  const auto text = as_text(bytes);
  const auto times = [text](std::string_view word) {
    std::size_t count = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(times("goop-mdns"), 1u);
  EXPECT_EQ(times("local"), 2u);
}

TEST(DnsMessage, every_cut_is_refused) {
  const auto bytes = write_message(full_message());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read_message(BytesView(bytes).first(size))) << size;
}

TEST(DnsMessage, of_the_reference_program_is_understood) {
  const auto answer = read_message(kit::reference_answer());
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->response && answer->authoritative);
  ASSERT_THAT(answer->answers, SizeIs(1));
  EXPECT_EQ(answer->answers[0].name, name("goop-mdns.local"));
  EXPECT_EQ(answer->answers[0].ttl, 3200u);
  ASSERT_THAT(answer->additional, SizeIs(3));
  const auto& texts = std::get<Texts>(answer->additional[1].data);
  EXPECT_THAT(texts.strings,
              ElementsAre(fmt::format("dnsaddr=/ip4/127.0.0.1/tcp/5401/p2p/{}", kit::alice),
                          fmt::format("dnsaddr=/ip4/10.9.0.1/tcp/5401/p2p/{}", kit::alice)));
}

TEST(DnsMessage, records_of_other_kinds_and_classes_are_passed_over) {
  auto message = full_message();
  auto bytes = write_message(message);
  kit::add_record(bytes, 47, 1, 5);   // NSEC
  kit::add_record(bytes, 16, 3, 2);   // TXT, class CHAOS
  kit::add_record(bytes, 255, 1, 3);  // a record of type ANY makes no sense
  EXPECT_EQ(read_message(bytes), message);
}

TEST(DnsMessage, with_more_records_than_anybody_needs_is_refused) {
  Message message;
  message.questions.assign(limits::dns_records, {name("a"), 12});
  EXPECT_TRUE(read_message(write_message(message)));
  message.answers.push_back({name("a"), Pointer{name("b")}, 1});
  EXPECT_EQ(read_message(write_message(message)).error().code, Errc::too_large);
}

TEST(DnsMessage, strings_over_the_cap_of_a_message_are_passed_over) {
  Message message;
  for (int i = 0; i < 3; ++i) {
    Texts texts;
    texts.strings.assign(limits::mdns_txt_strings / 2 + 1, "x");
    message.answers.push_back({name("a"), std::move(texts), 1});
  }
  std::size_t strings = 0;
  const auto read = read_message(write_message(message)).value();
  for (const auto& record : read.answers) strings += std::get<Texts>(record.data).strings.size();
  EXPECT_EQ(strings, limits::mdns_txt_strings);
}

TEST(DnsMessage, a_text_record_is_never_empty) {
  Message message;
  message.answers = {{name("a"), Texts{}, 1}};
  const auto bytes = write_message(message);
  EXPECT_EQ(bytes.back(), 0);
  EXPECT_EQ(read_message(bytes), message);
}

TEST(DnsMessage, a_record_whose_size_is_wrong_is_refused) {
  Message message;
  message.answers = {{name("a"), boost::asio::ip::make_address("10.0.0.1"), 1}};
  auto bytes = write_message(message);
  bytes[bytes.size() - 5] = 5;  // the size of the address
  bytes.push_back(0);
  EXPECT_FALSE(read_message(bytes));
}

TEST(DnsMessage, of_another_opcode_is_refused) {
  auto bytes = write_message(Message{});
  bytes[2] = 0x28;  // update
  EXPECT_FALSE(read_message(bytes));
}

}  // namespace
}  // namespace goop::p2p::discovery
