// The HTTP status of an error, where nothing nearer the request knows better.
#pragma once

#include "base/error.h"

namespace goop::net::http {

int status_of(Errc code);

}  // namespace goop::net::http
