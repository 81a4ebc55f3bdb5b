// What of a peer's folder is nobody's to read, and whether a site would give it away.
//
// A site's root may lie anywhere, but nothing of this may lie in it: the settings with their
// passwords, the database, the identity, the token of the running peer. One wrong word in
// goop.json ("site_root": ".") would else hand the identity to every visitor.
//
// At names: pure, for the settings' own rules.   At the disk: with links followed, for the start.
#pragma once

#include <filesystem>
#include <string>

#include "peer/setup/config.h"

namespace goop::peer::setup {

enum class Look { at_names, at_disk };

// The first of the own files that lies in the site of the peer in `folder`; empty: none.
std::string own_file_in_site(const std::filesystem::path& folder, const Config& config, Look look);

}  // namespace goop::peer::setup
