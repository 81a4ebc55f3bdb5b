// Whether a database file is sound, before it is trusted or given up.
//
// Thread: pool. Reads the whole file.
#pragma once

#include <filesystem>

namespace goop::store {

// True: it is there, and is no database or a torn one. A file that is missing or empty, or that
// cannot be read for another reason, is not called damaged.
bool is_damaged(const std::filesystem::path& file);

}  // namespace goop::store
