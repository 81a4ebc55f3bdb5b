// data/control.json: how the command line finds a running peer and proves that it may command it.
//
// Written when the viewer's API listens, removed at stop, readable by the owner alone. A file that
// a crash left behind names a process that is gone or an address that does not answer; the reader
// finds out by asking there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "store/folder.h"

namespace goop::peer::setup {

inline constexpr std::string_view control_name = "data/control.json";

struct ControlFile {
  std::int64_t pid = 0;  // of the writer, filled in when it is written
  std::string url;       // http://127.0.0.1:8080
  std::string token;     // bearer token; never in a log
};

std::string control_text(ControlFile control);
Result<void> write_control(const store::Folder& folder, const ControlFile& control);
void remove_control(const store::Folder& folder);  // no matter whether it is there

// not_found: the peer does not run. invalid: the file is damaged.
Result<ControlFile> read_control(const store::Folder& folder);

}  // namespace goop::peer::setup
