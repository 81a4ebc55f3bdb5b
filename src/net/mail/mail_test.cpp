#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "net/mail/limits.h"
#include "net/mail/message.h"
#include "net/mail/smtp.h"

namespace goop::net::mail {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Address address(std::string_view text) { return Address::parse(text).value(); }

TEST(Address, has_one_spelling) {
  EXPECT_EQ(address(" Ann.Lee+goop@Example.ORG \n").text(), "ann.lee+goop@example.org");
  EXPECT_EQ(address("ANN@example.org"), address("ann@EXAMPLE.org"));
  EXPECT_EQ(address("ann@mail.example.org").domain(), "mail.example.org");
  EXPECT_EQ(address("o'neil@localhost").domain(), "localhost");
}

TEST(Address, is_refused_where_no_mail_could_go) {
  const std::string long_local(limits::local_bytes + 1, 'a');
  const std::string long_label(limits::label_bytes + 1, 'a');
  const std::vector<std::string> all{"",
                                     "ann",
                                     "@example.org",
                                     "ann@",
                                     "a b@example.org",
                                     "a@b@example.org",
                                     "ann@-a.org",
                                     "ann@a-.org",
                                     "ann@a..org",
                                     "ann@.org",
                                     "ann@org.",
                                     ".ann@a.org",
                                     "ann.@a.org",
                                     "a..b@a.org",
                                     "\"a\"@a.org",
                                     "ann@a.org\r\nBcc: x",
                                     "ann@a.org>",
                                     "<ann@a.org",
                                     "ann@[127.0.0.1]",
                                     "ann@a_b.org",
                                     "änn@a.org",
                                     "ann@ä.org",
                                     std::string("a\0b@a.org", 9),
                                     long_local + "@a.org",
                                     "a@" + long_label + ".org"};
  for (const auto& bad : all) {
    EXPECT_FALSE(Address::parse(bad)) << printable(bad);
  }
}

TEST(Address, has_at_most_so_many_bytes) {
  const auto of = [](std::size_t bytes) {
    std::string text(limits::local_bytes, 'a');
    text += '@';
    while (bytes - text.size() > limits::label_bytes + 1) {
      text += std::string(limits::label_bytes, 'b') + '.';
    }
    return text + std::string(bytes - text.size(), 'c');
  };
  EXPECT_TRUE(Address::parse(of(limits::address_bytes)));
  EXPECT_FALSE(Address::parse(of(limits::address_bytes + 1)));
  EXPECT_TRUE(Address::parse(std::string(limits::local_bytes, 'a') + "@a.org"));
  EXPECT_TRUE(Address::parse("a@" + std::string(limits::label_bytes, 'a') + ".org"));
}

TEST(Mailbox, may_have_a_name) {
  EXPECT_EQ(Mailbox::parse("goop@example.org")->name, "");
  const auto named = Mailbox::parse("Goop of Ann <Goop@example.org>");
  EXPECT_EQ(named->name, "Goop of Ann");
  EXPECT_EQ(named->address.text(), "goop@example.org");
  EXPECT_EQ(Mailbox::parse("\"Ann, Bob\" <goop@example.org>")->name, "Ann, Bob");
  EXPECT_FALSE(Mailbox::parse("Goop\r\nBcc: x <goop@example.org>"));
  EXPECT_FALSE(Mailbox::parse("Goop <goop>"));
}

// --- the message ---

std::string composed(std::string subject, std::string text, std::string name = {}) {
  const Stamp stamp{{std::move(name), address("goop@example.org")},
                    WallTime(std::chrono::milliseconds(1'761'000'000'123)),
                    "00ff"};
  return compose(stamp, {address("ann@example.org"), std::move(subject), std::move(text), "<p>x"});
}

TEST(Mail, has_a_text_and_an_html_part) {
  const auto mail = composed("Welcome", "Hello\n");
  EXPECT_THAT(mail, StartsWith("From: goop@example.org\r\nTo: ann@example.org\r\n"
                               "Subject: Welcome\r\nDate: Mon, 20 Oct 2025 22:40:00 +0000\r\n"
                               "Message-ID: <00ff@example.org>\r\n"));
  EXPECT_THAT(mail, HasSubstr("Content-Type: multipart/alternative; boundary=\"=_00ff\"\r\n\r\n"
                              "--=_00ff\r\nContent-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(mail, HasSubstr("\r\n\r\nHello\r\n\r\n--=_00ff\r\n"));
  EXPECT_THAT(mail, HasSubstr("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(mail, EndsWith("<p>x\r\n\r\n--=_00ff--\r\n"));
}

TEST(Mail, takes_no_header_and_no_end_from_what_it_says) {
  const auto mail = composed("Hi\r\nBcc: eve@example.org", ".\r\n.\n--=_00ff--\n.", "A\"B\\");
  const auto head = mail.substr(0, mail.find("\r\n\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Bcc")));
  EXPECT_THAT(head, HasSubstr("From: \"A\\\"B\\\\\" <goop@example.org>\r\n"));
  EXPECT_THAT(mail, Not(HasSubstr("\r\n.\r\n")));
  EXPECT_THAT(mail, HasSubstr("\r\n=2E\r\n=2E\r\n--=3D_00ff--\r\n=2E\r\n"));
  EXPECT_EQ(mail.find("--=_00ff--"), mail.rfind("--=_00ff--"));
}

TEST(Mail, writes_other_letters_in_its_headers_as_words) {
  EXPECT_EQ(encoded_words("Plain"), "Plain");
  EXPECT_EQ(encoded_words("Zoë"), "=?UTF-8?B?Wm/Dqw==?=");
  EXPECT_THAT(encoded_words("=?UTF-8?B?Wm/Dqw==?="), StartsWith("=?UTF-8?B?PT9V"));

  std::string longer;
  for (int i = 0; i < 40; ++i) longer += "ë";
  std::string words = encoded_words(longer), back;
  for (std::size_t at = 0; at < words.size();) {
    const auto end = std::min(words.find("\r\n ", at), words.size());
    const auto word = words.substr(at, end - at);
    EXPECT_LE(word.size(), 75u);
    const auto part = to_text(from_base64(word.substr(10, word.size() - 12)).value());
    EXPECT_TRUE(is_utf8(part)) << "a character was cut";
    back += part;
    at = std::min(end + 3, words.size());
  }
  EXPECT_EQ(back, longer);
}

TEST(Mail, has_short_lines_that_end_as_they_must) {
  EXPECT_EQ(quoted_printable("a\nb\r\nc"), "a\r\nb\r\nc\r\n");
  EXPECT_EQ(quoted_printable("x=1 \né"), "x=3D1=20\r\n=C3=A9\r\n");
  EXPECT_EQ(quoted_printable(""), "");
  const auto text = quoted_printable(std::string(300, 'x') + "\n" + std::string(100, '='));
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find("\r\n", at);
    ASSERT_NE(end, text.npos);
    EXPECT_LE(end - at, limits::line_bytes);
    at = end + 2;
  }
}

// --- the server ---

TEST(Smtp, a_server_that_cannot_be_one_is_refused) {
  SmtpServer server{"mail.example.org", 587, "ann", "secret", {{}, address("ann@example.org")}};
  EXPECT_TRUE(server.check());
  for (const auto* good : {"127.0.0.1", "::1", "localhost"}) {
    server.host = good;
    EXPECT_TRUE(server.check()) << good;
  }
  for (const auto* bad : {"", "a b", "a/b", "a@b", "a:25", "a\r\nb", "[::1]", "a?b"}) {
    server.host = bad;
    EXPECT_FALSE(server.check()) << bad;
  }
  server.host = "mail.example.org";
  server.password.clear();
  EXPECT_FALSE(server.check());
  server.username.clear();
  EXPECT_TRUE(server.check());
}

}  // namespace
}  // namespace goop::net::mail
