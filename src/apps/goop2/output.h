// Where the bytes of `goop2 visit` go: stdout, a file that is whole or not there, or a device or
// pipe that is there already.
//
// Written on the pool, so that a pager which does not read keeps nobody else waiting.
//
// Thread: loop only.   Borrows: Runtime.   Errors: Failure(storage, conflict).
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/runtime.h"

namespace goop::apps {

class Output {
 public:
  Output(Runtime& runtime, std::filesystem::path file);  // an empty name: stdout
  ~Output();                                             // removes a file that is not finished
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Task<> write(BytesView bytes);
  void finish();

 private:
  Runtime& runtime_;
  std::filesystem::path file_, part_;
  int fd_;
};

}  // namespace goop::apps
