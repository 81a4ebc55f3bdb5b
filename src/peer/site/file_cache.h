// Small files of the site in memory, with their encoded forms; the least recently used go first.
//
// A cached file is used only while the folder tells the same of it as before (size, times, device,
// inode), so nobody has to tell the cache of a change.
//
// Pure state.   Limits: limits::cache_bytes, limits::cache_entries.   Thread: loop only.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "peer/site/source.h"
#include "store/folder.h"

namespace goop::peer::site {

using SharedBytes = std::shared_ptr<const Bytes>;

class FileCache {
 public:
  struct Entry {
    std::string path;
    store::FileInfo info;
    std::string mime;
    SharedBytes plain;  // null: only encoded forms are kept (the file is not that small)
    // By SiteEncoding; an empty string of bytes: encoding does not make this file smaller.
    std::array<SharedBytes, 3> encoded;
  };

  // The entry of `path` if the file is still the one that `info` describes. Valid until put.
  Entry* find(const std::string& path, const store::FileInfo& info);

  // Adds or replaces; what is too much falls out (this one too, if it alone is).
  void put(Entry entry);

  std::size_t bytes() const { return bytes_; }
  std::size_t entries() const { return entries_.size(); }

 private:
  static std::size_t cost(const Entry& entry);
  void erase(std::list<Entry>::iterator entry);

  std::list<Entry> entries_;  // newest use first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_path_;
  std::size_t bytes_ = 0;
};

}  // namespace goop::peer::site
