#include "peer/setup/peer_rows.h"

#include "base/json.h"
#include "p2p/multi/limits.h"
#include "peer/setup/limits.h"

namespace goop::peer::setup {
namespace {

// Both tables have the same columns; SQL is literals only, so the table's name is one, too.
#define PEER_TABLE(name)                          \
  "CREATE TABLE IF NOT EXISTS " name              \
  "("                                             \
  "peer_id TEXT PRIMARY KEY,"                     \
  "content TEXT NOT NULL DEFAULT '',"             \
  "email TEXT NOT NULL DEFAULT '',"               \
  "avatar_hash TEXT NOT NULL DEFAULT '',"         \
  "video_disabled INTEGER NOT NULL DEFAULT 0,"    \
  "active_template TEXT NOT NULL DEFAULT '',"     \
  "verified INTEGER NOT NULL DEFAULT 0,"          \
  "addrs TEXT NOT NULL DEFAULT '[]',"             \
  "last_seen DATETIME DEFAULT CURRENT_TIMESTAMP," \
  "protocols TEXT NOT NULL DEFAULT '[]',"         \
  "public_key TEXT NOT NULL DEFAULT ''"           \
  ")"

#define HAS_COLUMN(name, column) \
  "SELECT count(*) FROM pragma_table_info('" name "') WHERE name = '" column "'"
#define ADD_TEXT(name, column, standard) \
  "ALTER TABLE " name " ADD COLUMN " column " TEXT NOT NULL DEFAULT '" standard "'"

#define PUT_PEER(name)                                                                         \
  "INSERT INTO " name                                                                          \
  "(peer_id, content, email, avatar_hash, video_disabled, active_template, verified, addrs, "  \
  "last_seen, protocols, public_key) "                                                         \
  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, datetime(?9, 'unixepoch'), ?10, ?11) "              \
  "ON CONFLICT(peer_id) DO UPDATE SET content = excluded.content, email = excluded.email, "    \
  "avatar_hash = excluded.avatar_hash, video_disabled = excluded.video_disabled, "             \
  "active_template = excluded.active_template, verified = excluded.verified, "                 \
  "addrs = CASE excluded.addrs WHEN '[]' THEN addrs ELSE excluded.addrs END, "                 \
  "last_seen = excluded.last_seen, "                                                           \
  "protocols = CASE excluded.protocols WHEN '[]' THEN protocols ELSE excluded.protocols END, " \
  "public_key = CASE excluded.public_key WHEN '' THEN public_key ELSE excluded.public_key END"

#define PEER_COLUMNS                                                                         \
  "peer_id, content, email, avatar_hash, video_disabled, active_template, verified, addrs, " \
  "CAST(strftime('%s', last_seen) AS INTEGER), protocols, public_key"

#define SIGNED_TS(name) \
  "coalesce((SELECT ts FROM _peer_signed WHERE _peer_signed.peer_id = " name ".peer_id), 0)"

#define MET(column, name) \
  "coalesce((SELECT " column " FROM _peer_met WHERE _peer_met.peer_id = " name ".peer_id), 0)"

// A row of a peer that is a favourite as well is read from the cache, where it is newer.
constexpr store::Sql all_peers =
    "SELECT " PEER_COLUMNS ", peer_id IN (SELECT peer_id FROM _favorites), "
    SIGNED_TS("_peer_cache") ", " MET("days", "_peer_cache") ", " MET("latest", "_peer_cache")
    " FROM _peer_cache "
    "UNION ALL SELECT " PEER_COLUMNS ", 1, "
    SIGNED_TS("_favorites") ", " MET("days", "_favorites") ", " MET("latest", "_favorites")
    " FROM _favorites "
    "WHERE peer_id NOT IN (SELECT peer_id FROM _peer_cache)";

std::vector<std::string> read_list(const std::string& text) {
  return json::parse_as<std::vector<std::string>>(text).value_or(std::vector<std::string>());
}

std::vector<p2p::Multiaddr> read_addresses(const std::string& text) {
  std::vector<p2p::Multiaddr> addresses;
  for (const auto& each : read_list(text)) {
    if (auto address = p2p::Multiaddr::parse(each)) addresses.push_back(*std::move(address));
  }
  return addresses;
}

std::string write_addresses(const std::vector<p2p::Multiaddr>& addresses) {
  std::vector<std::string> texts;
  for (const auto& address : addresses) texts.push_back(address.to_string());
  return json::write(json::to_value(texts));
}

void put(store::Connection& connection, store::Sql sql, const RememberedPeer& peer) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(peer.last_seen.time_since_epoch());
  connection.run(sql, peer.id.to_string(), peer.content, peer.email, peer.avatar_hash,
                 peer.video_disabled, peer.active_template, peer.verified,
                 write_addresses(peer.addresses), seconds.count(),
                 json::write(json::to_value(peer.protocols)), peer.public_key);
}

}  // namespace

void create_peer_tables(store::Connection& connection) {
  connection.run("DROP TABLE IF EXISTS _peer_names");
  connection.run(PEER_TABLE("_peer_cache"));
  connection.run(PEER_TABLE("_favorites"));
  // Files of older reference programs lack these two.
  if (connection.integer(HAS_COLUMN("_peer_cache", "protocols")) == 0) {
    connection.run(ADD_TEXT("_peer_cache", "protocols", "[]"));
  }
  if (connection.integer(HAS_COLUMN("_peer_cache", "public_key")) == 0) {
    connection.run(ADD_TEXT("_peer_cache", "public_key", ""));
  }
  if (connection.integer(HAS_COLUMN("_favorites", "protocols")) == 0) {
    connection.run(ADD_TEXT("_favorites", "protocols", "[]"));
  }
  if (connection.integer(HAS_COLUMN("_favorites", "public_key")) == 0) {
    connection.run(ADD_TEXT("_favorites", "public_key", ""));
  }
}

void create_signed_table(store::Connection& connection) {
  connection.run("CREATE TABLE _peer_signed(peer_id TEXT PRIMARY KEY, ts INTEGER NOT NULL)");
}

void create_met_table(store::Connection& connection) {
  connection.run(
      "CREATE TABLE _peer_met(peer_id TEXT PRIMARY KEY, days INTEGER NOT NULL, "
      "latest INTEGER NOT NULL)");
}

std::vector<RememberedPeer> read_peer_rows(store::Connection& connection) {
  std::vector<RememberedPeer> peers;
  const auto take = [&peers](const store::Row& row) {
    auto id = p2p::PeerId::parse(row.text(0));
    if (!id) return;
    peers.push_back({.id = *id,
                     .content = row.text(1),
                     .email = row.text(2),
                     .avatar_hash = row.text(3),
                     .active_template = row.text(5),
                     .public_key = row.text(10),
                     .video_disabled = row.integer(4) != 0,
                     .verified = row.integer(6) != 0,
                     .addresses = read_addresses(row.text(7)),
                     .protocols = read_list(row.text(9)),
                     .last_seen = WallTime(std::chrono::seconds(row.integer(8))),
                     .signed_ts = row.integer(12),
                     .favorite = row.integer(11) != 0,
                     .days_met = static_cast<int>(row.integer(13)),
                     .day_met = row.integer(14)});
  };
  connection.each(all_peers, take);
  return peers;
}

void write_peer_rows(store::Connection& connection, const PeerRows& rows) {
  const auto write = [&] {
    for (const RememberedPeer& peer : rows.changed) {
      put(connection, PUT_PEER("_peer_cache"), peer);
      if (peer.favorite) {
        put(connection, PUT_PEER("_favorites"), peer);
      } else {
        connection.run("DELETE FROM _favorites WHERE peer_id = ?", peer.id.to_string());
      }
      if (peer.signed_ts > 0) {
        connection.run("INSERT OR REPLACE INTO _peer_signed(peer_id, ts) VALUES (?, ?)",
                       peer.id.to_string(), peer.signed_ts);
      }
      if (peer.days_met > 0) {
        connection.run("INSERT OR REPLACE INTO _peer_met(peer_id, days, latest) VALUES (?, ?, ?)",
                       peer.id.to_string(), peer.days_met, peer.day_met);
      }
    }
    for (const p2p::PeerId& id : rows.gone) {
      connection.run("DELETE FROM _peer_cache WHERE peer_id = ?", id.to_string());
      connection.run("DELETE FROM _favorites WHERE peer_id = ?", id.to_string());
      connection.run("DELETE FROM _peer_signed WHERE peer_id = ?", id.to_string());
      connection.run("DELETE FROM _peer_met WHERE peer_id = ?", id.to_string());
    }
  };
  connection.transaction(write);
}

}  // namespace goop::peer::setup
