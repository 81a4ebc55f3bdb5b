// The peers we have met, kept over a restart: who they said they are and where they were reached.
//
// All of it is in memory; changes are written in batches, and only changes (a heartbeat that says
// nothing new costs no write). What was learned is not lost to a message that says less: empty
// addresses, protocols and keys leave the known ones. Favourites are never dropped.
//
// Tables `_peer_cache` and `_favorites` of data.db, as the reference program has them, and beside
// them `_peer_signed`, whose key is pinned by a signature, and `_peer_met`, on how many days.
//
// Thread: loop only.   Owns: the peers.   Borrows: Runtime, Database.   Limits:
// limits::remembered_* Errors: load and flush throw Failure(storage).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/signal.h"
#include "p2p/multi/multiaddr.h"
#include "p2p/multi/peer_id.h"
#include "store/database.h"

namespace goop::peer::setup {

struct RememberedPeer {
  p2p::PeerId id = {};
  std::string content = {};  // the label
  std::string email = {}, avatar_hash = {}, active_template = {}, public_key = {};
  bool video_disabled = false, verified = false;
  std::vector<p2p::Multiaddr> addresses = {};
  std::vector<std::string> protocols = {};
  WallTime last_seen{};
  std::int64_t signed_ts = 0;  // of its newest signed presence, whose key is pinned; 0: none
  bool favorite = false;       // set_favorite alone changes it
  int days_met = 0;            // met() alone changes these two; no more than limits::days_known
  std::int64_t day_met = 0;    // the latest of them, since 1970

  bool operator==(const RememberedPeer&) const = default;
};

class PeerCache {
 public:
  PeerCache(Runtime& runtime, store::Database& database)
      : runtime_(runtime), database_(database), changed_(runtime) {}

  Task<> load();

  // Newest first; favourites are among them.
  std::vector<RememberedPeer> list() const;
  const RememberedPeer* find(const p2p::PeerId& id) const;  // until the next change; null: unknown

  // Takes over what `seen` says. Of too many peers, the one not seen for longest is forgotten.
  void remember(RememberedPeer seen);
  // It is connected, and proven: counts the days. Only for a peer that is remembered.
  void met(const p2p::PeerId& id);

  // A peer that is not one yet, with an address alone, becomes one.
  void remember_addresses(const p2p::PeerId& id, std::vector<p2p::Multiaddr> addresses);

  enum class Favorite { no, yes };
  // not_found: nobody of this id is remembered. busy: there are too many favourites.
  Result<void> set_favorite(const p2p::PeerId& id, Favorite favorite);
  void forget(const p2p::PeerId& id);  // not a favourite

  // Writes what has changed, batch by batch, until it is cancelled; for a TaskScope. A failed write
  // is logged and tried again.
  Task<> run();
  Task<> flush();  // writes now; for the stop

 private:
  struct Entry {
    RememberedPeer peer;
    WallTime written_seen{};
  };
  void touch(const p2p::PeerId& id);
  void make_room();

  Runtime& runtime_;
  store::Database& database_;
  Signal changed_;
  std::map<p2p::PeerId, Entry> peers_;
  std::set<p2p::PeerId> dirty_;  // to be written, or deleted when no longer among peers_
  std::size_t favorites_ = 0;
};

// The schema's steps.
void create_peer_tables(store::Connection& connection);
void create_signed_table(store::Connection& connection);
void create_met_table(store::Connection& connection);

}  // namespace goop::peer::setup
