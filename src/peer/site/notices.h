// What lies in the own site's folder and visitors do not get, so that its owner can be told: they
// read only that there is nothing.
//
// Waits for the disk: a job for the pool.   Limits: limits::looked_at, notices.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "peer/site/rules.h"

namespace goop::peer::site {

struct SiteNotice {
  enum class Kind {
    no_folder,      // the site's folder is not there, or may not be read
    no_front_page,  // it has no index.html
    not_readable,   // the system refuses the file or folder to us
    link,           // a symbolic link, which is never followed
  };
  Kind kind;
  std::string path;  // below the site's folder

  bool operator==(const SiteNotice&) const = default;
};

std::string_view name(SiteNotice::Kind kind);  // "no_folder": as in the viewer's API

// The folder's own notices first. What is private by `rules` is passed over.
std::vector<SiteNotice> look_over(const std::filesystem::path& folder, const SiteRules& rules);

}  // namespace goop::peer::site
