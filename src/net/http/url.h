// The address of a server: scheme, host, port, path. Only valid ones exist.
//
// http and https, an ASCII host name or an IP address, no user, no fragment; the host in lower
// case. What a person pastes is forgiven where it cannot mean anything else: blanks around it and a
// missing path.
//
// RFC 3986, RFC 9110 section 4.2. Pure. Errors: invalid, with a text for whoever typed it.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace goop::net::http {

enum class Scheme { http, https };

class HttpUrl {
 public:
  static Result<HttpUrl> parse(std::string_view text);

  Scheme scheme() const { return scheme_; }
  bool secure() const { return scheme_ == Scheme::https; }
  const std::string& host() const { return host_; }  // an IPv6 address without brackets
  std::optional<boost::asio::ip::address> address() const { return address_; }  // not a name
  std::uint16_t port() const { return port_; }
  const std::string& target() const { return target_; }  // path and query, begins with '/'

  std::string authority() const;  // "host" or "host:port", as in the Host field
  std::string text() const;

  // What lies below a base address: "https://a/b/" and "/ws?x=1" give "https://a/b/ws?x=1". A query
  // of the base is dropped. `path_and_query` begins with '/' and is encoded.
  HttpUrl below(std::string_view path_and_query) const;

  // The same place by the other scheme, on the port that is written or that scheme's own.
  HttpUrl by(Scheme scheme) const;

  bool operator==(const HttpUrl&) const = default;

 private:
  Scheme scheme_ = Scheme::http;
  std::string host_;
  std::optional<boost::asio::ip::address> address_;
  std::uint16_t port_ = 0;
  bool port_written_ = false;
  std::string target_;
};

}  // namespace goop::net::http
