#include "peer/setup/config_update.h"

#include <fcntl.h>
#include <sys/file.h>

namespace goop::peer::setup {

Result<ConfigFile> update_config(const store::Folder& folder,
                                 const std::function<Result<void>(ConfigFile&)>& edit) {
  // The folder is locked, not the file: saving puts another file in its place. Where there are no
  // locks, as on some network disks, it goes without.
  const store::Descriptor lock(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ::flock(lock.get(), LOCK_EX);
  GOOP_TRY(auto config, ConfigFile::load(folder));
  GOOP_CHECK(edit(config));
  GOOP_CHECK(config.save(folder));
  return config;
}

}  // namespace goop::peer::setup
