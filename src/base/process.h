// What the system says of this process.
//
// Thread: any.
#pragma once

#include <cstddef>

namespace goop {

std::size_t resident_bytes();  // memory that is in use right now; 0 where the system does not say

}  // namespace goop
