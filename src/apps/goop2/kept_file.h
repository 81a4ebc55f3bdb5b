// A small file in the peer's folder of which only the newest content counts.
//
// Written on the pool, whole or not at all, mode 0600; what is put while a write is under way is
// written after it, and of several only the last. A write that fails is logged, no more: such
// files spare a person something, and nothing depends on them.
//
// Thread: loop only.   Borrows: Runtime, Folder.   Limits: limits::kept_bytes
#pragma once

#include <optional>
#include <string>

#include "base/task_scope.h"
#include "store/folder.h"

namespace goop::apps {

class KeptFile {
 public:
  KeptFile(Runtime& runtime, const store::Folder& folder, std::string path)
      : runtime_(runtime), folder_(folder), path_(std::move(path)), writer_(runtime, "kept_file") {}

  std::string read() const;  // waits for the disk; empty when there is nothing to be read
  void put(std::string content);
  Task<> close();  // until the newest content is written

 private:
  Task<> write();

  Runtime& runtime_;
  const store::Folder& folder_;
  std::string path_;
  std::optional<std::string> newest_;
  bool writing_ = false;
  TaskScope writer_;
};

}  // namespace goop::apps
