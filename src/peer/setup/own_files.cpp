#include "peer/setup/own_files.h"

#include <algorithm>

#include "peer/setup/config_file.h"
#include "peer/setup/data_schema.h"

namespace goop::peer::setup {
namespace {

using Path = std::filesystem::path;

Path resolved(const Path& path, Look look) {
  if (look == Look::at_disk) {
    std::error_code unknown;
    if (auto real = std::filesystem::weakly_canonical(path, unknown); !unknown) return real;
  }
  return path.lexically_normal();
}

// Both resolved; a trailing slash is an empty last name.
bool lies_in(const Path& file, const Path& folder) {
  auto named = folder.end();
  if (folder.has_relative_path() && !folder.has_filename()) --named;
  return std::mismatch(folder.begin(), named, file.begin(), file.end()).first == named;
}

// A mount, or a disk that does not tell upper from lower case, gives one folder two names: the
// folders on the way are compared themselves.
bool lies_in_under_another_name(Path file, const Path& folder) {
  for (; file.has_relative_path(); file = file.parent_path()) {
    std::error_code missing;
    if (std::filesystem::equivalent(file, folder, missing) && !missing) return true;
  }
  return false;
}

}  // namespace

std::string own_file_in_site(const Path& folder, const Config& config, Look look) {
  const auto site = resolved(folder / config.paths.site_root, look);
  for (const std::string& name :
       {std::string(config_name), std::string(data_name), std::string("data"),
        config.identity.key_file, config.presence.relay_key_file, config.presence.peer_db_path}) {
    if (name.empty()) continue;
    const auto file = resolved(folder / name, look);
    if (lies_in(file, site)) return name;
    if (look == Look::at_disk && lies_in_under_another_name(file, site)) return name;
  }
  return {};
}

}  // namespace goop::peer::setup
