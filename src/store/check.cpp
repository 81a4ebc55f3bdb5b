#include "store/check.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "store/limits.h"

namespace goop::store {

bool is_damaged(const std::filesystem::path& file) {
  std::error_code missing;
  if (std::filesystem::file_size(file, missing) == 0 || missing) return false;
  try {
    SQLite::Database database(file.native(), SQLite::OPEN_READWRITE, limits::busy_timeout_ms);
    SQLite::Statement check(database, "PRAGMA quick_check(1)");
    return check.executeStep() && check.getColumn(0).getString() != "ok";
  } catch (const SQLite::Exception& error) {
    const int code = error.getErrorCode() & 0xff;
    return code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
  }
}

}  // namespace goop::store
