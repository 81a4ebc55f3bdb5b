#include "wire/link.h"

#include <algorithm>

#include "base/bytes.h"
#include "wire/link_limits.h"

namespace goop::wire {
namespace {

constexpr std::string_view scheme = "goop:";
constexpr std::string_view parameter = "addr=";

bool same_letter(char a, char b) {
  return a == b || (a >= 'A' && a <= 'Z' && a + ('a' - 'A') == b);
}

// RFC 3986 unreserved.
bool plain(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string encode(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    if (plain(c)) {
      out += static_cast<char>(c);
    } else {
      out += fmt::format("%{:02X}", c);
    }
  }
  return out;
}

Result<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const auto byte = from_hex(text.substr(std::min(at + 1, text.size()), 2));
    if (!byte || byte->size() != 1) {
      return fail(Errc::invalid, "the link has a broken % escape; copy it again, as a whole");
    }
    out += static_cast<char>(byte->front());
    at += 2;
  }
  return out;
}

Result<p2p::Multiaddr> parse_parameter(std::string_view value, const p2p::PeerId& peer) {
  GOOP_TRY(const std::string text, decode(value));
  auto address = p2p::Multiaddr::parse(text);
  if (!address) {
    return fail(Errc::invalid, "the link's address {} is not a multiaddr ({}); copy it again",
                printable(text), address.error().detail);
  }
  if (const auto other = address->peer_id(); other && *other != peer) {
    return fail(Errc::invalid, "the link is for {}, but its address {} is that of another peer",
                peer, printable(text));
  }
  return location_of(*address);
}

}  // namespace

Result<p2p::Multiaddr> location_of(const p2p::Multiaddr& address) {
  auto location = address.without_peer();
  if (location.peer_id()) {
    return fail(Errc::invalid, "{} names two peers in a row; leave one /p2p/… at its end",
                printable(address.to_string()));
  }
  return location;
}

bool is_link(std::string_view text) {
  return text.size() >= scheme.size() &&
         std::equal(scheme.begin(), scheme.end(), text.begin(),
                    [](char wanted, char found) { return same_letter(found, wanted); });
}

Result<PeerAddress> parse_link(std::string_view text) {
  if (text.size() > limits::link_bytes) {
    return fail(Errc::too_large, "a link of {} bytes; at most {} are read", text.size(),
                limits::link_bytes);
  }
  if (!is_link(text)) return fail(Errc::invalid, "no goop:// link: {}", printable(text));
  std::string_view rest = text.substr(scheme.size());
  if (!rest.starts_with("//")) {
    return fail(Errc::invalid, "a link begins with goop://, then comes the peer id");
  }
  rest.remove_prefix(2);
  rest = rest.substr(0, rest.find('#'));
  const auto question = std::min(rest.find('?'), rest.size());
  std::string_view host = rest.substr(0, question);
  if (host.ends_with('/')) host.remove_suffix(1);  // browsers add one
  if (host.contains('/')) {
    return fail(Errc::invalid, "a link names a peer, not a page of it; give the path separately");
  }
  auto peer = p2p::PeerId::parse(host);
  if (!peer) {
    return fail(Errc::invalid, "the link's peer id {} is not one ({}); copy it again, as a whole",
                printable(host), peer.error().detail);
  }
  PeerAddress result{*peer, {}};
  std::string_view query = rest.substr(std::min(question + 1, rest.size()));
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (!pair.starts_with(parameter)) continue;
    if (result.addresses.size() == limits::link_addresses) {
      return fail(Errc::too_large, "the link has more than {} addresses", limits::link_addresses);
    }
    GOOP_TRY(auto address, parse_parameter(pair.substr(parameter.size()), result.peer));
    if (!address.empty() &&
        std::ranges::find(result.addresses, address) == result.addresses.end()) {
      result.addresses.push_back(std::move(address));
    }
  }
  return result;
}

std::string format_link(const PeerAddress& address) {
  std::string link = fmt::format("{}//{}", scheme, address.peer);
  const auto count = std::min(address.addresses.size(), limits::link_addresses);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string part = fmt::format("{}{}{}", i == 0 ? '?' : '&', parameter,
                                         encode(address.addresses[i].to_string()));
    if (link.size() + part.size() > limits::link_bytes) break;
    link += part;
  }
  return link;
}

}  // namespace goop::wire
