// The own site: files of one folder, for visitors and for the own viewer alike.
//
// What is hot costs microseconds on the loop thread: the file is opened without waiting, and its
// bytes come from the cache while nothing that the disk tells of the file has changed: size, times
// (the one of the last change, ctime, cannot be set back), device, inode. What is not in memory is
// read on the pool, in chunks. A file that changes while it is sent ends in a Failure, so that
// nobody takes a mixture for the file.
//
// A directory is its index.html; asked for without its '/', the answer says so (SiteStatus::
// directory). Text is compressed once and kept. The ETag is made of size, times, device and inode,
// plus the encoding: cheap, and strong as far as the file system's clock is. A time of change that
// is still to come is told as the present (RFC 9110, 8.8.2.1).
//
// Owns: the root (root.h), the cache.   Borrows: Runtime.   Thread: loop only.
// Limits: limits.h, "the own folder".
// Errors: Result not_found, forbidden (rules.h, links, special files). Failure: storage, busy
// (the machine), conflict (a file that keeps changing, or changed while it was sent).
#pragma once

#include <memory>
#include <set>

#include "peer/site/file_cache.h"
#include "peer/site/root.h"
#include "peer/site/source.h"

namespace goop::peer::site {

using PackingSet = std::set<std::pair<std::string, SiteEncoding>>;  // what the pool compresses now

class SiteStore final : public SiteSource {
 public:
  SiteStore(Runtime& runtime, std::filesystem::path root, SiteRoot::Inspect inspect)
      : runtime_(runtime), root_(runtime, std::move(root), std::move(inspect)) {}

  Task<Result<SiteReply>> get(SiteRequest request, Deadline by) override;

  const FileCache& cache() const { return cache_; }

 private:
  using FilePtr = std::shared_ptr<const store::File>;

  Task<Result<FilePtr>> open(const SiteRoot::Place& place, std::string path);
  Task<Result<SiteReply>> reply_unless_stale(FilePtr file, std::string path, SiteRequest request);
  Task<Result<SiteReply>> reply_with(FilePtr file, std::string path, SiteRequest request);
  Task<std::string> type_of(FilePtr file, std::string path);
  Task<SharedBytes> small_file(FilePtr file, std::string path, std::string mime);
  Task<SharedBytes> encoded_file(FilePtr file, std::string path, std::string mime,
                                 SiteEncoding encoding);
  void keep(const store::File& file, FileCache::Entry fresh);
  FileCache::Entry entry_of(const store::File& file, std::string path, std::string mime);

  Runtime& runtime_;
  SiteRoot root_;
  FileCache cache_;
  PackingSet packing_;
};

// "9c1-54b0d2…": what tells two states of a file apart, without the encoding's suffix.
std::string etag_of(const store::FileInfo& info);

}  // namespace goop::peer::site
