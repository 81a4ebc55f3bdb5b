// What the operator has set about registration (presence.registration_*, presence.smtp_*).
#pragma once

#include <functional>
#include <optional>

#include "net/http/url.h"
#include "net/mail/smtp.h"

namespace goop::rendezvous::registration {

struct Options {
  bool required = false;
  std::optional<net::mail::SmtpServer> smtp;  // nothing: links go to the console
  std::optional<net::http::HttpUrl> webhook;
  std::function<void(std::string_view)> console = {};  // for the operator's eyes; not the log
};

}  // namespace goop::rendezvous::registration

namespace goop::rendezvous {
using RegistrationOptions = registration::Options;
}
