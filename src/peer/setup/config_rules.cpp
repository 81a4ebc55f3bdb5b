#include "peer/setup/config_rules.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/error.h"
#include "net/nats_servers.h"
#include "peer/setup/viewer_address.h"

namespace goop::peer::setup {
namespace {

namespace ip = boost::asio::ip;

// A rule about texts; `check` sees those that are not empty.
Rule text_rule(std::string allowed, bool (*check)(const std::string&)) {
  return {std::move(allowed), [check](const ConfigValue& value) {
            const auto& text = std::get<std::string>(value);
            return text.empty() || check(text);
          }};
}

bool is_web_address(const std::string& text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url) return false;
  const auto scheme = url->scheme_id();
  if (scheme != boost::urls::scheme::http && scheme != boost::urls::scheme::https) return false;
  const std::string host(url->host_address());
  boost::system::error_code not_literal;
  const auto literal = ip::make_address(host, not_literal);
  if (host.empty() || (!not_literal && literal.is_unspecified())) return false;
  return !url->has_port() || url->port_number() != 0;
}

bool is_ip_address(const std::string& text) {
  boost::system::error_code error;
  ip::make_address(text, error);
  return !error;
}

bool is_network(const std::string& text) {
  boost::system::error_code v4, v6, address;
  ip::make_network_v4(text, v4);
  ip::make_network_v6(text, v6);
  ip::make_address(text, address);
  return !v4 || !v6 || !address;
}

bool is_nats_address(const std::string& text) { return net::NatsServers::parse(text).has_value(); }

bool is_user_name(const std::string& text) {
  const auto is_odd = [](char c) {
    return c == ':' || c == '/' || static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
  };
  return !text.empty() && std::ranges::none_of(text, is_odd);
}

bool is_viewer_address(const std::string& text) { return parse_viewer_address(text).has_value(); }

bool is_nacl_key(const std::string& text) {
  const auto base64 = [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '/'; };
  return text.size() == 44 && text.back() == '=' &&
         std::all_of(text.begin(), text.end() - 1, base64);
}

// A text without blanks around it; other values as they are.
ConfigValue trimmed(const ConfigValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (!text) return value;
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = std::min(text->find_first_not_of(blanks), text->size());
  return text->substr(first, text->find_last_not_of(blanks) + 1 - first);
}

// An address of all interfaces becomes the same port of this machine alone.
std::optional<ConfigValue> on_loopback(const ConfigValue& value) {
  const auto text = std::get<std::string>(trimmed(value));
  for (const std::string_view everywhere : {"0.0.0.0:", "[::]:"}) {
    if (text.starts_with(everywhere)) return "127.0.0.1:" + text.substr(everywhere.size());
  }
  return text;
}

}  // namespace

Rule anything() {
  return {"", [](const ConfigValue&) { return true; }};
}

Rule not_blank() {
  return {"not empty", [](const ConfigValue& value) {
            return std::get<std::string>(value).find_first_not_of(" \t") != std::string::npos;
          }};
}

Rule from_to(int low, int high) {
  return {fmt::format("{} to {}", low, high), [low, high](const ConfigValue& value) {
            return std::get<int>(value) >= low && std::get<int>(value) <= high;
          }};
}

Rule at_least(int low) {
  return {fmt::format("{} or more", low),
          [low](const ConfigValue& value) { return std::get<int>(value) >= low; }};
}

Rule one_of(std::initializer_list<std::string_view> values) {
  std::vector<std::string> known(values.begin(), values.end());
  std::string allowed;
  for (const auto& value : known) {
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", value.empty() ? "empty" : value);
  }
  return {std::move(allowed), [known](const ConfigValue& value) {
            return std::ranges::find(known, std::get<std::string>(value)) != known.end();
          }};
}

Rule web_address() {
  return text_rule("empty, or an address like https://goop2.com or http://192.0.2.7:8787",
                   is_web_address);
}

Rule ip_address() { return text_rule("an IP address like 127.0.0.1 or 0.0.0.0", is_ip_address); }

Rule network_list() {
  return {"networks like 10.0.0.0/8 or fd00::/8, or addresses", [](const ConfigValue& value) {
            const auto& networks = std::get<std::vector<std::string>>(value);
            return std::ranges::all_of(networks, is_network);
          }};
}

Rule user_list() {
  return {"names of users", [](const ConfigValue& value) {
            const auto& names = std::get<std::vector<std::string>>(value);
            return std::ranges::all_of(names, is_user_name);
          }};
}

Rule nats_address() {
  return text_rule(
      "empty, or nats://HOST:4222 (tls:// for TLS), with USER:PASSWORD@ before the host where NATS "
      "wants it; several servers of one cluster with commas between them",
      is_nats_address);
}

Rule viewer_address() {
  Rule rule = text_rule(
      "empty (a free port), off, or 127.0.0.1:PORT; never another host, because "
      "whoever reaches the viewer could act as its owner",
      is_viewer_address);
  rule.substitute = on_loopback;
  return rule;
}

Rule nacl_key() { return text_rule("empty, or 32 bytes in base64", is_nacl_key); }

Rule or_trimmed(Rule rule) {
  rule.substitute = [](const ConfigValue& value) { return trimmed(value); };
  return rule;
}

Rule or_else(Rule rule, ConfigValue instead) {
  rule.substitute = [holds = rule.holds, instead](const ConfigValue& value) {
    auto shorter = trimmed(value);
    return holds(shorter) ? shorter : instead;
  };
  return rule;
}

}  // namespace goop::peer::setup
