#include "peer/visits.h"

#include "peer/limits.h"

namespace goop::peer {

Task<> Visits::load() {
  auto read = [](store::Connection& connection) {
    std::vector<std::pair<std::string, std::int64_t>> rows;
    connection.each("SELECT peer_id, visited FROM _visited", [&rows](const store::Row& row) {
      rows.emplace_back(row.text(0), row.integer(1));
    });
    return rows;
  };
  const auto rows = co_await database_.run(read);
  for (const auto& [text, at] : rows) {
    if (const auto peer = p2p::PeerId::parse(text)) visited_[*peer] = at;
  }
}

void Visits::add(const p2p::PeerId& peer, TaskScope& tasks) {
  const auto now = to_ms(runtime_.wall());
  if (!visited_.emplace(peer, now).second) return;
  std::optional<p2p::PeerId> forgotten;
  if (visited_.size() > limits::visited_peers) {
    const auto oldest =
        std::ranges::min_element(visited_, {}, [](const auto& v) { return v.second; });
    forgotten = oldest->first;
    visited_.erase(oldest);
  }
  tasks.spawn(write(peer, forgotten, now));
}

Task<> Visits::write(p2p::PeerId added, std::optional<p2p::PeerId> forgotten, std::int64_t at) {
  auto job = [added, forgotten, at](store::Connection& connection) {
    connection.run("INSERT OR IGNORE INTO _visited(peer_id, visited) VALUES (?, ?)",
                   added.to_string(), at);
    if (forgotten) connection.run("DELETE FROM _visited WHERE peer_id = ?", forgotten->to_string());
  };
  auto writing = database_.run(job);
  const auto written = co_await attempt(std::move(writing));
  if (written) {
    failures_.succeeded();
  } else {
    failures_.failed(written.error(), runtime_.now());  // asked again after a restart, no more
  }
}

}  // namespace goop::peer
