#include "rendezvous/operator/puzzle.h"

#include "base/base64.h"
#include "rendezvous/operator/limits.h"

namespace goop::rendezvous {
namespace {

constexpr std::size_t number_bytes = 8, head_bytes = 2 * number_bytes + 1, tag_bytes = 16;
constexpr std::size_t challenge_chars = (head_bytes + tag_bytes) / 3 * 4;
static_assert((head_bytes + tag_bytes) % 3 == 0, "no padding");
constexpr std::size_t counter_digits = 16;

void append_number(Bytes& bytes, std::uint64_t number) {
  for (std::size_t i = number_bytes; i-- > 0;) {
    bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
  }
}

std::uint64_t number_at(BytesView bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (const auto byte : bytes.subspan(at, number_bytes)) number = number << 8 | byte;
  return number;
}

Bytes tag_of(const Bytes& key, BytesView head) {
  const auto full = crypto::hmac_sha256(key, head);
  return {full.begin(), full.begin() + tag_bytes};
}

bool is_counter(std::string_view text) {
  return !text.empty() && text.size() <= counter_digits &&
         text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

bool has_zero_bits(std::string_view proof, unsigned bits) {
  const auto digest = crypto::sha256(as_bytes(proof));
  unsigned zeros = 0;
  for (const auto byte : digest) {
    zeros += static_cast<unsigned>(std::countl_zero(byte));
    if (byte != 0) break;
  }
  return zeros >= bits;
}

std::uint64_t Puzzle::now_ms() const {
  const auto since = runtime_.now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

const Bytes& Puzzle::key() {
  if (key_.empty()) {
    key_.resize(32);
    runtime_.random(key_);
  }
  return key_;
}

std::string Puzzle::challenge(unsigned bits) {
  Bytes bytes;
  append_number(bytes, now_ms());
  bytes.push_back(static_cast<std::uint8_t>(bits));
  append_number(bytes, runtime_.random_u64());
  const auto tag = tag_of(key(), bytes);
  bytes.insert(bytes.end(), tag.begin(), tag.end());
  return to_base64(bytes);
}

std::optional<Puzzle::Challenge> Puzzle::read(std::string_view text) {
  const auto bytes = from_base64(text);
  if (!bytes || bytes->size() != head_bytes + tag_bytes) return std::nullopt;
  const auto head = BytesView(*bytes).first(head_bytes);
  if (!equal_constant_time(tag_of(key(), head), BytesView(*bytes).subspan(head_bytes))) {
    return std::nullopt;
  }
  return Challenge{.issued_ms = number_at(head, 0),
                   .nonce = number_at(head, number_bytes + 1),
                   .bits = head[number_bytes]};
}

bool Puzzle::redeem(std::string_view proof) {
  if (proof.size() <= challenge_chars || proof[challenge_chars] != '.') return false;
  if (!is_counter(proof.substr(challenge_chars + 1))) return false;
  const auto challenge = read(proof.substr(0, challenge_chars));
  if (!challenge) return false;
  constexpr auto life = std::chrono::milliseconds(limits::puzzle_life).count();
  if (now_ms() - challenge->issued_ms >= std::uint64_t{life}) return false;
  if (challenge->issued_ms < oldest_ms_ || !has_zero_bits(proof, challenge->bits)) return false;
  if (redeemed_.contains({challenge->issued_ms, challenge->nonce})) return false;
  remember(*challenge);
  return true;
}

void Puzzle::remember(const Challenge& challenge) {
  constexpr auto life = std::chrono::milliseconds(limits::puzzle_life).count();
  redeemed_.emplace(challenge.issued_ms, challenge.nonce);
  while (redeemed_.size() > limits::redeemed_proofs ||
         now_ms() - redeemed_.begin()->first >= std::uint64_t{life}) {
    oldest_ms_ = redeemed_.begin()->first + 1;
    redeemed_.erase(redeemed_.begin());
  }
}

}  // namespace goop::rendezvous
