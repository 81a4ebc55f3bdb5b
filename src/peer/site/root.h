// The folder of the own site, found by its path: who replaces it (mv and cp, a generator, git
// checkout, a mount) replaces what visitors read.
//
// Each request opens what the path leads to now, and everything of the request is opened beneath
// that handle, so a swap in between can mix nothing and leads nowhere else. Nothing stays open
// between requests: a disk with a site can be unmounted.
//
// When the path leads to another folder than before, `inspect` is asked on the pool what of that
// one is private, and whether it may be served at all (it may by now hold the peer's own files).
// A folder that is missing for a moment is not found, and said once.
//
// Owns: what is known of the folder.   Borrows: Runtime.   Thread: loop only.
// Errors: not_found (nothing is there), forbidden (inspect, or the system). Failure: storage, busy.
#pragma once

#include <functional>
#include <memory>

#include "base/failure_log.h"
#include "base/runtime.h"
#include "peer/site/rules.h"
#include "store/folder.h"

namespace goop::peer::site {

class SiteRoot {
 public:
  using Inspect = std::function<Result<SiteRules>()>;  // on the pool: must own what it uses

  SiteRoot(Runtime& runtime, std::filesystem::path path, Inspect inspect)
      : runtime_(runtime), path_(std::move(path)), inspect_(std::move(inspect)) {}

  struct Place {
    store::Folder folder;
    std::shared_ptr<const SiteRules> rules;
  };
  // Costs two system calls while the folder is the one it was.
  Task<Result<Place>> open();

 private:
  struct Inspected {
    Place place;
    store::FileInfo folder;
  };
  static Result<Inspected> look_anew(const std::filesystem::path& path, const Inspect& inspect);
  Task<Result<Place>> open_anew();
  std::optional<Result<Place>> try_open();
  std::unexpected<Error> away(Error error);

  Runtime& runtime_;
  std::filesystem::path path_;
  Inspect inspect_;
  std::shared_ptr<const SiteRules> rules_;  // null: not inspected yet
  store::FileInfo known_;                   // the folder that they are for
  FailureLog failures_{"site.folder"};
};

}  // namespace goop::peer::site
