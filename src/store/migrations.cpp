#include "store/migrations.h"

namespace goop::store {

void migrate(Connection& connection, std::span<const Migration> steps) {
  for (;;) {
    bool done = true;
    const auto step = [&] {
      // Read inside: another process may have come first.
      const auto version = connection.schema_version();
      if (version < 0 || static_cast<std::size_t>(version) > steps.size()) {
        raise(Errc::storage, "database: written by a newer version of this program ({} > {})",
              version, steps.size());
      }
      done = static_cast<std::size_t>(version) == steps.size();
      if (done) return;
      steps[static_cast<std::size_t>(version)](connection);
      connection.set_schema_version(version + 1);
    };
    connection.transaction(step);
    if (done) return;
  }
}

}  // namespace goop::store
