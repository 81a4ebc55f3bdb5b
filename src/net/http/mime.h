// Media types by file extension, else by looking at the first bytes.
//
// The table is our own and fixed: what a file is called decides what it is on every machine. The
// look at the content is the fallback that reference peers have: a page, text, or one of a few
// signatures (WHATWG MIME Sniffing, section 7.1).
//
// Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace goop::net::http {

// "text/css; charset=utf-8" for "a/b.CSS"; nullopt for an unknown extension.
std::optional<std::string_view> mime_by_name(std::string_view path);

// From the first bytes (512 are enough) of a file; "application/octet-stream" when nothing fits.
std::string_view mime_by_content(BytesView start);

// The type a browser is told for a file whose owner said `claimed`: reference owners say
// "text/plain" or "application/octet-stream" when they do not know, and then the name decides.
std::string_view better_mime(std::string_view claimed, std::string_view path);

}  // namespace goop::net::http
