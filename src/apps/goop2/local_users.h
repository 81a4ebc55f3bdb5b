// Who of this computer's users may use the viewer as its owner.
//
// Thread: any; waits for the system's list of users, which may lie on a server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace goop::apps {

// Returns the uids of the user who runs this program, of root, and of `names`. Names that the
// system does not know are left out and logged.
std::vector<std::uint32_t> owners(const std::vector<std::string>& names);

}  // namespace goop::apps
