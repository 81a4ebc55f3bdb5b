#include "net/nats_servers.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace goop::net {
namespace {

constexpr std::uint16_t standard_port = 4222;
constexpr std::size_t most_servers = 16;

}  // namespace

Result<NatsServers> NatsServers::parse(std::string_view text) {
  NatsServers servers;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto one = text.substr(0, comma);
    text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
    const auto url = boost::urls::parse_uri(one);
    if (!url || url->host_address().empty()) return fail(Errc::invalid, "it is no address");
    const std::string scheme(url->scheme());
    if (scheme != "nats" && scheme != "tls") {
      return fail(Errc::invalid, "it begins with nats:// or tls://");
    }
    if ((!url->path().empty() && url->path() != "/") || url->has_query() || url->has_fragment()) {
      return fail(Errc::invalid, "nothing stands behind host and port");
    }
    const std::string port_text(url->port());
    const auto port = url->has_port() ? url->port_number() : standard_port;
    if (port == 0 || (url->has_port() && fmt::format("{}", port) != port_text)) {
      return fail(Errc::invalid, "the port is none");
    }
    const bool secure = scheme == "tls";
    if (!servers.urls_.empty() && secure != servers.secure_) {
      return fail(Errc::invalid, "either all servers are asked for TLS or none");
    }
    servers.secure_ = secure;
    if (url->has_userinfo()) {
      const std::string user(url->user()), password(url->password());
      const bool another =
          !servers.user_.empty() && (user != servers.user_ || password != servers.password_);
      if (user.empty() || another) return fail(Errc::invalid, "all servers have one user");
      servers.user_ = user;
      servers.password_ = password;
    }
    servers.hosts_.emplace_back(url->host_address());
    servers.urls_.push_back(
        fmt::format("{}://{}:{}", scheme, std::string(url->encoded_host()), port));
    if (servers.urls_.size() > most_servers) return fail(Errc::invalid, "too many servers");
  }
  if (servers.urls_.empty()) return fail(Errc::invalid, "it is empty");
  return servers;
}

std::string NatsServers::shown() const { return fmt::format("{}", fmt::join(urls_, ",")); }

}  // namespace goop::net
