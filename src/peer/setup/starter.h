// Makes what is missing of a peer's folder, and never touches what is there.
//
// The site's starter files come only into a folder without a site: somebody who deleted a page
// does not get it back at the next start.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "peer/setup/config_file.h"
#include "peer/setup/folder_lock.h"
#include "peer/setup/identity.h"

namespace goop::peer::setup {

struct StarterFile {
  std::string_view path;  // below the site's root: "images/tree.svg"
  BytesView bytes;
};

struct Prepared {
  store::Folder folder;
  FolderLock lock;  // held as long as this lives
  ConfigFile config;
  Identity identity;
  bool folder_created = false, config_created = false, site_created = false;
  std::string config_warning = {};  // what was mended of goop.json, for the log; usually empty

  // What was made, for one line of output: "created peers/demo with goop.json, an identity and a
  // starter site"; empty when all was there.
  std::string created() const;
};

struct StarterOptions {
  std::string label = "hello";  // of a new goop.json
  std::span<const StarterFile> site = {};
  WallTime now{};
  crypto::Secret<32> fresh = {};  // becomes the key when there is none: 32 bytes of Runtime::random
};

// Takes the folder's lock first (conflict: another process has it), and stops at a goop.json with
// problems (invalid, a line each) before anything else is made.
Result<Prepared> prepare_folder(const std::filesystem::path& path, const StarterOptions& options);

}  // namespace goop::peer::setup
