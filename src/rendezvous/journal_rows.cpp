#include "rendezvous/journal_rows.h"

#include <set>

#include "base/json.h"
#include "rendezvous/operator/blocks.h"
#include "rendezvous/operator/known_addresses.h"
#include "rendezvous/registration/rows.h"

namespace goop::rendezvous {
namespace {

using store::Connection;
using Found = store::Row;

std::set<std::string> columns_of_peers(Connection& connection) {
  std::set<std::string> names;
  connection.each("SELECT name FROM pragma_table_info('peers')",
                  [&](const Found& row) { names.insert(row.text(0)); });
  return names;
}

// A file of the reference program has the first columns already, an old one all but `verified`.
void create_peers(Connection& connection) {
  connection.script(
      "CREATE TABLE IF NOT EXISTS peers(peer_id TEXT PRIMARY KEY, type TEXT NOT NULL DEFAULT '',"
      " content TEXT DEFAULT '', email TEXT DEFAULT '', avatar_hash TEXT DEFAULT '',"
      " ts INTEGER DEFAULT 0, last_seen INTEGER DEFAULT 0, bytes_sent INTEGER DEFAULT 0,"
      " bytes_received INTEGER DEFAULT 0, verified INTEGER DEFAULT 0)");
  const auto has = columns_of_peers(connection);
  const auto add = [&](const char* column, store::Sql statement) {
    if (!has.contains(column)) connection.script(statement);
  };
  add("verified", "ALTER TABLE peers ADD COLUMN verified INTEGER DEFAULT 0");
  add("active_template", "ALTER TABLE peers ADD COLUMN active_template TEXT DEFAULT ''");
  add("public_key", "ALTER TABLE peers ADD COLUMN public_key TEXT DEFAULT ''");
  add("encryption_supported",
      "ALTER TABLE peers ADD COLUMN encryption_supported INTEGER DEFAULT 0");
  add("addrs", "ALTER TABLE peers ADD COLUMN addrs TEXT DEFAULT '[]'");
  add("message", "ALTER TABLE peers ADD COLUMN message TEXT DEFAULT ''");
  connection.script(
      "CREATE TABLE IF NOT EXISTS ended(peer_id TEXT PRIMARY KEY, ts INTEGER NOT NULL,"
      " at INTEGER NOT NULL)");
}

std::string addresses_as_json(const wire::Presence& presence) {
  json::Array list;
  for (const auto& address : presence.addresses) list.emplace_back(address.to_string());
  return json::write(json::Value(std::move(list)));
}

void save_row(Connection& connection, const SavedRow& row) {
  const auto& presence = row.message->presence;
  connection.run(
      "INSERT OR REPLACE INTO peers(peer_id, type, content, email, avatar_hash, ts, last_seen,"
      " bytes_sent, bytes_received, verified, active_template, public_key, encryption_supported,"
      " addrs, message) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      row.peer.to_string(), wire::name(presence.type), presence.label, presence.email,
      presence.avatar_hash, presence.ts, row.last_seen_ms, row.bytes_sent, row.bytes_received,
      row.message->verified ? 1 : 0, presence.active_template, presence.public_key,
      presence.encryption_supported ? 1 : 0, addresses_as_json(presence),
      wire::write_presence(*row.message));
}

// The message of a row that the reference program wrote.
Result<wire::PresenceMessage> from_columns(const Found& row) {
  wire::PresenceMessage message;
  GOOP_TRY(message.presence.peer, p2p::PeerId::parse(row.text(0)));
  if (row.text(1) == "online") message.presence.type = wire::PresenceType::online;
  message.presence.label = row.text(2);
  message.presence.email = row.text(3);
  message.presence.avatar_hash = row.text(4);
  message.presence.ts = row.integer(5);
  message.verified = row.integer(7) != 0;
  return message;
}

}  // namespace

std::span<const store::Migration> journal_schema() {
  static constexpr std::array steps{
      store::Migration(create_peers), store::Migration(create_blocked),
      store::Migration(registration::create_table),
      store::Migration(registration::create_recipients), store::Migration(create_known_addresses)};
  return steps;
}

void save_rows(Connection& connection, const std::vector<SavedRow>& rows, std::int64_t now_ms) {
  const auto save_all = [&] {
    for (const auto& row : rows) {
      if (!row.gone) {
        save_row(connection, row);
        continue;
      }
      const auto peer = row.peer.to_string();
      connection.run("DELETE FROM peers WHERE peer_id = ?", peer);
      if (row.ended_ts) {
        connection.run("INSERT OR REPLACE INTO ended(peer_id, ts, at) VALUES (?,?,?)", peer,
                       *row.ended_ts, now_ms);
      }
    }
  };
  connection.transaction(save_all);
}

LoadedBoard load_rows(Connection& connection) {
  LoadedBoard loaded;
  const auto take = [&](const Found& row) {
    const auto text = row.text(8);
    auto message = text.empty() ? from_columns(row) : wire::parse_presence(text);
    if (!message || message->presence.type == wire::PresenceType::offline) return;
    const bool is_signed = message->is_signed();
    loaded.rows.push_back({*std::move(message), is_signed, row.integer(6)});
  };
  connection.each(
      "SELECT peer_id, type, content, email, avatar_hash, ts, last_seen, verified, message"
      " FROM peers ORDER BY last_seen DESC",
      take);
  const auto take_ended = [&](const Found& row) {
    if (const auto peer = p2p::PeerId::parse(row.text(0))) {
      loaded.ended.emplace_back(*peer, row.integer(1));
    }
  };
  connection.each("SELECT peer_id, ts FROM ended", take_ended);
  return loaded;
}

}  // namespace goop::rendezvous
