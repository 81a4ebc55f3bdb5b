#include "rendezvous/admin_gate.h"

namespace goop::rendezvous {

using net::http::Request;

namespace {

constexpr std::string_view scheme = "Basic ";

// "https://town.example" of "https://town.example/here".
std::string origin_of(std::string_view url) {
  const auto host = url.find("://");
  if (host == url.npos) return {};
  return std::string(url.substr(0, url.find('/', host + 3)));
}

OverTls tls_of(std::string_view url) {
  return url.starts_with("https://") ? OverTls::yes : OverTls::no;
}

std::string_view cookies_of(const Request& request) { return request.field("Cookie").value_or(""); }

bool is_json(const Request& request) {
  const auto type = request.field("Content-Type").value_or("");
  return net::http::iequals(type.substr(0, type.find_first_of("; \t")), "application/json");
}

bool is_browser(const Request& request) {
  return request.field("Origin") || request.field("Sec-Fetch-Site") ||
         request.field("Sec-Fetch-Mode") || request.field("Cookie");
}

}  // namespace

AdminGate::AdminGate(Runtime& runtime, std::string password, std::string external_url)
    : external_origin_(origin_of(external_url)),
      password_(runtime, std::move(password)),
      sessions_(runtime, tls_of(external_url)) {}

Task<AdminGate::Verdict> AdminGate::ask(const Request& request, Asker asker) {
  if (!on()) co_return Verdict::switched_off;
  const auto token = request.field("X-Goop-Session").value_or("");
  if (sessions_.valid(cookies_of(request), token)) co_return Verdict::session;
  const auto field = request.field("Authorization").value_or("");
  if (field.size() <= scheme.size() ||
      !net::http::iequals(field.substr(0, scheme.size()), scheme)) {
    co_return Verdict::unknown;  // no try: this is how one asks whether a password is wanted
  }
  std::string credentials(field.substr(scheme.size()));
  const auto found = co_await password_.check_basic(std::move(credentials), std::move(asker));
  switch (found) {
    case PasswordCheck::Verdict::right:
      co_return Verdict::basic;
    case PasswordCheck::Verdict::wrong:
      co_return Verdict::unknown;
    case PasswordCheck::Verdict::puzzle:
      co_return Verdict::puzzle;
    case PasswordCheck::Verdict::busy:
      co_return Verdict::busy;
  }
  raise(Errc::internal, "no verdict");
}

bool AdminGate::may_act(const Request& request, Verdict verdict) const {
  if (verdict == Verdict::basic) return !is_browser(request);
  return verdict == Verdict::session && is_own_page(request) && is_json(request);
}

// Behind a proxy that ends TLS the scheme of the page is not ours to know.
bool AdminGate::is_own_page(const Request& request) const {
  const auto origin = request.field("Origin");
  if (!origin) return false;
  return *origin == external_origin_ || *origin == fmt::format("http://{}", request.host()) ||
         *origin == fmt::format("https://{}", request.host());
}

bool AdminGate::shows_page(const Request& request) const {
  return on() && sessions_.shows_page(cookies_of(request));
}

Task<AdminGate::Login> AdminGate::login(std::string password, Asker asker) {
  const auto found = co_await password_.check(std::move(password), std::move(asker));
  if (found != PasswordCheck::Verdict::right) co_return Login(found);
  co_return Login(sessions_.open());
}

std::string AdminGate::logout(const Request& request) {
  return sessions_.close(cookies_of(request));
}

}  // namespace goop::rendezvous
