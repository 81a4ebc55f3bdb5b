// errno as an answer for the caller, or as the Failure that it is.
#pragma once

#include <string_view>

#include "base/error.h"

namespace goop::store {

// What `path` could not be used for. Throws when it is the machine that failed, not the request.
std::unexpected<Error> refuse(int error, std::string_view action, std::string_view path);

// Throws Failure(storage), or Failure(busy) when descriptors or memory are used up.
[[noreturn]] void disk_failed(int error, std::string_view action, std::string_view path);

}  // namespace goop::store
