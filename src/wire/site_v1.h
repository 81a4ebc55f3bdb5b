// The lines of /goop/site/1.0.0: one request, one answer, then the stream ends.
//
//   > GET /index.html                         < OK text/html; charset=utf-8 1234   (+ 1234 bytes)
//                                             < ERR not found
//
// Byte for byte what reference peers speak, without their sealed forms: a request `ENC:…` is a bad
// request here, an answer `EOK …` an error that says so (docs/dev/decisions). Lines come without
// their '\n', as p2p::read_line gives them.
//
// Spec:   docs/dev/protocols/site.md, "Version 1.0.0".
// Limits: limits::site_line_bytes.   Errors: decoders return invalid or unsupported.
#pragma once

#include "wire/site_message.h"

namespace goop::wire::site_v1 {

// "GET /a/b.html\n". A directory is asked for by its index file, since reference owners know no
// other; a path that the line's trimming would change cannot be asked for (unsupported).
Result<std::string> encode_request(const SitePath& path);

// What a request line asks for. The path is taken as reference owners take it: "." and empty
// segments mean nothing, ".." goes up. forbidden: it leaves the site; invalid: not a request.
Result<SitePath> decode_request(std::string_view line);

// "OK text/css; charset=utf-8 42\n" from head.mime and head.body_size; "ERR not found\n".
std::string encode_answer(const SiteAnswer& answer);

// The answer's line. unsupported: it is sealed; invalid: no line of this protocol.
Result<SiteAnswer> decode_answer(std::string_view line);

}  // namespace goop::wire::site_v1
