// A small file in the peer's folder of which only the newest content counts.
//
// Written on the pool, whole or not at all, mode 0600; what is put while a write is under way is
// written after it, and of several only the last. A write that fails is logged with `means`, what
// a person misses while the file is not there, and tried again with growing pauses.
//
// Thread: loop only.   Borrows: Runtime, Folder.   Limits: limits::kept_bytes
#pragma once

#include <optional>
#include <string>

#include "base/failure_log.h"
#include "base/signal.h"
#include "base/task_scope.h"
#include "store/folder.h"

namespace goop::apps {

class KeptFile {
 public:
  KeptFile(Runtime& runtime, const store::Folder& folder, std::string path, std::string_view means)
      : runtime_(runtime),
        folder_(folder),
        path_(std::move(path)),
        failures_("file", fmt::format("{} ({})", path_, means)),
        woken_(runtime),
        tried_(runtime),
        writer_(runtime, "kept_file") {}

  std::string read() const;  // waits for the disk; empty when there is nothing to be read
  void put(std::string content);
  // Until what was put is written, or has failed and waits for another try.
  Task<> tried();
  // Until the newest content is written, or has failed once more.
  Task<> close();

 private:
  Task<> write();
  Task<> write_once(std::string text);

  Runtime& runtime_;
  const store::Folder& folder_;
  std::string path_;
  std::optional<std::string> newest_;
  bool writing_ = false, pausing_ = false, closing_ = false;
  FailureLog failures_;
  Signal woken_, tried_;
  TaskScope writer_;
};

}  // namespace goop::apps
