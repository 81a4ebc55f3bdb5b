#include "rendezvous/admin_gate.h"

#include "base/base64.h"
#include "crypto/hash.h"

namespace goop::rendezvous {
namespace {

constexpr std::string_view scheme = "Basic ";

}  // namespace

AdminGate::AdminGate(std::string password)
    : expected_(to_base64(as_bytes("admin:" + password))),
      on_(!password.empty()),
      tries_(limits::admin_tries_per_minute / 60.0, limits::admin_tries_per_minute) {}

AdminGate::Verdict AdminGate::ask(const net::http::Request& request, const net::IpAddress& client,
                                  Instant now) {
  if (!on_) return Verdict::switched_off;
  const auto field = request.field("Authorization").value_or("");
  if (field.size() <= scheme.size() ||
      !net::http::iequals(field.substr(0, scheme.size()), scheme)) {
    return Verdict::unknown;  // no try: this is how browsers ask whether a password is wanted
  }
  if (tries_.take(client, now, 0) > Duration::zero()) return Verdict::too_many_tries;
  // Of equal length whatever was sent, so that the comparison tells nothing.
  const auto given = crypto::sha256(as_bytes(field.substr(scheme.size())));
  const auto wanted = crypto::sha256(as_bytes(expected_));
  if (equal_constant_time(given, wanted)) return Verdict::allowed;
  tries_.charge(client, now, 1);
  return Verdict::unknown;
}

}  // namespace goop::rendezvous
