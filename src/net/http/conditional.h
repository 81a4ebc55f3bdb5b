// Entity-tags and ranges (RFC 9110 sections 8.8, 13.1.5 and 14), as far as a file server needs
// them; what follows from conditions is in preconditions.h.
//
// ETags are passed without quotes and without `W/`. A number too large for a file is as good as the
// largest there is. Only a single range is honoured: a request for
// several gets the whole file, which the RFC allows and which costs nobody amplification.
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace goop::net::http {

// `first` to `last` inclusive, open end when absent, or the last `suffix` bytes.
struct RangeSpec {
  std::optional<std::uint64_t> first, last, suffix;
  bool operator==(const RangeSpec&) const = default;
};

// The one range of a Range field; nullopt when there is none to honour (other unit, several, bad).
std::optional<RangeSpec> parse_range(std::string_view field);

struct ByteSpan {
  std::uint64_t first = 0, size = 0;
  bool operator==(const ByteSpan&) const = default;
};

// What it selects of `total` bytes; nullopt: nothing (416).
std::optional<ByteSpan> select(const RangeSpec& range, std::uint64_t total);

struct EntityTag {
  std::string_view text;  // without quotes and W/; empty: none
  bool weak = false;
};

// Takes one from the front of a list; nullopt at its end or at what is none.
std::optional<EntityTag> take_etag(std::string_view& list);

// The only ETag of a list, fit to be passed on; empty when there are several or none.
std::string_view single_etag(std::string_view field);

// If-Range: is the file still what the client has parts of? Strong comparison; a date must equal.
bool if_range_holds(std::string_view field, std::string_view etag,
                    std::optional<std::int64_t> modified);

// The ETag in an If-Range field, empty when it is a date or weak.
std::string_view if_range_etag(std::string_view field);

// Accept-Encoding: is `coding` wanted (listed, or `*`, and not q=0)?
bool accepts_encoding(std::string_view field, std::string_view coding);

}  // namespace goop::net::http
