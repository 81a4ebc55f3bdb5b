#include "peer/site/file_cache.h"

#include "peer/site/limits.h"

namespace goop::peer::site {

std::size_t FileCache::cost(const Entry& entry) {
  std::size_t bytes = sizeof(Entry) + entry.path.size() + entry.mime.size();
  if (entry.plain) bytes += entry.plain->size();
  for (const SharedBytes& encoded : entry.encoded) bytes += encoded ? encoded->size() : 0;
  return bytes;
}

void FileCache::erase(std::list<Entry>::iterator entry) {
  bytes_ -= cost(*entry);
  by_path_.erase(entry->path);
  entries_.erase(entry);
}

FileCache::Entry* FileCache::find(const std::string& path, const store::FileInfo& info) {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return nullptr;
  if (found->second->info != info) {
    erase(found->second);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return &*found->second;
}

void FileCache::put(Entry entry) {
  if (const auto old = by_path_.find(entry.path); old != by_path_.end()) erase(old->second);
  bytes_ += cost(entry);
  entries_.push_front(std::move(entry));
  by_path_.emplace(entries_.front().path, entries_.begin());
  while (bytes_ > limits::cache_bytes || entries_.size() > limits::cache_entries) {
    erase(std::prev(entries_.end()));
  }
}

}  // namespace goop::peer::site
