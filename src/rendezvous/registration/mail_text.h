// What the mail with the link says, and what stands on the console where no mail is sent.
//
// Pure. In English and Dutch.
#pragma once

#include "net/mail/message.h"

namespace goop::rendezvous::registration {

struct Invitation {
  net::mail::Address to;
  std::string_view language;  // "en", "nl"
  std::string server;         // its address, without a trailing slash
  std::string token;

  std::string link() const;
};

net::mail::Mail mail_of(const Invitation& invitation);
std::string console_block(const Invitation& invitation);

// The commands by which the token gets into a peer, one a line.
std::string commands_of(std::string_view email, std::string_view token);

}  // namespace goop::rendezvous::registration
