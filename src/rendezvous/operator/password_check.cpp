#include "rendezvous/operator/password_check.h"

#include <cmath>

#include "base/base64.h"
#include "crypto/password.h"
#include "rendezvous/operator/limits.h"

namespace goop::rendezvous {
namespace {

constexpr std::string_view user = "admin";

// The password of "admin:password" in base64.
std::optional<std::string> password_of(std::string_view credentials) {
  if (credentials.size() > 2 * limits::password_bytes) return std::nullopt;
  const auto pair = from_base64(credentials);
  if (!pair) return std::nullopt;
  const auto text = as_text(*pair);
  const auto colon = text.find(':');
  if (colon == text.npos || text.substr(0, colon) != user) return std::nullopt;
  return std::string(text.substr(colon + 1));
}

}  // namespace

PasswordCheck::PasswordCheck(Runtime& runtime, std::string password)
    : runtime_(runtime),
      password_(std::move(password)),
      tries_({limits::admin_tries_per_minute / 60.0, limits::admin_tries_per_minute,
              limits::limited_keys}),
      strangers_(limits::strangers_per_second, limits::strangers_at_once),
      puzzle_(runtime),
      turns_(runtime) {}

Task<> PasswordCheck::start() {
  if (!on() || crypto::is_password_hash(password_)) co_return;
  auto job = [clear = password_] { return crypto::hash_password(clear); };
  password_ = co_await runtime_.offload(std::move(job));
}

// --- who may ask ---

net::IpAddress PasswordCheck::tried_by(const Asker& asker) const {
  return is_known(asker) ? asker.address : asker.client;
}

bool PasswordCheck::has_tries(const Asker& asker) {
  const auto client = tried_by(asker);
  if (tries_.take(client, runtime_.now()) > Duration::zero()) return false;
  tries_.charge(client, runtime_.now(), -1);  // given back: this was only a look
  return true;
}

// Takes what a wrong password costs; a right one gives it back. Nothing: there is none left.
std::optional<Standing> PasswordCheck::admit(const Asker& asker) {
  const bool known = is_known(asker);
  if (!asker.proof.empty()) {
    if (!puzzle_.redeem(asker.proof)) return std::nullopt;
    return known ? Standing::known : Standing::solver;
  }
  if (tries_.take(tried_by(asker), runtime_.now()) > Duration::zero()) return std::nullopt;
  if (known) return Standing::known;
  if (strangers_.take(runtime_.now())) return Standing::stranger;
  tries_.charge(asker.client, runtime_.now(), -1);
  return std::nullopt;
}

bool PasswordCheck::is_remembered(const crypto::Sha256Digest& credentials) const {
  return remembered_ && remembered_->until > runtime_.now() &&
         equal_constant_time(remembered_->credentials, credentials);
}

// --- the puzzle ---

double PasswordCheck::recently_wrong() const {
  const std::chrono::duration<double, std::ratio<60>> minutes = runtime_.now() - wrong_at_;
  return wrong_ * std::exp(-minutes.count());
}

void PasswordCheck::note_wrong(Standing standing) {
  if (standing != Standing::solver) return;
  wrong_ = recently_wrong() + 1;
  wrong_at_ = runtime_.now();
}

PasswordCheck::Challenge PasswordCheck::challenge() {
  const auto doubled = std::log2(std::max(1.0, recently_wrong() / limits::puzzle_eased));
  constexpr unsigned room = limits::puzzle_bits_most - limits::puzzle_bits_least;
  const auto bits = limits::puzzle_bits_least + std::min(room, static_cast<unsigned>(doubled));
  return {puzzle_.challenge(bits), bits};
}

// --- the check ---

Task<PasswordCheck::Verdict> PasswordCheck::check(std::string password, Asker asker) {
  co_return co_await check_in_turn(std::move(password), std::move(asker), std::nullopt);
}

Task<PasswordCheck::Verdict> PasswordCheck::check_basic(std::string credentials, Asker asker) {
  const auto digest = crypto::sha256(as_bytes(credentials));
  if (is_remembered(digest) && has_tries(asker)) co_return Verdict::right;
  auto password = password_of(credentials);
  if (!password) co_return admit(asker) ? Verdict::wrong : Verdict::puzzle;
  co_return co_await check_in_turn(*std::move(password), std::move(asker), digest);
}

Task<bool> PasswordCheck::hash(std::string password,
                               std::optional<crypto::Sha256Digest> credentials) {
  ++hashed_;
  auto job = [hash = password_, password = std::move(password)] {
    return crypto::verify_password(hash, password);
  };
  const bool right = co_await runtime_.offload(std::move(job));
  if (right && credentials) {
    remembered_ = Remembered{*credentials, runtime_.now() + limits::basic_life};
  }
  co_return right;
}

Task<PasswordCheck::Verdict> PasswordCheck::check_in_turn(
    std::string password, Asker asker, std::optional<crypto::Sha256Digest> credentials) {
  const auto tried = tried_by(asker);
  const auto standing = admit(asker);
  if (!standing) co_return Verdict::puzzle;
  if (password.size() > limits::password_bytes) co_return Verdict::wrong;
  auto turn = co_await turns_.take(*standing, asker);
  if (!turn) co_return Verdict::busy;
  const bool right = (credentials && is_remembered(*credentials)) ||
                     co_await hash(std::move(password), credentials);
  turn.reset();
  if (!right) {
    note_wrong(*standing);
    co_return Verdict::wrong;
  }
  if (asker.proof.empty()) tries_.charge(tried, runtime_.now(), -1);
  if (*standing == Standing::stranger) strangers_.spend(runtime_.now(), -1);
  co_await known_.add(asker.address, runtime_.wall());
  co_return Verdict::right;
}

}  // namespace goop::rendezvous
