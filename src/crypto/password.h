// Passwords of people, kept as what cannot be turned back: Argon2id in its usual text form.
//
//   const auto kept = hash_password(typed);         // "$argon2id$v=19$m=65536,t=2,p=1$…"
//   if (is_password_hash(kept) && verify_password(kept, typed)) …
//
// Slow and hungry for memory on purpose (libsodium's "interactive" cost, 64 MiB): on the pool, and
// not many at once.
//
// Thread: any.
#pragma once

#include <string>
#include <string_view>

namespace goop::crypto {

std::string hash_password(std::string_view password);

// A text of this kind, whatever it is the hash of.
bool is_password_hash(std::string_view text);

// False as well when `hash` is none. Takes the same time for every wrong password.
bool verify_password(std::string_view hash, std::string_view password);

}  // namespace goop::crypto
