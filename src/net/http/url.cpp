#include "net/http/url.h"

#include <algorithm>
#include <charconv>

#include "net/http/limits.h"
#include "net/http/message.h"

namespace goop::net::http {
namespace {

constexpr std::uint16_t own_port(Scheme scheme) { return scheme == Scheme::https ? 443 : 80; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A DNS name; '_' is seen in local names.
Result<void> check_name(std::string_view name) {
  if (name.empty()) return fail(Errc::invalid, "the address has no host");
  if (name.size() > limits::host_bytes) return fail(Errc::invalid, "the host name is too long");
  for (auto rest = name;;) {
    const auto dot = rest.find('.');
    const auto label = rest.substr(0, dot);
    const bool good =
        !label.empty() && label.size() <= limits::host_label_bytes && is_alnum(label.front()) &&
        is_alnum(label.back()) &&
        std::ranges::all_of(label, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
    if (!good) return fail(Errc::invalid, "{} is not a host name", printable(name));
    if (dot == rest.npos) return {};
    rest.remove_prefix(dot + 1);
  }
}

// The pieces of `host:port` or `[v6]:port`; the port without its colon, maybe empty.
Result<std::pair<std::string_view, std::string_view>> split(std::string_view authority) {
  std::size_t end = authority.find(':');
  if (authority.starts_with('[')) {
    end = authority.find(']');
    if (end == authority.npos) return fail(Errc::invalid, "the address lacks a ']'");
    ++end;
  }
  const auto host = authority.substr(0, end);
  if (end >= authority.size()) return std::pair{host, std::string_view{}};
  if (authority[end] != ':' || end + 1 == authority.size()) {
    return fail(Errc::invalid, "the address has no port behind its host");
  }
  return std::pair{host, authority.substr(end + 1)};
}

}  // namespace

Result<HttpUrl> HttpUrl::parse(std::string_view text) {
  text = trimmed(text);
  if (text.size() > limits::url_bytes) return fail(Errc::invalid, "the address is too long");
  const bool harmful = std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte >= 0x7f || c == '\\' || c == '"' || c == '<' || c == '>';
  });
  if (harmful) return fail(Errc::invalid, "the address has a character that must be encoded");

  HttpUrl url;
  const auto mark = text.find("://");
  const auto scheme = text.substr(0, mark);
  if (mark == text.npos || (!iequals(scheme, "http") && !iequals(scheme, "https"))) {
    return fail(Errc::invalid, "an address begins with https:// or http://");
  }
  url.scheme_ = iequals(scheme, "https") ? Scheme::https : Scheme::http;
  text.remove_prefix(mark + 3);

  const auto authority = text.substr(0, text.find_first_of("/?#"));
  text.remove_prefix(authority.size());
  if (authority.find('@') != authority.npos) {
    return fail(Errc::invalid, "an address with a user name is not taken");
  }
  if (text.find('#') != text.npos) return fail(Errc::invalid, "an address without '#', please");
  GOOP_TRY(const auto pieces, split(authority));
  const auto [host, port] = pieces;

  boost::system::error_code no_address;
  if (host.starts_with('[')) {
    const auto inner = std::string(host.substr(1, host.size() - 2));
    const auto address = boost::asio::ip::make_address_v6(inner, no_address);
    if (no_address || inner.find('%') != inner.npos) {
      return fail(Errc::invalid, "{} is not an IPv6 address", printable(inner));
    }
    url.address_ = address;
  } else if (const auto address = boost::asio::ip::make_address_v4(std::string(host), no_address);
             !no_address) {
    url.address_ = address;
  } else {
    GOOP_CHECK(check_name(host));
    // "1.2.3" means different hosts to different programs.
    if (host.find_first_not_of("0123456789.") == host.npos) {
      return fail(Errc::invalid, "{} is not an IPv4 address", printable(host));
    }
  }
  url.host_ = url.address_ ? url.address_->to_string() : std::string(host);
  for (auto& c : url.host_) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }

  url.port_ = own_port(url.scheme_);
  if (!port.empty()) {
    const auto parsed = std::from_chars(port.data(), port.data() + port.size(), url.port_);
    if (parsed.ec != std::errc{} || parsed.ptr != port.data() + port.size() || url.port_ == 0) {
      return fail(Errc::invalid, "{} is not a port (1 to 65535)", printable(port));
    }
    url.port_written_ = url.port_ != own_port(url.scheme_);
  }
  url.target_ = text.starts_with('/') ? std::string(text) : "/" + std::string(text);
  return url;
}

std::string HttpUrl::authority() const {
  const bool v6 = address_ && address_->is_v6();
  auto out = v6 ? "[" + host_ + "]" : host_;
  if (port_written_) out += fmt::format(":{}", port_);
  return out;
}

std::string HttpUrl::text() const {
  return fmt::format("{}://{}{}", secure() ? "https" : "http", authority(), target_);
}

HttpUrl HttpUrl::below(std::string_view path_and_query) const {
  GOOP_ASSERT(path_and_query.starts_with('/'));
  auto url = *this;
  url.target_.erase(std::min(url.target_.find('?'), url.target_.size()));
  while (url.target_.ends_with('/')) url.target_.pop_back();
  url.target_ += path_and_query;
  return url;
}

HttpUrl HttpUrl::by(Scheme scheme) const {
  auto url = *this;
  url.scheme_ = scheme;
  if (!port_written_) url.port_ = own_port(scheme);
  return url;
}

}  // namespace goop::net::http
