#include "apps/goop2/rendezvous_setup.h"

#include <sys/resource.h>

#include <charconv>

#include "apps/goop2/report.h"
#include "assets/manual.h"
#include "assets/rendezvous.h"
#include "base/log.h"
#include "crypto/password.h"

namespace goop::apps {
namespace {

namespace setup = peer::setup;

bool is_told(const setup::ConfigFile& config, std::string_view key) {
  return config.origin(*setup::find_config_key(key)) != setup::Origin::standard;
}

Result<std::uint16_t> port_of(const setup::ConfigFile& config,
                              std::optional<std::string_view> port_word) {
  if (is_told(config, "presence.rendezvous_port") || !port_word || port_word->empty()) {
    return static_cast<std::uint16_t>(config.values().presence.rendezvous_port);
  }
  std::uint16_t port = 0;
  const auto* end = port_word->data() + port_word->size();
  const auto read = std::from_chars(port_word->data(), end, port);
  if (read.ec != std::errc() || read.ptr != end || port == 0) {
    return fail(Errc::invalid, "the environment's PORT is no port: {}", printable(*port_word));
  }
  return port;
}

// Without a mail server, or with half a login, links go to the console, as in the reference
// program.
Result<std::optional<net::mail::SmtpServer>> smtp_server(const setup::Config& config) {
  const auto& presence = config.presence;
  if (presence.smtp_host.empty()) return std::nullopt;
  if (presence.smtp_username.empty() != presence.smtp_password.empty()) {
    log::warn("registration.no_mail",
              {{"missing", presence.smtp_password.empty() ? "presence.smtp_password"
                                                          : "presence.smtp_username"}});
    return std::nullopt;
  }
  const auto& sender = presence.smtp_from.empty() ? presence.smtp_username : presence.smtp_from;
  auto from = net::mail::Mailbox::parse(sender);
  if (!from) {
    return fail(Errc::invalid, "presence.smtp_from has to be an address to send mails from, not {}",
                sender.empty() ? "nothing" : printable(sender));
  }
  net::mail::SmtpServer server{presence.smtp_host, static_cast<std::uint16_t>(presence.smtp_port),
                               presence.smtp_username, presence.smtp_password, *std::move(from)};
  if (const auto good = server.check(); !good) {
    return fail(Errc::invalid, "presence.smtp_host: {}", good.error().detail);
  }
  return server;
}

Result<rendezvous::RegistrationOptions> registration_options(const setup::Config& config) {
  rendezvous::RegistrationOptions options;
  options.required = config.presence.registration_required;
  if (!options.required) return options;
  GOOP_TRY(options.smtp, smtp_server(config));
  if (!config.presence.registration_webhook.empty()) {
    GOOP_TRY(options.webhook, net::http::HttpUrl::parse(config.presence.registration_webhook));
  }
  options.console = [](std::string_view text) { say(text); };
  return options;
}

// What addresses of pages are put behind: without a slash at its end, and without a query.
Result<std::string> external_url(const setup::Config& config) {
  auto url = config.presence.external_url;
  if (url.find_first_of("?#@") != url.npos) {
    return fail(Errc::invalid, "presence.external_url is more than an address: {}", printable(url));
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

Result<rendezvous::Options> rendezvous_options(const setup::ConfigFile& config,
                                               const std::filesystem::path& dir,
                                               std::optional<std::string_view> port_word) {
  const auto& presence = config.values().presence;
  rendezvous::Options options;
  const auto bind = presence.rendezvous_bind.empty() ? "127.0.0.1" : presence.rendezvous_bind;
  boost::system::error_code wrong;
  options.bind.address = asio::ip::make_address(bind, wrong);
  if (wrong) return fail(Errc::invalid, "presence.rendezvous_bind is no IP address: {}", bind);
  GOOP_TRY(options.bind.port, port_of(config, port_word));
  GOOP_TRY(options.external_url, external_url(config.values()));
  options.trusted_proxies = presence.trusted_proxies;
  if (is_told(config, "presence.ttl_seconds")) {
    options.ttl = std::chrono::seconds(presence.ttl_seconds);
  }
  options.admin_password = presence.admin_password;
  if (!presence.peer_db_path.empty()) options.peer_db = dir / presence.peer_db_path;
  options.peers = static_cast<std::size_t>(presence.rendezvous_peers);
  options.reference_clients = presence.reference_clients;
  options.backplane = presence.backplane;
  GOOP_TRY(options.registration, registration_options(config.values()));
  options.file_limit = raise_file_limit();
  options.assets = &assets::rendezvous();
  options.manual = &assets::manual();
  options.version = GOOP_VERSION;
  return options;
}

void hash_admin_password(const store::Folder& folder, setup::ConfigFile& config) {
  constexpr std::string_view key = "presence.admin_password";
  const auto& password = config.values().presence.admin_password;
  if (password.empty() || crypto::is_password_hash(password)) return;
  auto done = config.set(key, crypto::hash_password(password));
  if (done) done = config.save(folder);
  if (done) {
    log::info("config.password_hashed", {{"key", key}});
  } else {
    log::warn("config.password_in_clear", {{"key", key}, {"error", done.error()}});
  }
}

std::size_t raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return 1024;
  const auto before = files.rlim_cur;
  files.rlim_cur = files.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0) files.rlim_cur = before;
  return files.rlim_cur;
}

}  // namespace goop::apps
