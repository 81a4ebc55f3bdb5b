// errno as an answer for the caller, or as the Failure that it is; each names the file, the reason
// and, where a person can do something, what.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace goop::store {

// "the disk is full; free some space on it"
std::string reason(int error);

// Whether descriptors or memory are used up: soon it may work.
bool is_passing(int error);

// What `path` could not be used for. Throws when it is the machine that failed, not the request.
std::unexpected<Error> refuse(int error, std::string_view action, std::string_view path);

// Throws Failure(storage), or Failure(busy) when descriptors or memory are used up, or
// Failure(conflict) when a file on a network disk was replaced while it was open (ESTALE).
[[noreturn]] void disk_failed(int error, std::string_view action, std::string_view path);

}  // namespace goop::store
