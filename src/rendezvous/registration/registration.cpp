#include "rendezvous/registration/registration.h"

#include "base/base64.h"
#include "base/log.h"
#include "base/supervised.h"
#include "net/network_prefix.h"
#include "rendezvous/registration/mail_text.h"
#include "rendezvous/registration/rows.h"

namespace goop::rendezvous::registration {
namespace {

Registration::Asked busy(std::string why, Duration retry_after) {
  return {Error{Errc::busy, std::move(why)}, retry_after};
}

}  // namespace

Registration::Registration(Runtime& runtime, net::Network& network, const Options& options)
    : runtime_(runtime),
      options_(options),
      asks_({limits::asks_per_hour / 3600, limits::asks_per_hour, limits::limited_clients}),
      network_asks_(
          {limits::asks_per_network / 3600, limits::asks_per_network, limits::limited_clients}),
      tasks_(runtime, "registration") {
  if (options_.smtp) {
    auto deliver = net::mail::smtp_delivery(runtime, *options_.smtp);
    outbox_ = std::make_unique<net::mail::Outbox>(runtime, std::move(deliver));
  }
  if (options_.webhook) webhook_ = std::make_unique<Webhook>(runtime, network, *options_.webhook);
}

// --- life ---

Task<> Registration::open(store::Database& database) {
  auto load = [](store::Connection& connection) { return load_saved(connection); };
  auto loading = database.run(load);
  auto saved = co_await std::move(loading);
  for (auto& row : saved.rows) registry_.put(std::move(row));
  for (const auto& recipient : saved.recipients) registry_.put(recipient);
  database_ = &database;
  if (outbox_) outbox_->start();
  if (webhook_) webhook_->start();
  tasks_.spawn(supervised(runtime_, "registration", [this] { return prune(); }));
  log::info("registration.loaded",
            {{"addresses", registry_.size()}, {"unverified", registry_.unverified()}});
}

Task<> Registration::stop() {
  co_await tasks_.close();
  if (outbox_) co_await outbox_->stop();
  if (webhook_) co_await webhook_->stop();
}

Task<> Registration::prune() {
  for (;;) {
    auto changes = registry_.prune(runtime_.wall());
    if (!changes.empty()) co_await write(std::move(changes));
    co_await runtime_.sleep_for(limits::prune_every);
  }
}

Task<Result<void>> Registration::write(Changes changes) {
  auto job = [changes = std::move(changes)](store::Connection& connection) {
    save(connection, changes);
  };
  auto running = database_->run(std::move(job));
  const auto done = co_await attempt(std::move(running));
  if (done) co_return Result<void>();
  log::error("registration.failed", {{"error", done.error()}});
  co_return fail(Errc::storage, "the database of registrations cannot be written");
}

// --- a link is asked for ---

std::string Registration::new_token() {
  crypto::Secret<limits::token_bytes> secret;
  std::string text;
  do {
    runtime_.random(secret.mut());
    text = to_base64(secret.view());
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;  // base64url, padded
  } while (text.starts_with('-'));  // on a command line it would be an option
  return text;
}

Duration Registration::take_ask(const net::IpAddress& client) {
  const auto now = runtime_.now();
  const auto wait = asks_.take(client, now);
  if (wait > Duration::zero()) return wait;
  const auto network_wait = network_asks_.take(net::network_of(client, net::prefix::network), now);
  if (network_wait > Duration::zero()) asks_.charge(client, now, -1);
  return network_wait;
}

void Registration::give_back(const net::IpAddress& client) {
  asks_.charge(client, runtime_.now(), -1);
  network_asks_.charge(net::network_of(client, net::prefix::network), runtime_.now(), -1);
}

Task<Registration::Asked> Registration::ask(Wish wish) {
  ++counters_.asked;
  if (outbox_ && !outbox_->has_room()) co_return busy("too many mails are waiting", 1min);
  const auto wait = take_ask(wish.client);
  if (wait > Duration::zero()) co_return busy("too many registrations from here", wait);
  auto token = new_token();
  auto asked = registry_.ask(wish.email, hash_of(token), wish.client, runtime_.wall());
  if (!asked) co_return busy(asked.error().detail, limits::link_life);
  if (!asked->mail) {
    // Only who asked for the last mail may learn in this way that it is not long ago.
    if (asked->by_same) give_back(wish.client);
    co_return Asked{};
  }
  auto written = co_await write(std::move(asked->changes));
  if (!written) co_return Asked{std::move(written.error()), {}};
  invite(wish, std::move(token));
  co_return Asked{};
}

void Registration::invite(const Wish& wish, std::string token) {
  const Invitation invitation{wish.email, wish.language, wish.server, std::move(token)};
  ++counters_.mailed;
  if (outbox_) {
    outbox_->put(mail_of(invitation));
    return;
  }
  log::info("registration.link", {{"email", wish.email}, {"where", "console"}});
  if (options_.console) options_.console(console_block(invitation));
}

// --- a link is followed ---

Registry::Link Registration::look(std::string_view token) const {
  return registry_.look(hash_of(token), runtime_.wall());
}

Task<Result<std::string>> Registration::confirm(std::string token) {
  auto row = registry_.confirmed(hash_of(token), runtime_.wall());
  if (!row) co_return fail(Errc::not_found, "this link is not valid, or not any more");
  const Row before = *registry_.find(row->email);
  if (*row == before) co_return row->email;
  registry_.put(*row);
  Changes changes;
  changes.put.push_back(*row);
  const auto written = co_await write(std::move(changes));
  if (!written) {
    if (const auto* now = registry_.find(row->email); now && *now == *row) registry_.put(before);
    co_return std::unexpected(written.error());
  }
  ++counters_.verified;
  log::info("registration.verified", {{"email", row->email}});
  if (webhook_) webhook_->tell(row->email, row->verified_ms);
  if (before.asked_by) give_back(*before.asked_by);
  co_return row->email;
}

// --- figures ---

net::mail::OutboxCounters Registration::mail_counters() const {
  return outbox_ ? outbox_->counters() : net::mail::OutboxCounters();
}

WebhookCounters Registration::webhook_counters() const {
  return webhook_ ? webhook_->counters() : WebhookCounters();
}

// --- presence ---

bool Registration::shows(const wire::PresenceMessage& message) const {
  const auto& told = message.registration_email;
  return registry_.holds(told.empty() ? message.presence.email : told, message.verification_token);
}

}  // namespace goop::rendezvous::registration
