// What the system says of this process.
//
// Thread: any.
#pragma once

#include <cstddef>

namespace goop {

std::size_t resident_bytes();  // memory that is in use right now; 0 where the system does not say

// Gives back the pages of code and constants, which a start has touched nearly all of. Those that
// are used after it come back by themselves, from the system's cache of the files. A hint: where
// the system does not take it, nothing happens.
void give_back_startup_pages();

}  // namespace goop
