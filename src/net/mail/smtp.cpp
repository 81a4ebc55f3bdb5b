#include "net/mail/smtp.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "net/mail/curl.h"
#include "net/mail/limits.h"

namespace goop::net::mail {
namespace {

constexpr std::uint16_t implicit_tls_port = 465;  // RFC 8314

std::optional<boost::asio::ip::address> address_of(const std::string& host) {
  boost::system::error_code wrong;
  auto address = boost::asio::ip::make_address(host, wrong);
  if (wrong) return std::nullopt;
  return address;
}

// By what is written: a name that leads to 127.0.0.1 today may lead elsewhere tomorrow.
bool is_this_machine(const std::string& host) {
  if (host == "localhost") return true;
  const auto address = address_of(host);
  return address && address->is_loopback();
}

// The path is what we say in EHLO.
std::string url_of(const SmtpServer& server) {
  const auto address = address_of(server.host);
  const auto host = address && address->is_v6() ? "[" + server.host + "]" : server.host;
  return fmt::format("{}://{}:{}/{}", server.port == implicit_tls_port ? "smtps" : "smtp", host,
                     server.port, server.from.address.domain());
}

long tls_wish(const SmtpServer& server) {
  const bool secret = !server.password.empty() && !is_this_machine(server.host);
  return secret || server.port == implicit_tls_port ? CURLUSESSL_ALL : CURLUSESSL_TRY;
}

// What libcurl's callbacks work with.
struct Talk {
  std::string_view unsent;
  std::string reply;  // the newest line in which the server refused something
  const std::atomic<bool>& stop;

  static std::size_t read(char* to, std::size_t size, std::size_t count, void* self) {
    auto& unsent = static_cast<Talk*>(self)->unsent;
    const auto part = std::min(unsent.size(), size * count);
    std::memcpy(to, unsent.data(), part);
    unsent.remove_prefix(part);
    return part;
  }
  static std::size_t hear(char* line, std::size_t size, std::size_t count, void* self) {
    std::string_view text(line, size * count);
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    const bool refusal = text.starts_with('4') || text.starts_with('5');
    if (refusal) static_cast<Talk*>(self)->reply = printable(text, limits::reply_bytes);
    return size * count;
  }
  static int progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Talk*>(self)->stop ? 1 : 0;
  }
};

Errc code_of_reply(long reply) { return reply >= 500 ? Errc::forbidden : Errc::busy; }

Error error_of(CURLcode code, long reply, std::string_view detail, const Talk& talk) {
  const auto make = [&](Errc errc) {
    auto text = printable(detail, limits::reply_bytes);
    if (reply >= 400) text += fmt::format(": {}", talk.reply);
    return Error{errc, std::move(text)};
  };
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return {Errc::cancelled, "stopped"};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return make(Errc::unreachable);
    case CURLE_OPERATION_TIMEDOUT:
      return make(Errc::timeout);
    case CURLE_USE_SSL_FAILED:
      return {Errc::unverified,
              "the mail server offers no STARTTLS, and a password is not sent in clear: use its "
              "port with TLS (465)"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
      return make(Errc::unverified);
    case CURLE_LOGIN_DENIED:
      return make(Errc::forbidden);
    default:
      return make(reply >= 400 ? code_of_reply(reply) : Errc::closed);
  }
}

}  // namespace

Result<void> SmtpServer::check() const {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  const bool name =
      !host.empty() && host.size() <= limits::domain_bytes && std::ranges::all_of(host, fits);
  if (!name && !address_of(host)) {
    return fail(Errc::invalid, "{} is not the name of a mail server", printable(host));
  }
  if (port == 0) return fail(Errc::invalid, "a mail server has no port 0");
  if (username.empty() != password.empty()) {
    return fail(Errc::invalid, "a mail server needs a name and a password, or neither");
  }
  return {};
}

Result<void> deliver(const Delivery& delivery, const std::atomic<bool>& stop) {
  const auto& loaded = Curl::loaded();
  if (!loaded) return std::unexpected(loaded.error());
  const Curl& curl = *loaded;
  const std::unique_ptr<CURL, decltype(curl.cleanup)> handle(curl.init(), curl.cleanup);
  const std::unique_ptr<curl_slist, decltype(curl.free_all)> recipients(
      curl.append(nullptr, delivery.to.text().c_str()), curl.free_all);
  if (!handle || !recipients) return fail(Errc::busy, "no memory for a mail");

  const auto& server = delivery.server;
  Talk talk{delivery.message, {}, stop};
  char detail[CURL_ERROR_SIZE] = "";
  bool good = true;
  const auto set = [&](CURLoption option, auto value) {
    good = curl.setopt(handle.get(), option, value) == CURLE_OK && good;
  };
  set(CURLOPT_URL, url_of(server).c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_PROXY, "");  // whatever the environment says
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(delivery.time.count()));
  set(CURLOPT_USE_SSL, tls_wish(server));
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (const char* roots = ::secure_getenv("SSL_CERT_FILE")) set(CURLOPT_CAINFO, roots);
  if (!server.username.empty()) {
    set(CURLOPT_USERNAME, server.username.c_str());
    set(CURLOPT_PASSWORD, server.password.c_str());
  }
  set(CURLOPT_MAIL_FROM, server.from.address.text().c_str());
  set(CURLOPT_MAIL_RCPT, recipients.get());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(delivery.message.size()));
  set(CURLOPT_READFUNCTION, &Talk::read);
  set(CURLOPT_READDATA, static_cast<void*>(&talk));
  set(CURLOPT_HEADERFUNCTION, &Talk::hear);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&talk));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Talk::progress);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(&talk));
  set(CURLOPT_ERRORBUFFER, static_cast<char*>(detail));
  if (!good) return fail(Errc::unsupported, "this libcurl knows no SMTP, or is too old");

  const auto code = curl.perform(handle.get());
  if (code == CURLE_OK) return {};
  long reply = 0;
  curl.getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &reply);
  return std::unexpected(error_of(code, reply, *detail ? detail : curl.strerror(code), talk));
}

bool is_temporary(const Error& error) {
  switch (error.code) {
    case Errc::unreachable:
    case Errc::timeout:
    case Errc::closed:
    case Errc::busy:
      return true;
    case Errc::invalid:
    case Errc::not_found:
    case Errc::forbidden:
    case Errc::too_large:
    case Errc::conflict:
    case Errc::unsupported:
    case Errc::cancelled:
    case Errc::violation:
    case Errc::unverified:
    case Errc::storage:
    case Errc::internal:
      return false;
  }
  return false;
}

}  // namespace goop::net::mail
