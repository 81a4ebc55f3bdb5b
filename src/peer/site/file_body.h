// Bodies of the own site's answers: bytes that are in memory, or a file read in chunks.
#pragma once

#include <memory>

#include "peer/site/file_cache.h"
#include "peer/site/source.h"
#include "store/folder.h"

namespace goop::peer::site {

class SharedBody final : public SiteBody {
 public:
  SharedBody(SharedBytes bytes, BytesView part) : bytes_(std::move(bytes)), part_(part) {}

  BytesView ready() const override { return part_; }
  Task<BytesView> next(Deadline by) override;

 private:
  SharedBytes bytes_;
  BytesView part_;
};

// Reads ahead nothing: a chunk is read when it is asked for, on the loop thread if it is in memory,
// else on the pool. Before the last chunk is given out, the file is looked at once more.
class FileBody final : public SiteBody {
 public:
  FileBody(Runtime& runtime, std::shared_ptr<const store::File> file, wire::SiteSpan part)
      : runtime_(runtime), file_(std::move(file)), at_(part.first), left_(part.size) {}

  BytesView ready() const override { return {}; }
  Task<BytesView> next(Deadline by) override;

 private:
  Runtime& runtime_;
  std::shared_ptr<const store::File> file_;
  std::shared_ptr<Bytes> chunk_;  // shared with a job that may outlive a cancelled request
  std::uint64_t at_, left_;
};

}  // namespace goop::peer::site
