// Errors as HTTP says them: one table for statuses and names, whatever the route.
#pragma once

#include <string_view>

#include "base/error.h"

namespace goop::viewer {

// The status for an error of this kind.
int status_of(Errc code);

// The stable name that API clients and pages decide by: "not_found". 401 has one of its own,
// `signed_out`, and 421 is `misdirected`; they come from the guard, not from an Errc.
std::string_view code_of(Errc code);
std::string_view code_of_status(int status);

// What a person can do about it; may be empty.
std::string_view hint_of(Errc code);

}  // namespace goop::viewer
