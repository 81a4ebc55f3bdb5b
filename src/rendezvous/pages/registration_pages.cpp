#include "rendezvous/pages/registration_pages.h"

#include "net/http/escape.h"
#include "rendezvous/registration/limits.h"
#include "rendezvous/registration/mail_text.h"

namespace goop::rendezvous::registration {
namespace {

using net::http::escape_html;

struct Words {
  std::string_view register_title, register_lead, email, send;
  std::string_view no_address, too_many, unavailable;
  std::string_view sent_title, sent_mail, sent_none;
  std::string_view console_title, sent_console;
  std::string_view confirm_title, confirm_lead, confirm;
  std::string_view done_title, done_lead, token, how, keep, copy;
  std::string_view dead_title, dead_lead, again;
  std::string_view not_needed;
};

// {email}, {hours} and {mails} are filled in.
constexpr Words english{
    .register_title = "Register",
    .register_lead =
        "This server shows your peer to others when you have an e-mail address that "
        "you confirmed. Nobody but the operator of this server sees the address.",
    .email = "Your e-mail address",
    .send = "Send me a link",
    .no_address = "That is not an e-mail address.",
    .too_many = "Too many registrations came from here. Try again later.",
    .unavailable = "Registration is not possible at the moment. Try again later.",
    .sent_title = "Look at your mail",
    .sent_mail =
        "If {email} can be written to, a link is on its way to it. It works for {hours} "
        "hours.",
    .sent_none =
        "Nothing there after some minutes? Look among unwanted mail, or register again: "
        "the newest link counts. One address gets {mails} mails a day at most, with growing "
        "pauses between them: if several came lately, none is sent now, and the link in the newest "
        "one works.",
    .console_title = "Ask for your link",
    .sent_console =
        "This server sends no mail. Its operator has the link for {email} and can pass "
        "it on to you. It works for {hours} hours.",
    .confirm_title = "Confirm your address",
    .confirm_lead = "Is {email} yours?",
    .confirm = "Yes, confirm it",
    .done_title = "Your address is confirmed",
    .done_lead = "{email} is registered. One thing is left: your peer needs the token.",
    .token = "Your token",
    .how =
        "Give it to your peer, in a terminal; DIR is the folder of your peer. A running peer "
        "takes it at once, and others see it within seconds.",
    .keep =
        "Keep the token to yourself: whoever has it can appear under your e-mail address. The "
        "link that you opened has it, too.",
    .copy = "Copy",
    .dead_title = "This link does not work",
    .dead_lead = "It is incomplete, older than {hours} hours, or a newer one was sent.",
    .again = "Register again",
    .not_needed = "This server shows every peer; there is no need to register.",
};
constexpr Words dutch{
    .register_title = "Aanmelden",
    .register_lead =
        "Deze server laat je peer aan anderen zien als je een e-mailadres hebt dat je "
        "hebt bevestigd. Alleen de beheerder van deze server ziet het adres.",
    .email = "Je e-mailadres",
    .send = "Stuur mij een link",
    .no_address = "Dat is geen e-mailadres.",
    .too_many = "Er kwamen te veel aanmeldingen hiervandaan. Probeer het later opnieuw.",
    .unavailable = "Aanmelden kan op dit moment niet. Probeer het later opnieuw.",
    .sent_title = "Kijk in je mail",
    .sent_mail =
        "Als er naar {email} geschreven kan worden, is er een link onderweg. De link werkt "
        "{hours} uur.",
    .sent_none =
        "Na een paar minuten nog niets? Kijk bij de ongewenste mail, of meld je opnieuw "
        "aan: de nieuwste link telt. Eén adres krijgt hoogstens {mails} mails per dag, met steeds "
        "langere pauzes: kwamen er net al een paar, dan gaat er nu geen, en werkt de link in de "
        "nieuwste.",
    .console_title = "Vraag om je link",
    .sent_console =
        "Deze server verstuurt geen mail. De beheerder heeft de link voor {email} en kan "
        "hem aan je doorgeven. De link werkt {hours} uur.",
    .confirm_title = "Bevestig je adres",
    .confirm_lead = "Is {email} van jou?",
    .confirm = "Ja, bevestig het",
    .done_title = "Je adres is bevestigd",
    .done_lead = "{email} is aangemeld. Er rest nog één ding: je peer heeft het token nodig.",
    .token = "Je token",
    .how =
        "Geef het aan je peer, in een terminal; DIR is de map van je peer. Een peer die draait "
        "neemt het meteen over, en anderen zien hem binnen enkele seconden.",
    .keep =
        "Houd het token voor jezelf: wie het heeft, kan onder jouw e-mailadres verschijnen. Het "
        "staat ook in de link die je opende.",
    .copy = "Kopiëren",
    .dead_title = "Deze link werkt niet",
    .dead_lead = "De link is onvolledig, ouder dan {hours} uur, of er is een nieuwere verstuurd.",
    .again = "Opnieuw aanmelden",
    .not_needed = "Deze server laat elke peer zien; aanmelden is niet nodig.",
};

const Words& words_in(std::string_view language) { return language == "nl" ? dutch : english; }

constexpr auto hours = std::chrono::duration_cast<std::chrono::hours>(limits::link_life).count();

std::string filled(std::string_view words, const std::string& email) {
  return fmt::format(fmt::runtime(words),
                     fmt::arg("email", fmt::format("<strong>{}</strong>", escape_html(email))),
                     fmt::arg("hours", hours), fmt::arg("mails", limits::mails_a_day));
}

std::string_view text_of(const Words& words, Problem problem) {
  switch (problem) {
    case Problem::none:
      return "";
    case Problem::no_address:
      return words.no_address;
    case Problem::too_many:
      return words.too_many;
    case Problem::unavailable:
      return words.unavailable;
  }
  return "";
}

Page made(std::string_view language, std::string_view title, std::string body, int status = 200) {
  return {std::string(title), fmt::format("<h1>{}</h1>\n{}", title, body), status,
          std::string(language), "/register"};
}

}  // namespace

Page ask_page(std::string_view language, Problem problem, int status) {
  const auto& words = words_in(language);
  const auto complaint =
      problem == Problem::none
          ? std::string()
          : fmt::format("<p class=\"problem\" role=\"alert\">{}</p>\n", text_of(words, problem));
  return made(language, words.register_title,
              fmt::format("<p class=\"lead\">{}</p>\n{}<form method=\"post\" action=\"/register\" "
                          "class=\"card\">\n<p><label for=\"email\">{}</label></p>\n"
                          "<p><input id=\"email\" name=\"email\" type=\"email\" required "
                          "maxlength=\"254\" autocomplete=\"email\"></p>\n"
                          "<p><button>{}</button></p>\n</form>\n",
                          words.register_lead, complaint, words.email, words.send),
              status);
}

Page sent_page(std::string_view language, const std::string& email, bool by_mail) {
  const auto& words = words_in(language);
  const auto what = filled(by_mail ? words.sent_mail : words.sent_console, email);
  const auto none =
      by_mail ? fmt::format("<p class=\"quiet\">{}</p>\n", filled(words.sent_none, email)) : "";
  return made(language, by_mail ? words.sent_title : words.console_title,
              fmt::format("<p class=\"lead\">{}</p>\n{}", what, none));
}

Page confirm_page(std::string_view language, const std::string& email, const std::string& token) {
  const auto& words = words_in(language);
  return made(language, words.confirm_title,
              fmt::format("<p class=\"lead\">{}</p>\n<form method=\"post\" action=\"/verify\">\n"
                          "<input type=\"hidden\" name=\"token\" value=\"{}\">\n"
                          "<p><button>{}</button></p>\n</form>\n",
                          filled(words.confirm_lead, email), escape_html(token), words.confirm));
}

Page done_page(std::string_view language, const std::string& email, const std::string& token) {
  const auto& words = words_in(language);
  auto body = fmt::format(
      "<p class=\"lead\">{}</p>\n<section class=\"card\">\n<h2>{}</h2>\n{}<p>{}</p>\n",
      filled(words.done_lead, email), words.token, line_to_copy(token, words.copy), words.how);
  const auto commands = commands_of(email, token);
  const auto end = commands.find('\n');
  body += line_to_copy(std::string_view(commands).substr(0, end), words.copy);
  body += line_to_copy(std::string_view(commands).substr(end + 1), words.copy);
  body += fmt::format("<p class=\"quiet\">{}</p>\n</section>\n", words.keep);
  return made(language, words.done_title, std::move(body));
}

Page dead_link_page(std::string_view language) {
  const auto& words = words_in(language);
  return made(language, words.dead_title,
              fmt::format("<p class=\"problem\">{}</p>\n<p><a class=\"button\" "
                          "href=\"/register\">{}</a></p>\n",
                          filled(words.dead_lead, ""), words.again),
              400);
}

Page not_needed_page(std::string_view language) {
  const auto& words = words_in(language);
  return made(language, words.register_title,
              fmt::format("<p class=\"lead\">{}</p>\n", words.not_needed), 404);
}

}  // namespace goop::rendezvous::registration
