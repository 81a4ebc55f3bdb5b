#include "rendezvous/operator/sessions.h"

#include "rendezvous/operator/limits.h"

namespace goop::rendezvous {
namespace {

constexpr std::size_t secret_bytes = 16;  // 128 bits

crypto::Sha256Digest digest(std::string_view secret) { return crypto::sha256(as_bytes(secret)); }

// The next value of our cookie, taken off the front of a Cookie field: there may be several of the
// name, as other servers on this host name can add theirs.
std::string_view take_cookie(std::string_view& cookies) {
  while (!cookies.empty()) {
    const auto end = std::min(cookies.find(';'), cookies.size());
    auto pair = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    const auto equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == operator_cookie) {
      return pair.substr(equals + 1);
    }
  }
  return {};
}

}  // namespace

std::string OperatorSessions::new_secret() {
  std::array<std::uint8_t, secret_bytes> bytes;
  runtime_.random(bytes);
  return to_hex(bytes);
}

std::string OperatorSessions::cookie_line(std::string_view value, std::chrono::seconds age) const {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", operator_cookie,
                     value, age.count(), tls_ == OverTls::yes ? "; Secure" : "");
}

OperatorSessions::Opened OperatorSessions::open() {
  const auto now = runtime_.now();
  std::erase_if(sessions_, [now](const Session& session) { return session.until <= now; });
  if (sessions_.size() >= limits::operator_sessions) sessions_.pop_front();
  const auto cookie = new_secret(), token = new_secret();
  sessions_.push_back({digest(cookie), digest(token), now + limits::operator_session_life});
  return {token, cookie_line(cookie, limits::operator_session_life)};
}

const OperatorSessions::Session* OperatorSessions::find(std::string_view cookies) const {
  while (!cookies.empty()) {
    const auto cookie = take_cookie(cookies);
    if (cookie.empty()) continue;
    const auto hash = digest(cookie);
    for (const auto& session : sessions_) {
      const bool alive = session.until > runtime_.now();
      if (alive && equal_constant_time(session.cookie, hash)) return &session;
    }
  }
  return nullptr;
}

bool OperatorSessions::valid(std::string_view cookies, std::string_view token) const {
  if (token.empty()) return false;
  const auto* session = find(cookies);
  return session && equal_constant_time(session->token, digest(token));
}

bool OperatorSessions::shows_page(std::string_view cookies) const {
  return find(cookies) != nullptr;
}

std::string OperatorSessions::close(std::string_view cookies) {
  if (const auto* session = find(cookies)) {
    std::erase_if(sessions_, [session](const Session& one) { return &one == session; });
  }
  return cookie_line("", 0s);
}

}  // namespace goop::rendezvous
