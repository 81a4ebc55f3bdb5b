#include "wire/site_message.h"

#include <algorithm>

#include "wire/site_limits.h"

namespace goop::wire {

std::string_view name(SiteEncoding encoding) {
  switch (encoding) {
    case SiteEncoding::identity:
      return "identity";
    case SiteEncoding::gzip:
      return "gzip";
    case SiteEncoding::br:
      return "br";
  }
  return "";
}

std::optional<SiteSpan> resolve(const SiteRange& range, std::uint64_t total) {
  if (range.suffix) {
    const std::uint64_t size = std::min(*range.suffix, total);
    if (size == 0) return std::nullopt;
    return SiteSpan{total - size, size};
  }
  const std::uint64_t first = range.first.value_or(0);
  if (first >= total) return std::nullopt;
  const std::uint64_t last = std::min(range.last.value_or(total - 1), total - 1);
  if (last < first) return std::nullopt;
  return SiteSpan{first, last - first + 1};
}

Errc errc(SiteRefusal refusal) {
  switch (refusal) {
    case SiteRefusal::bad_request:
      return Errc::invalid;
    case SiteRefusal::not_found:
      return Errc::not_found;
    case SiteRefusal::forbidden:
      return Errc::forbidden;
    case SiteRefusal::busy:
      return Errc::busy;
    case SiteRefusal::disabled:
      return Errc::unsupported;
  }
  return Errc::internal;
}

SiteRefusal refusal_of(Errc code) {
  switch (code) {
    case Errc::forbidden:
      return SiteRefusal::forbidden;
    case Errc::busy:
      return SiteRefusal::busy;
    case Errc::unsupported:
      return SiteRefusal::disabled;
    case Errc::invalid:
    case Errc::too_large:
    case Errc::violation:
      return SiteRefusal::bad_request;
    case Errc::not_found:
    case Errc::conflict:
    case Errc::unreachable:
    case Errc::closed:
    case Errc::timeout:
    case Errc::cancelled:
    case Errc::unverified:
    case Errc::storage:
    case Errc::internal:
      return SiteRefusal::not_found;
  }
  return SiteRefusal::not_found;
}

bool is_mime(std::string_view text) {
  return text.size() <= limits::site_mime_bytes && text.contains('/') && text.front() != ' ' &&
         text.back() != ' ' &&
         std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

bool is_etag(std::string_view text) {
  return !text.empty() && text.size() <= limits::site_etag_bytes &&
         std::ranges::all_of(text, [](unsigned char c) {
           return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != '\\';
         });
}

}  // namespace goop::wire
