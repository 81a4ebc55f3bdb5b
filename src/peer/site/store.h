// The own site: files of one folder, for visitors and for the own viewer alike.
//
// What is hot costs microseconds on the loop thread: the file is opened without waiting, and its
// bytes come from the cache while size, time and inode are the same. What is not in memory is read
// on the pool, in chunks. A file that changes while it is sent ends in a Failure, so that nobody
// takes a mixture for the file.
//
// A directory is its index.html; asked for without its '/', the answer says so (SiteStatus::
// directory). Text is compressed once and kept. The ETag is made of size, time and inode, plus the
// encoding: cheap, and strong as far as the file system's clock is.
//
// Owns: the cache.   Borrows: Runtime.   Thread: loop only.   Limits: limits.h, "the own folder".
// Errors: Result not_found, forbidden (rules.h, links, special files). Failure: storage, busy
// (the machine), conflict (a file that keeps changing, or changed while it was sent).
#pragma once

#include <memory>
#include <set>

#include "peer/site/file_cache.h"
#include "peer/site/rules.h"
#include "peer/site/source.h"
#include "store/folder.h"

namespace goop::peer::site {

using PackingSet = std::set<std::pair<std::string, SiteEncoding>>;  // what the pool compresses now

class SiteStore final : public SiteSource {
 public:
  SiteStore(Runtime& runtime, store::Folder folder, SiteRules rules);

  Task<Result<SiteReply>> get(SiteRequest request, Deadline by) override;

  const FileCache& cache() const { return cache_; }

 private:
  using FilePtr = std::shared_ptr<const store::File>;

  Task<Result<FilePtr>> open(std::string path);
  Task<Result<SiteReply>> reply_with(FilePtr file, std::string path, SiteRequest request);
  Task<std::string> type_of(FilePtr file, std::string path);
  Task<SharedBytes> small_file(FilePtr file, std::string path, std::string mime);
  Task<SharedBytes> encoded_file(FilePtr file, std::string path, std::string mime,
                                 SiteEncoding encoding);
  FileCache::Entry entry_of(const store::File& file, std::string path, std::string mime);

  Runtime& runtime_;
  std::shared_ptr<const store::Folder> folder_;
  SiteRules rules_;
  FileCache cache_;
  PackingSet packing_;
};

// "9c1-54b0d2…": what tells two states of a file apart, without the encoding's suffix.
std::string etag_of(const store::FileInfo& info);

}  // namespace goop::peer::site
