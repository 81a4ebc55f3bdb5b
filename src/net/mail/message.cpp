#include "net/mail/message.h"

#include <fmt/chrono.h>

#include <algorithm>

#include "base/base64.h"
#include "net/mail/limits.h"

namespace goop::net::mail {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool is_plain(char c) { return c >= ' ' && c <= '~'; }

std::string escaped(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return {'=', hex_digits[byte >> 4], hex_digits[byte & 15]};
}

// How much of `text` fits into `most` bytes without cutting a character.
std::size_t whole_characters(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return most;
}

// One line of a body without its end: no line is longer than the limit, none ends with a blank, and
// none is the single dot that ends a message.
void append_line(std::string& out, std::string_view line) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    const bool as_is = is_plain(c) && c != '=' && !(c == ' ' && last) && !(c == '.' && used == 0);
    const auto piece = as_is ? std::string(1, c) : escaped(c);
    if (used + piece.size() > limits::line_bytes - 1) {
      out += "=\r\n";
      used = 0;
    }
    out += piece;
    used += piece.size();
  }
}

std::string sender(const Mailbox& from) {
  if (from.name.empty()) return from.address.text();
  auto name = encoded_words(from.name);
  if (name == from.name) {  // plain: a quoted string
    name = "\"";
    for (const char c : from.name) {
      if (c == '"' || c == '\\') name += '\\';
      name += c;
    }
    name += '"';
  }
  return fmt::format("{} <{}>", name, from.address);
}

std::string date_of(WallTime at) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(to_ms(at) / 1000));
}

}  // namespace

std::string encoded_words(std::string_view text) {
  const bool plain = text.size() <= limits::line_bytes - std::string_view("Subject: ").size() &&
                     std::ranges::all_of(text, is_plain) && text.find("=?") == text.npos;
  if (plain) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const auto part = whole_characters(text, limits::word_bytes);
    if (!out.empty()) out += "\r\n ";
    out += fmt::format("=?UTF-8?B?{}?=", to_base64(as_bytes(text.substr(0, part))));
    text.remove_prefix(part);
  }
  return out;
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    append_line(out, line);
    out += "\r\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string compose(const Stamp& stamp, const Mail& mail) {
  const auto boundary = "=_" + stamp.unique;  // "=_" is never in quoted-printable
  const auto part = [&](std::string_view type, std::string_view content) {
    return fmt::format(
        "--{}\r\nContent-Type: text/{}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n",
        boundary, type, quoted_printable(content));
  };
  return fmt::format(
      "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}@{}>\r\n"
      "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/alternative; boundary=\"{}\"\r\n\r\n{}{}--{}--\r\n",
      sender(stamp.from), mail.to, encoded_words(mail.subject), date_of(stamp.date), stamp.unique,
      stamp.from.address.domain(), boundary, part("plain", mail.text), part("html", mail.html),
      boundary);
}

}  // namespace goop::net::mail
