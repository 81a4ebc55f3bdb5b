#include "net/dns_answer.h"

#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>

#include "net/limits.h"

namespace goop::net {
namespace {

void put16(Bytes& into, std::size_t value) {
  into.push_back(static_cast<std::uint8_t>(value >> 8));
  into.push_back(static_cast<std::uint8_t>(value));
}

// A DNS answer with `count` TXT records of the name "a", each of two character strings.
Bytes answer_of(std::size_t count, std::string_view first, std::string_view second) {
  Bytes message;
  for (const std::size_t field : {std::size_t{7}, std::size_t{0x8180}, std::size_t{0}, count,
                                  std::size_t{0}, std::size_t{0}}) {
    put16(message, field);
  }
  for (std::size_t i = 0; i < count; ++i) {
    append(message, Bytes{1, 'a', 0, 0, 16, 0, 1, 0, 0, 0, 60});  // name, TXT, IN, time to live
    put16(message, first.size() + second.size() + 2);
    for (const std::string_view text : {first, second}) {
      message.push_back(static_cast<std::uint8_t>(text.size()));
      append(message, as_bytes(text));
    }
  }
  return message;
}

std::vector<std::string> texts(const Bytes& message) {
  return texts_of(message, static_cast<int>(message.size()));
}

TEST(DnsAnswer, joins_the_strings_of_a_text_record) {
  EXPECT_EQ(texts(answer_of(1, "dnsaddr=", "/ip4/1.2.3.4")),
            std::vector<std::string>{"dnsaddr=/ip4/1.2.3.4"});
}

TEST(DnsAnswer, gives_a_hundred_texts_at_most) {
  EXPECT_EQ(texts(answer_of(limits::txt_records, "a", "b")).size(), limits::txt_records);
  EXPECT_EQ(texts(answer_of(limits::txt_records + 1, "a", "b")).size(), limits::txt_records);
}

TEST(DnsAnswer, that_is_larger_than_the_buffer_has_no_texts) {
  const std::string text(180, 'x');
  const auto fits = answer_of(20, text, text);
  const auto large = answer_of(22, text, text);
  ASSERT_LE(fits.size(), limits::dns_answer_bytes);
  ASSERT_GT(large.size(), limits::dns_answer_bytes);
  EXPECT_EQ(texts(fits).size(), 20u);
  const auto buffer = BytesView(large).first(limits::dns_answer_bytes);
  EXPECT_TRUE(texts_of(buffer, static_cast<int>(large.size())).empty());
}

TEST(DnsAnswer, that_is_cut_anywhere_or_none_at_all_is_read_without_harm) {
  const auto message = answer_of(3, "some", "text");
  for (std::size_t size = 0; size < message.size(); ++size) {
    const Bytes cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_LE(texts(cut).size(), 3u);
  }
  EXPECT_TRUE(texts_of({}, -1).empty());
}

TEST(DnsAnswer, gives_a_hundred_addresses_at_most) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  std::vector<addrinfo> list(limits::resolved_addresses + 5);
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i].ai_addr = reinterpret_cast<sockaddr*>(&address);
    list[i].ai_addrlen = sizeof address;
    list[i].ai_next = i + 1 < list.size() ? &list[i + 1] : nullptr;
  }
  EXPECT_EQ(addresses_of(list.data()).size(), limits::resolved_addresses);
  EXPECT_TRUE(addresses_of(nullptr).empty());
}

}  // namespace
}  // namespace goop::net
