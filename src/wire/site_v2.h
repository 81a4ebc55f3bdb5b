// The heads of /goop/site/2.0.0: requests one after another on a stream, answered in order.
//
//   > GET /css/a.css\naccept: br gzip\n
//   < ok\ntype: text/css; charset=utf-8\netag: 9c1-54b0…\nsize: 2497\nlength: 801\nencoding: br\n
//     + 801 bytes
//
// A head is text in lines, and travels behind its length as an unsigned varint (p2p/duplex.h,
// read_prefixed); the bytes of the body follow bare. Here are the texts alone.
//
// Spec:   docs/dev/protocols/site.md, "Version 2.0.0".
// Limits: limits::site_head_bytes, limits::site_head_fields.   Errors: decoders return invalid.
#pragma once

#include "wire/site_message.h"

namespace goop::wire::site_v2 {

std::string encode_request(const SiteRequest& request);
Result<SiteRequest> decode_request(std::string_view head);

// A head that was sent to a request for content is followed by head.body_size bytes when its
// status is ok or partial, else by none.
std::string encode_answer(const SiteAnswer& answer);

// What holds of a decoded head: sizes agree with status, range and encoding.
Result<SiteAnswer> decode_answer(std::string_view head);

}  // namespace goop::wire::site_v2
