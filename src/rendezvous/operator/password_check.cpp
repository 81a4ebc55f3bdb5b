#include "rendezvous/operator/password_check.h"

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

// While it lives, nobody else's password is hashed.
class PasswordCheck::Turn {
 public:
  explicit Turn(PasswordCheck& check) : check_(check) { check.busy_ = true; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    check_.busy_ = false;
    check_.free_.notify_one();
  }

 private:
  PasswordCheck& check_;
};

PasswordCheck::PasswordCheck(Runtime& runtime, std::string password)
    : runtime_(runtime),
      password_(std::move(password)),
      tries_({limits::admin_tries_per_minute / 60.0, limits::admin_tries_per_minute,
              limits::limited_keys}),
      free_(runtime) {}

Task<> PasswordCheck::start() {
  if (!on() || crypto::is_password_hash(password_)) co_return;
  auto job = [clear = password_] { return crypto::hash_password(clear); };
  password_ = co_await runtime_.offload(std::move(job));
}

bool PasswordCheck::has_tries(const net::IpAddress& client) {
  if (tries_.take(client, runtime_.now()) > Duration::zero()) return false;
  tries_.charge(client, runtime_.now(), -1);  // given back: this was only a look
  return true;
}

bool PasswordCheck::is_remembered(const crypto::Sha256Digest& credentials) const {
  return remembered_ && remembered_->until > runtime_.now() &&
         equal_constant_time(remembered_->credentials, credentials);
}

Task<PasswordCheck::Verdict> PasswordCheck::check(std::string password, net::IpAddress client) {
  co_return co_await check_in_turn(std::move(password), client, std::nullopt);
}

Task<PasswordCheck::Verdict> PasswordCheck::check_basic(std::string credentials,
                                                        net::IpAddress client) {
  if (!has_tries(client)) co_return Verdict::too_many_tries;
  const auto digest = crypto::sha256(as_bytes(credentials));
  if (is_remembered(digest)) co_return Verdict::right;
  auto password = password_of(credentials);
  if (!password) {
    tries_.charge(client, runtime_.now(), 1);
    co_return Verdict::wrong;
  }
  co_return co_await check_in_turn(*std::move(password), client, digest);
}

Task<PasswordCheck::Verdict> PasswordCheck::check_in_turn(
    std::string password, net::IpAddress client, std::optional<crypto::Sha256Digest> credentials) {
  if (!has_tries(client)) co_return Verdict::too_many_tries;
  if (waiting_ >= limits::password_queue) co_return Verdict::busy;
  struct Waiting {
    explicit Waiting(std::size_t& all) : count(all) { ++count; }
    ~Waiting() { --count; }
    std::size_t& count;
  };
  {
    const Waiting counted(waiting_);
    while (busy_) co_await free_.wait_until(Deadline::never());
  }
  const Turn turn(*this);
  if (credentials && is_remembered(*credentials)) co_return Verdict::right;
  // Taken before the check and given back afterwards, so that guesses cannot overtake each other.
  if (tries_.take(client, runtime_.now()) > Duration::zero()) co_return Verdict::too_many_tries;
  if (password.size() > limits::password_bytes) co_return Verdict::wrong;
  ++hashed_;
  auto job = [hash = password_, password = std::move(password)] {
    return crypto::verify_password(hash, password);
  };
  const bool right = co_await runtime_.offload(std::move(job));
  if (!right) co_return Verdict::wrong;
  tries_.charge(client, runtime_.now(), -1);
  if (credentials) remembered_ = Remembered{*credentials, runtime_.now() + limits::basic_life};
  co_return Verdict::right;
}

}  // namespace goop::rendezvous
