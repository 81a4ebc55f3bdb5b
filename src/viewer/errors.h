// Errors as HTTP says them: one table for statuses and names, whatever the route.
#pragma once

#include <string_view>

#include "base/error.h"

namespace goop::viewer {

// The status for an error of this kind.
int status_of(Errc code);

// The stable name that API clients and pages decide by: "not_found". Refusals of guard and router
// have names that no Errc has: `signed_out` (401), `method`, `media_type`, `misdirected` (421).
std::string_view code_of(Errc code);
std::string_view code_of_status(int status);

// What a person can do about it; may be empty.
std::string_view hint_of(Errc code);

}  // namespace goop::viewer
