#include "viewer/sessions.h"

#include <algorithm>

#include "base/json.h"
#include "viewer/limits.h"

namespace goop::viewer {

// data/sessions.json; hashes are SHA-256 in hex.
struct StoredSession {
  std::string cookie, token;
  std::int64_t opened = 0;
};
BOOST_DESCRIBE_STRUCT(StoredSession, (), (cookie, token, opened))
struct StoredSessions {
  std::vector<StoredSession> sessions;
};
BOOST_DESCRIBE_STRUCT(StoredSessions, (), (sessions))

namespace {

constexpr std::size_t secret_bytes = 16;  // 128 bits

crypto::Sha256Digest digest(std::string_view secret) { return crypto::sha256(as_bytes(secret)); }

bool same(const crypto::Sha256Digest& a, const crypto::Sha256Digest& b) {
  return equal_constant_time(a, b);
}

std::optional<crypto::Sha256Digest> digest_of_hex(std::string_view hex) {
  const auto bytes = from_hex(hex);
  crypto::Sha256Digest out;
  if (!bytes || bytes->size() != out.size()) return std::nullopt;
  std::ranges::copy(*bytes, out.begin());
  return out;
}

// The next value of a cookie called `name`, taken off the front of a Cookie field. There may be
// more than one: cookies ignore ports, so other programs' pages on 127.0.0.1 can add theirs, and
// one with a longer path comes first.
std::string_view take_cookie(std::string_view& cookies, std::string_view name) {
  while (!cookies.empty()) {
    const auto end = std::min(cookies.find(';'), cookies.size());
    auto pair = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    pair = pair.substr(std::min(pair.find_first_not_of(' '), pair.size()));
    const auto equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

}  // namespace

Sessions::Sessions(Runtime& runtime, const p2p::PeerId& peer, std::string control_token,
                   Store store)
    : runtime_(runtime),
      cookie_name_("goop-" + peer.to_string()),
      control_(digest(control_token)),
      has_control_(!control_token.empty()),
      keep_(std::move(store.save)),
      attempts_(limits::login_attempts_per_second, limits::login_attempts_burst) {
  load(store.content);
}

std::string Sessions::new_secret() {
  std::array<std::uint8_t, secret_bytes> bytes;
  runtime_.random(bytes);
  return to_hex(bytes);
}

std::string Sessions::new_login_secret(Life life) {
  auto secret = new_secret();
  const Duration span =
      life == Life::start_link ? Duration(limits::start_link_life) : Duration(limits::login_life);
  const auto until = saturating_add(runtime_.now(), span);
  logins_.push_back({digest(secret), until});
  if (logins_.size() > limits::login_secrets) logins_.pop_front();
  return secret;
}

Result<Sessions::Opened> Sessions::login(std::string_view secret) {
  if (!attempts_.take(runtime_.now())) return fail(Errc::busy, "too many attempts to log in");
  const auto hash = digest(secret);
  const auto login =
      std::ranges::find_if(logins_, [&](const Login& one) { return same(one.secret, hash); });
  const bool good = login != logins_.end() && runtime_.now() < login->until;
  if (login != logins_.end()) logins_.erase(login);
  if (!good) return fail(Errc::forbidden, "the login link is used or too old");

  const auto cookie = new_secret(), token = new_secret();
  std::erase_if(sessions_, [this](const Session& session) { return !alive(session); });
  sessions_.push_back({digest(cookie), digest(token), to_ms(runtime_.wall()) / 1000});
  if (sessions_.size() > limits::sessions) sessions_.pop_front();
  save();
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(limits::session_life).count();
  return Opened{token, fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict",
                                   cookie_name_, cookie, age)};
}

bool Sessions::alive(const Session& session) const {
  const auto age = std::chrono::seconds(to_ms(runtime_.wall()) / 1000 - session.opened);
  return age < limits::session_life && age > -limits::session_life;
}

bool Sessions::valid(std::string_view cookies, std::string_view token) const {
  if (token.empty()) return false;
  const auto token_hash = digest(token);
  const auto session = std::ranges::find_if(
      sessions_, [&](const Session& one) { return same(one.token, token_hash) && alive(one); });
  if (session == sessions_.end()) return false;
  while (!cookies.empty()) {
    const auto cookie = take_cookie(cookies, cookie_name_);
    if (!cookie.empty() && same(session->cookie, digest(cookie))) return true;
  }
  return false;
}

bool Sessions::is_control(std::string_view authorization) const {
  constexpr std::string_view scheme = "Bearer ";
  if (!has_control_ || !authorization.starts_with(scheme)) return false;
  return same(control_, digest(authorization.substr(scheme.size())));
}

// --- kept between runs ---

// A file that cannot be read costs a login, no more.
void Sessions::load(std::string_view text) {
  if (text.empty()) return;
  const auto stored = json::parse_as<StoredSessions>(text);
  if (!stored) return;
  for (const auto& entry : stored->sessions) {
    const auto cookie = digest_of_hex(entry.cookie), token = digest_of_hex(entry.token);
    if (!cookie || !token || sessions_.size() >= limits::sessions) continue;
    const Session session{*cookie, *token, entry.opened};
    if (alive(session)) sessions_.push_back(session);
  }
}

void Sessions::save() const {
  if (!keep_) return;
  StoredSessions stored;
  for (const auto& session : sessions_) {
    stored.sessions.push_back({to_hex(session.cookie), to_hex(session.token), session.opened});
  }
  keep_(json::write(json::to_value(stored)));
}

}  // namespace goop::viewer
