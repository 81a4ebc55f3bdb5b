// Files that the program carries inside itself: pages, templates.
//
// cmake/embed_assets.cmake makes one AssetSet per folder, behind "assets/<name>.h". The bytes live
// as long as the program; text is there a second time, compressed, to be sent as it is.
//
// Owns: nothing, everything is in the program's read-only data.   Thread: any.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace goop {

struct Asset {
  std::string_view path;  // below the folder, no slash at its start: "assets/index-x1.js"
  std::string_view type;  // the whole Content-Type
  BytesView bytes;
  BytesView brotli;         // the same compressed; empty where that saves nothing
  std::string_view sha256;  // of `bytes`, hex: an ETag, when put into quotes
};

class AssetSet {
 public:
  // `files` is sorted by path and outlives the set.
  explicit AssetSet(std::span<const Asset> files) : files_(files) {}

  std::span<const Asset> all() const { return files_; }

  // nullptr: there is none of exactly this path.
  const Asset* find(std::string_view path) const {
    auto at = std::ranges::lower_bound(files_, path, {}, &Asset::path);
    return at != files_.end() && at->path == path ? &*at : nullptr;
  }

 private:
  std::span<const Asset> files_;
};

}  // namespace goop
