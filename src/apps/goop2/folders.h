// A peer's folder as commands need it: made complete, or only looked at.
#pragma once

#include <filesystem>

#include "base/runtime.h"
#include "peer/setup/starter.h"

namespace goop::apps {

// Takes the lock and makes what is missing: goop.json, an identity, the starter site, in which the
// peer's label is put. A new peer is called like its folder.
Result<peer::setup::Prepared> prepare(Runtime& runtime, const std::filesystem::path& dir);

// Only looks. not_found: there is no peer in `dir`; the text says how to make one.
struct Existing {
  store::Folder folder;
  peer::setup::ConfigFile config;
};
Result<Existing> open_existing(const std::filesystem::path& dir);

// What to say where nobody runs in `dir`, or nobody who could be asked.
std::string not_running(const std::filesystem::path& dir);

// As `prepare`, but of a folder in which everything is there already.
Result<peer::setup::Prepared> take_existing(Runtime& runtime, const std::filesystem::path& dir);

}  // namespace goop::apps
