// Changing goop.json beside others who change it: the command line, the viewer, an editor.
#pragma once

#include <functional>

#include "peer/setup/config_file.h"

namespace goop::peer::setup {

// Loads the file, lets `edit` change it, and saves it; of several at a time, in this process and
// in others, each begins with what the one before it saved. Nothing is written when `edit` fails.
// Waits for the disk. not_found: there is no file.
Result<ConfigFile> update_config(const store::Folder& folder,
                                 const std::function<Result<void>(ConfigFile&)>& edit);

}  // namespace goop::peer::setup
