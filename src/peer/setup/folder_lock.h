// One process per peer folder.
//
// Two would speak with one identity and write one database. The lock is the kernel's (flock on
// data/lock), so it ends with its process, however that ends; the file's text only says who holds
// it.
#pragma once

#include "base/time.h"
#include "store/folder.h"

namespace goop::peer::setup {

inline constexpr std::string_view lock_name = "data/lock";

class FolderLock {
 public:
  // conflict: another process has it; the detail says which, since when, and what to do. With the
  // lock taken, what a crashed process left half-written in the folder and in data/ is removed.
  static Result<FolderLock> take(const store::Folder& folder, WallTime now);

 private:
  explicit FolderLock(store::File file) : file_(std::move(file)) {}
  store::File file_;
};

// Who has the lock of `folder`: "process 12, since …"; empty: nobody.
std::string lock_holder(const store::Folder& folder);

std::string utc_text(WallTime at);  // "2025-11-21 09:12:44 UTC"

}  // namespace goop::peer::setup
