#include "rendezvous/registration/mail_text.h"

#include "net/http/escape.h"
#include "net/http/target.h"
#include "rendezvous/registration/limits.h"

namespace goop::rendezvous::registration {
namespace {

using net::http::escape_html;

// {server}, {link}, {hours} are filled in; text and HTML are made of the same sentences.
struct Words {
  std::string_view subject, hello, what, button, life, then, how, secret, not_you;
};

constexpr Words english{
    .subject = "Confirm your e-mail address",
    .hello = "Hello,",
    .what =
        "This e-mail address was registered at the Goop² server {server}. To confirm that it is "
        "yours, open this link and press the button there:",
    .button = "Confirm the address",
    .life = "The link works for {hours} hours.",
    .then = "Then give your peer this token. Without it the server shows your peer to nobody:",
    .how = "In a terminal, where DIR is the folder of your peer:",
    .secret = "Keep the token to yourself: whoever has it can appear under your e-mail address.",
    .not_you = "If it was not you who registered, do nothing, and nothing happens.",
};
constexpr Words dutch{
    .subject = "Bevestig je e-mailadres",
    .hello = "Hallo,",
    .what =
        "Dit e-mailadres is aangemeld bij de Goop²-server {server}. Om te bevestigen dat het van "
        "jou is, open je deze link en druk je daar op de knop:",
    .button = "Bevestig het adres",
    .life = "De link werkt {hours} uur.",
    .then = "Geef daarna je peer dit token. Zonder token laat de server je peer aan niemand zien:",
    .how = "In een terminal, waarbij DIR de map van je peer is:",
    .secret = "Houd het token voor jezelf: wie het heeft, kan onder jouw e-mailadres verschijnen.",
    .not_you = "Heb jij je niet aangemeld? Doe dan niets, en er gebeurt niets.",
};

const Words& words_in(std::string_view language) { return language == "nl" ? dutch : english; }

constexpr auto hours = std::chrono::duration_cast<std::chrono::hours>(limits::link_life).count();

std::string filled(std::string_view words, std::string_view server) {
  return fmt::format(fmt::runtime(words), fmt::arg("server", server), fmt::arg("hours", hours));
}

// As one word of a shell's line.
std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyz0123456789@._+-";
  if (text.find_first_not_of(plain) == text.npos) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string indented(std::string_view lines) {
  std::string out = "  ";
  for (const char c : lines) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

std::string text_of(const Invitation& mail, const Words& words) {
  return fmt::format("{}\n\n{}\n\n  {}\n\n{}\n\n{}\n\n  {}\n\n{}\n\n{}\n\n{}\n{}\n", words.hello,
                     filled(words.what, mail.server), mail.link(), filled(words.life, mail.server),
                     words.then, mail.token, words.how,
                     indented(commands_of(mail.to.text(), mail.token)), words.secret,
                     words.not_you);
}

std::string html_of(const Invitation& mail, const Words& words) {
  const auto link = escape_html(mail.link());
  return fmt::format(
      "<!doctype html>\n<html lang=\"{lang}\">\n<head><meta charset=\"utf-8\"><title>{subject}"
      "</title></head>\n<body style=\"font-family: sans-serif; line-height: "
      "1.5\">\n<p>{hello}</p>\n"
      "<p>{what}</p>\n<p><a href=\"{link}\">{button}</a></p>\n<p>{link}</p>\n<p>{life}</p>\n"
      "<p>{then}</p>\n<p><code>{token}</code></p>\n<p>{how}</p>\n<pre>{commands}</pre>\n"
      "<p>{secret}</p>\n<p>{not_you}</p>\n</body>\n</html>\n",
      fmt::arg("lang", &words == &dutch ? "nl" : "en"), fmt::arg("subject", words.subject),
      fmt::arg("hello", words.hello),
      fmt::arg("what", filled(words.what, escape_html(mail.server))), fmt::arg("link", link),
      fmt::arg("button", words.button), fmt::arg("life", filled(words.life, "")),
      fmt::arg("then", words.then), fmt::arg("token", escape_html(mail.token)),
      fmt::arg("how", words.how),
      fmt::arg("commands", escape_html(commands_of(mail.to.text(), mail.token))),
      fmt::arg("secret", words.secret), fmt::arg("not_you", words.not_you));
}

}  // namespace

std::string Invitation::link() const {
  return fmt::format("{}/verify?token={}", server, net::http::percent_encode(token));
}

std::string commands_of(std::string_view email, std::string_view token) {
  return fmt::format(
      "goop2 config set DIR profile.email {}\ngoop2 config set DIR profile.verification_token {}",
      shell_word(email), token);
}

net::mail::Mail mail_of(const Invitation& invitation) {
  const auto& words = words_in(invitation.language);
  return {invitation.to, std::string(words.subject), text_of(invitation, words),
          html_of(invitation, words)};
}

std::string console_block(const Invitation& invitation) {
  constexpr std::string_view rule =
      "------------------------------------------------------------------------";
  return fmt::format(
      "{0}\nRegistration of {1}\nNo mail server is set (presence.smtp_host). Pass this link on to "
      "its owner:\n\n  {2}\n\nIt works for {3} hours.\n{0}",
      rule, invitation.to, invitation.link(), hours);
}

}  // namespace goop::rendezvous::registration
