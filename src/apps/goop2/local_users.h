// Who of this computer's users may use the viewer as its owner.
//
// Thread: any; waits for the system's list of users, which may lie on a server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace goop::apps {

// The user who runs this program, root, and those of `names` whom the system knows; who is not
// known is said in the log.
std::vector<std::uint32_t> owners(const std::vector<std::string>& names);

}  // namespace goop::apps
