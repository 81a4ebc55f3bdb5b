#include "net/mail/address.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/bytes.h"
#include "net/mail/limits.h"

namespace goop::net::mail {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// RFC 5322: atext
bool is_atom(char c) {
  return is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

// Every part between the dots is one that `good` takes.
template <class Good>
bool dotted(std::string_view text, Good good) {
  for (;;) {
    const auto dot = text.find('.');
    const auto part = text.substr(0, dot);
    if (part.empty() || !good(part)) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_label(std::string_view label) {
  const auto fits = [](char c) { return is_alnum(c) || c == '-'; };
  return label.size() <= limits::label_bytes && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, fits);
}

bool is_word(std::string_view word) { return std::ranges::all_of(word, is_atom); }

}  // namespace

Result<Address> Address::parse(std::string_view typed) {
  const auto text = ascii_lower(trimmed(typed));
  const auto wrong = [&] {
    return fail(Errc::invalid, "{} is not an e-mail address", printable(text));
  };
  const auto at = text.rfind('@');
  if (at == text.npos || text.size() > limits::address_bytes) return wrong();
  const auto local = std::string_view(text).substr(0, at);
  const auto domain = std::string_view(text).substr(at + 1);
  if (local.size() > limits::local_bytes || !dotted(local, is_word)) return wrong();
  if (domain.size() > limits::domain_bytes || !dotted(domain, is_label)) return wrong();
  return Address(std::move(text));
}

std::string_view Address::domain() const {
  return std::string_view(text_).substr(text_.rfind('@') + 1);
}

Result<Mailbox> Mailbox::parse(std::string_view typed) {
  const auto text = trimmed(typed);
  const auto open = text.rfind('<');
  if (open == text.npos || !text.ends_with('>')) {
    GOOP_TRY(auto address, Address::parse(text));
    return Mailbox{{}, std::move(address)};
  }
  auto name = trimmed(text.substr(0, open));
  if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"')) {
    name = name.substr(1, name.size() - 2);
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  if (!is_utf8(name) || std::ranges::any_of(name, control)) {
    return fail(Errc::invalid, "{} is not a name for a sender", printable(name));
  }
  GOOP_TRY(auto address, Address::parse(text.substr(open + 1, text.size() - open - 2)));
  return Mailbox{std::string(name), std::move(address)};
}

}  // namespace goop::net::mail
