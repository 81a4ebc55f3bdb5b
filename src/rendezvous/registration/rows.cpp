#include "rendezvous/registration/rows.h"

#include <set>

namespace goop::rendezvous::registration {
namespace {

using store::Connection;

constexpr std::string_view hashed = "sha256:";

std::string text_of(const TokenHash& token) { return std::string(hashed) + to_hex(token); }

std::optional<TokenHash> hash_in_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  TokenHash token;
  if (!bytes || bytes->size() != token.size()) return std::nullopt;
  std::ranges::copy(*bytes, token.begin());
  return token;
}

std::optional<TokenHash> hash_in(std::string_view text) {
  if (!text.starts_with(hashed)) return std::nullopt;
  return hash_in_hex(text.substr(hashed.size()));
}

// What the reference program has written since we last saw the file.
struct Foreign {
  std::string email, token;
  std::int64_t created_ms, verified_ms;
  std::string metadata;
};

void put(Connection& connection, const Row& row) {
  connection.run(
      "INSERT OR REPLACE INTO registrations(email, token, created_at, verified_at, metadata,"
      " next_token, next_at) VALUES (?,?,?,?,?,?,?)",
      row.email, text_of(row.token), row.created_ms, row.verified_ms, row.metadata,
      row.next ? text_of(row.next->token) : std::string(), row.next ? row.next->at_ms : 0);
}

bool exists(Connection& connection, const std::string& email) {
  return connection.integer("SELECT 1 FROM registrations WHERE email = ?", email).has_value();
}

// A spelling of its own would be found by nobody; of two spellings, the verified one stays.
void adopt(Connection& connection, const Foreign& foreign) {
  connection.run("DELETE FROM registrations WHERE email = ?", foreign.email);
  const auto address = net::mail::Address::parse(foreign.email);
  if (!address) return;
  if (foreign.verified_ms == 0 && exists(connection, address->text())) return;
  put(connection, {.email = address->text(),
                   .token = hash_of(foreign.token),
                   .created_ms = foreign.created_ms,
                   .verified_ms = foreign.verified_ms,
                   .metadata = foreign.metadata});
}

void adopt_all(Connection& connection) {
  std::vector<Foreign> all;
  connection.each(
      "SELECT email, token, created_at, verified_at, metadata FROM registrations"
      " WHERE token NOT LIKE 'sha256:%' ORDER BY verified_at",
      [&](const store::Row& row) {
        all.push_back({row.text(0), row.text(1), row.integer(2), row.integer(3), row.text(4)});
      });
  for (const auto& foreign : all) adopt(connection, foreign);
}

std::vector<Row> load_rows(Connection& connection) {
  std::vector<Row> rows;
  const auto take = [&](const store::Row& found) {
    const auto token = hash_in(found.text(1));
    if (!token) return;
    Row row{.email = found.text(0),
            .token = *token,
            .created_ms = found.integer(2),
            .verified_ms = found.integer(3),
            .metadata = found.text(4)};
    if (const auto next = hash_in(found.text(5))) row.next = Row::Link{*next, found.integer(6)};
    rows.push_back(std::move(row));
  };
  connection.each(
      "SELECT email, token, created_at, verified_at, metadata, next_token, next_at"
      " FROM registrations",
      take);
  return rows;
}

std::vector<Recipient> load_recipients(Connection& connection) {
  std::vector<Recipient> recipients;
  const auto take = [&](const store::Row& found) {
    const auto address = hash_in_hex(found.text(0));
    if (address && recipients.size() < limits::recipients) {
      recipients.push_back({*address, found.integer(1), found.integer(2)});
    }
  };
  connection.each("SELECT address, mails, last_at FROM recipients ORDER BY last_at DESC", take);
  return recipients;
}

void save(Connection& connection, const Recipient& recipient) {
  connection.run("INSERT OR REPLACE INTO recipients(address, mails, last_at) VALUES (?,?,?)",
                 to_hex(recipient.address), recipient.mails, recipient.last_ms);
}

}  // namespace

void create_recipients(Connection& connection) {
  connection.script(
      "CREATE TABLE recipients(address TEXT PRIMARY KEY, mails INTEGER NOT NULL,"
      " last_at INTEGER NOT NULL)");
}

void create_table(Connection& connection) {
  connection.script(
      "CREATE TABLE IF NOT EXISTS registrations(email TEXT PRIMARY KEY, token TEXT NOT NULL,"
      " created_at INTEGER NOT NULL, verified_at INTEGER DEFAULT 0, metadata TEXT DEFAULT '{}');"
      "ALTER TABLE registrations ADD COLUMN next_token TEXT NOT NULL DEFAULT '';"
      "ALTER TABLE registrations ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0");
}

Saved load_saved(Connection& connection) {
  connection.transaction([&] { adopt_all(connection); });
  return {load_rows(connection), load_recipients(connection)};
}

void save(Connection& connection, const Changes& changes) {
  const auto save_all = [&] {
    for (const auto& email : changes.gone) {
      connection.run("DELETE FROM registrations WHERE email = ?", email);
    }
    for (const auto& row : changes.put) put(connection, row);
    for (const auto& address : changes.silent) {
      connection.run("DELETE FROM recipients WHERE address = ?", to_hex(address));
    }
    for (const auto& recipient : changes.mailed) save(connection, recipient);
  };
  connection.transaction(save_all);
}

}  // namespace goop::rendezvous::registration
