// What of a site's folder is nobody's to read, by name alone; decided before the disk is asked, so
// a refusal does not tell whether the file exists.
//
// Refused: everything in or below a name that begins with a dot (temporary files among them), in
// or below `lua`, and in or below the private folders of the configuration (scripts, sources,
// stage). The disk may take a name for another one, so names are compared as the most generous file
// system does it: without regard to case (the few signs beside ASCII that are ASCII letters in
// another case included), to signs that show nothing, and to dots and spaces at a name's end.
// Where a disk keeps short names (FAT), "GIT~1" may be ".git": such names are refused there.
// Symbolic links and special files are the folder's rule (store/folder.h).
//
// Pure.   The same rules hold for visitors and for the own viewer.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "wire/site_path.h"

namespace goop::peer::site {

class SiteRules {
 public:
  // `private_folders` are relative to the site's root: "src", "code\\lua". An empty one is the
  // root itself: then nothing can be read.
  explicit SiteRules(const std::vector<std::string>& private_folders = {});

  // For folders of the configuration, which may lie anywhere: those inside of `root` become
  // private, those outside cannot be reached anyway.
  static SiteRules for_root(const std::filesystem::path& root,
                            std::span<const std::filesystem::path> private_folders);

  bool readable(const wire::SitePath& path) const;

  void refuse_short_names() { short_names_ = true; }

 private:
  bool short_names_ = false;
  std::vector<std::string> private_;  // lower case, '/' between segments and at the end
};

}  // namespace goop::peer::site
