// Built-in registration: who wants to be shown here proves an e-mail address first.
//
//   ask ─> registry ─> database ─> mail with the link, or the link on the console
//   confirm ─> database ─> registry ─> webhook
//   shows(message): what ingest asks for every message
//
// A page that was asked for is answered the same way for known and unknown addresses. A client gets
// a few mails an hour, and one back for each address that is verified: a class behind one router
// gets on, a stranger who types other people's addresses does not.
//
// Owns: registry, outbox, webhook.   Borrows: Runtime, Network, the journal's Database.
// Thread: loop only.   Spec: docs/dev/protocols/registration.md.   Limits: limits.h
#pragma once

#include <memory>

#include "base/keyed_limit.h"
#include "net/mail/outbox.h"
#include "rendezvous/registration/options.h"
#include "rendezvous/registration/registry.h"
#include "rendezvous/registration/webhook.h"
#include "store/database.h"
#include "wire/presence.h"

namespace goop::rendezvous::registration {

struct Counters {
  std::uint64_t asked = 0, mailed = 0, verified = 0;
};

class Registration {
 public:
  Registration(Runtime& runtime, net::Network& network, const Options& options);

  // Reads who has registered. Throws Failure(storage, busy).
  Task<> open(store::Database& database);
  Task<> stop();

  bool required() const { return options_.required; }
  bool works() const { return database_ != nullptr; }
  bool sends_mail() const { return outbox_ != nullptr; }

  struct Wish {
    net::mail::Address email;
    std::string_view language;
    std::string server;  // address for the link
    net::IpAddress client;
  };
  struct Asked {
    std::optional<Error> refused;  // busy (this client, or all together, want too much), storage
    Duration retry_after{};        // of busy
  };
  Task<Asked> ask(Wish wish);

  Registry::Link look(std::string_view token) const;
  // Following a link a second time is fine. Errors: not_found (no such link any more), storage.
  Task<Result<std::string>> confirm(std::string token);  // the e-mail address

  // Whether this peer may be seen: its address is verified, and it has the token that says so.
  bool shows(const wire::PresenceMessage& message) const;

  const Registry& registry() const { return registry_; }
  const Counters& counters() const { return counters_; }
  net::mail::OutboxCounters mail_counters() const;
  WebhookCounters webhook_counters() const;

 private:
  Task<Result<void>> write(Changes changes);
  Task<> prune();
  Duration take_ask(const net::IpAddress& client);  // zero: there was one
  void give_back(const net::IpAddress& client);
  std::string new_token();
  void invite(const Wish& wish, std::string token);

  Runtime& runtime_;
  const Options& options_;
  store::Database* database_ = nullptr;
  Registry registry_;
  KeyedLimit<net::IpAddress> asks_, network_asks_;
  std::unique_ptr<net::mail::Outbox> outbox_;  // null: to the console
  std::unique_ptr<Webhook> webhook_;           // null: nobody is told
  Counters counters_;
  TaskScope tasks_;
};

}  // namespace goop::rendezvous::registration

namespace goop::rendezvous {
using registration::Registration;
}
