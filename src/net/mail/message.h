// A mail with a text and an HTML part, as the bytes that go over SMTP.
//
//   const auto bytes = compose({from, date, "3f09ab…"}, {to, "Welcome", "Hello", "<p>Hello"});
//
// Whatever is in subject, name or text: it cannot add a header or end the message. Headers are one
// line each and ASCII (other text as encoded words), bodies quoted-printable.
//
// Spec: RFC 5322, RFC 2045 to 2047 (MIME), RFC 3834 (Auto-Submitted).   Pure.
#pragma once

#include "base/time.h"
#include "net/mail/address.h"

namespace goop::net::mail {

struct Mail {
  Address to;
  std::string subject, text, html;  // UTF-8; lines end with \n
};

struct Stamp {
  Mailbox from;
  WallTime date;
  std::string unique;  // letters and digits; makes Message-ID and the parts' boundary
};

std::string compose(const Stamp& stamp, const Mail& mail);

// Of a header: as it is where it is plain ASCII, else as encoded words.
std::string encoded_words(std::string_view text);
std::string quoted_printable(std::string_view text);  // lines end with CRLF

}  // namespace goop::net::mail
