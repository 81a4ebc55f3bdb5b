// A database's schema as a list of steps, of which each runs once.
//
// SQLite's user_version counts the steps done. Step and count are committed together, so a crash
// in between repeats the step from its beginning. A step never changes after it was shipped; what
// is to be different comes as a new one. Step 1 must cope with a file of the reference program,
// whose count is 0 too.
//
// Errors: Failure(storage) when a newer program has written the file.
#pragma once

#include <span>

#include "store/sqlite.h"

namespace goop::store {

using Migration = void (*)(Connection&);

void migrate(Connection& connection, std::span<const Migration> steps);

}  // namespace goop::store
