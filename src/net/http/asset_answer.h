// A file that the program carries inside itself, as the answer to a request for it: compressed
// where the client takes that. (Where the client has it already, the server leaves its bytes out:
// preconditions.h.)
//
// Pure.
#pragma once

#include "base/asset.h"
#include "net/http/message.h"

namespace goop::net::http {

enum class Caching {
  forever,     // the name changes with the content
  check_back,  // the name stays: the client asks each time whether its copy still holds
};

Response asset_answer(const Request& request, const Asset& asset, Caching caching);

}  // namespace goop::net::http
