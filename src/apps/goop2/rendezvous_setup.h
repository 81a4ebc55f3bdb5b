// A rendezvous server from goop.json: what its options are, and how many files it may open.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "peer/setup/config_file.h"
#include "rendezvous/server.h"

namespace goop::apps {

// `port_word`: the environment's PORT, which counts where the file names no port (so hosting
// platforms say it). Errors: invalid: it is no port, or the address or a network is none.
Result<rendezvous::Options> rendezvous_options(const peer::setup::ConfigFile& config,
                                               const std::filesystem::path& dir,
                                               std::optional<std::string_view> port_word);

// A clear-text presence.admin_password becomes its hash: for this run, and in the file, of which
// the rest stays as it is. That the file cannot be written is said in the log and stops nobody.
void hash_admin_password(const store::Folder& folder, peer::setup::ConfigFile& config);

// Raises the process's limit of open files as far as it may, and gives it.
std::size_t raise_file_limit();

}  // namespace goop::apps
