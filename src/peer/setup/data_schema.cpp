#include "peer/setup/data_schema.h"

#include <array>

#include "peer/setup/peer_cache.h"

namespace goop::peer::setup {
namespace {

void create_visited(store::Connection& connection) {
  connection.script(
      "CREATE TABLE IF NOT EXISTS _visited(peer_id TEXT PRIMARY KEY, visited INTEGER NOT NULL)");
}

}  // namespace

std::span<const store::Migration> data_schema() {
  static constexpr std::array steps{
      store::Migration(create_peer_tables), store::Migration(create_visited),
      store::Migration(create_signed_table), store::Migration(create_met_table)};
  return steps;
}

}  // namespace goop::peer::setup
