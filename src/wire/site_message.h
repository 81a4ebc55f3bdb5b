// What is asked of a site and what is said of the answer, whatever protocol carries it.
//
// The bytes of the body are not part of it. /goop/site/2.0.0 (site_v2.h) carries all of it,
// /goop/site/1.0.0 (site_v1.h) only path, type and length; the viewer's HTTP speaks the same terms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "wire/site_path.h"

namespace goop::wire {

enum class SiteEncoding { identity, gzip, br };
std::string_view name(SiteEncoding encoding);  // "identity", "gzip", "br": as in HTTP

// The encodings beside identity that the asking side can make use of.
struct SiteEncodings {
  bool gzip = false;
  bool br = false;

  bool allows(SiteEncoding encoding) const {
    return encoding == SiteEncoding::identity || (encoding == SiteEncoding::gzip ? gzip : br);
  }
  bool operator==(const SiteEncodings&) const = default;
};

// Which bytes of a file are wanted: `first` to `last` (inclusive; open end when absent), or the
// last `suffix` bytes. Ranges always count bytes of the file itself, never of an encoded form.
struct SiteRange {
  std::optional<std::uint64_t> first, last, suffix;

  static SiteRange from(std::uint64_t first) { return {first, {}, {}}; }
  static SiteRange between(std::uint64_t first, std::uint64_t last) { return {first, last, {}}; }
  static SiteRange tail(std::uint64_t count) { return {{}, {}, count}; }
  bool operator==(const SiteRange&) const = default;
};

// A piece of a file: `size` bytes from `first`.
struct SiteSpan {
  std::uint64_t first = 0;
  std::uint64_t size = 0;
  bool operator==(const SiteSpan&) const = default;
};

// The bytes that `range` selects of a file of `total` bytes; nullopt when there are none.
std::optional<SiteSpan> resolve(const SiteRange& range, std::uint64_t total);

// The owner's "no"; each protocol has its own words for them.
enum class SiteRefusal { bad_request, not_found, forbidden, busy, disabled };
Errc errc(SiteRefusal refusal);
SiteRefusal refusal_of(Errc code);  // what an answerer says to its caller for an error of its own

enum class SiteWant { content, head };  // head: everything but the body

struct SiteRequest {
  SitePath path;
  SiteWant want = SiteWant::content;
  std::optional<SiteRange> range;  // an answer with a range is never encoded
  std::string if_none_match;       // an ETag as an answer gave it; empty: none
  std::string if_range;            // `range` counts only while this is the file's ETag
  SiteEncodings accept;

  bool operator==(const SiteRequest&) const = default;
};

enum class SiteStatus {
  ok,             // the whole file
  partial,        // the bytes of `range`
  not_modified,   // what `if_none_match` names is still right
  directory,      // a directory's name without its '/': ask again with it
  unsatisfiable,  // the range selects nothing; `total_size` says why
};

struct SiteHead {
  SiteStatus status = SiteStatus::ok;
  std::string mime;               // "text/html; charset=utf-8"
  std::string etag;               // opaque, without quotes, of this encoding; empty: unknown
  std::uint64_t total_size = 0;   // of the file, before any encoding
  std::uint64_t body_size = 0;    // bytes of the body (were there one, with SiteWant::head)
  std::optional<SiteSpan> range;  // with partial
  SiteEncoding encoding = SiteEncoding::identity;
  std::optional<std::int64_t> modified;  // seconds since 1970

  bool operator==(const SiteHead&) const = default;
};

using SiteAnswer = std::expected<SiteHead, SiteRefusal>;

// "text/html; charset=utf-8": printable ASCII of bounded length with a '/' in it, fit for a header
// line. The type of a remote file is text of a stranger, and passes through here.
bool is_mime(std::string_view text);

// Printable ASCII of bounded length without space, quote, comma or backslash; not empty.
bool is_etag(std::string_view text);

}  // namespace goop::wire
