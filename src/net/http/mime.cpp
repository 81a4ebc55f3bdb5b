#include "net/http/mime.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace goop::net::http {
namespace {

struct Entry {
  std::string_view extension, type;
};

constexpr auto table = std::to_array<Entry>({
    {"aac", "audio/aac"},
    {"apng", "image/apng"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"bz2", "application/x-bzip2"},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"epub", "application/epub+zip"},
    {"flac", "audio/flac"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/vnd.microsoft.icon"},
    {"ics", "text/calendar; charset=utf-8"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"jsonld", "application/ld+json"},
    {"m4a", "audio/mp4"},
    {"m4v", "video/mp4"},
    {"map", "application/json"},
    {"md", "text/markdown; charset=utf-8"},
    {"mid", "audio/midi"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"oga", "audio/ogg"},
    {"ogg", "audio/ogg"},
    {"ogv", "video/ogg"},
    {"opus", "audio/ogg"},
    {"otf", "font/otf"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"rss", "application/rss+xml"},
    {"rtf", "application/rtf"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"toml", "application/toml"},
    {"ttf", "font/ttf"},
    {"txt", "text/plain; charset=utf-8"},
    {"vtt", "text/vtt; charset=utf-8"},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"weba", "audio/webm"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xhtml", "application/xhtml+xml"},
    {"xml", "text/xml; charset=utf-8"},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"zip", "application/zip"},
});
static_assert(std::ranges::is_sorted(table, {}, &Entry::extension));

struct Signature {
  std::string_view bytes, type;
};

// Only types that run nothing: a file cannot become a page or a script by its content.
constexpr auto signatures = std::to_array<Signature>({
    {"\x89PNG\r\n\x1a\n", "image/png"},
    {"\xff\xd8\xff", "image/jpeg"},
    {"GIF87a", "image/gif"},
    {"GIF89a", "image/gif"},
    {"%PDF-", "application/pdf"},
    {"PK\x03\x04", "application/zip"},
    {"\x1f\x8b\x08", "application/gzip"},
    {"OggS", "application/ogg"},
    {"\x1a\x45\xdf\xa3", "video/webm"},
    {"wOF2", "font/woff2"},
    {"wOFF", "font/woff"},
    {"ID3", "audio/mpeg"},
});

// WHATWG MIME Sniffing, 7.1: what begins like a page is one.
constexpr auto page_starts = std::to_array<std::string_view>(
    {"<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table",
     "<a", "<style", "<title", "<b", "<body", "<br", "<p", "<!--"});

bool is_page(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("\t\n\x0c\r "), text.size()));
  return std::ranges::any_of(page_starts, [text](std::string_view start) {
    if (text.size() <= start.size()) return false;
    if (ascii_lower(text.substr(0, start.size())) != start) return false;
    const char next = text[start.size()];
    return start == "<!--" || next == ' ' || next == '>';
  });
}

// WHATWG MIME Sniffing, "binary data byte".
bool is_binary(std::uint8_t byte) {
  return byte <= 0x08 || byte == 0x0b || (byte >= 0x0e && byte <= 0x1a) ||
         (byte >= 0x1c && byte <= 0x1f);
}

}  // namespace

std::optional<std::string_view> mime_by_name(std::string_view path) {
  const auto dot = path.find_last_of("./");
  if (dot == path.npos || path[dot] != '.') return std::nullopt;
  const auto text = path.substr(dot + 1);
  std::array<char, 16> lower;
  if (text.empty() || text.size() > lower.size()) return std::nullopt;
  std::ranges::transform(text, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  const std::string_view extension(lower.data(), text.size());
  const auto entry = std::ranges::lower_bound(table, extension, {}, &Entry::extension);
  if (entry == table.end() || entry->extension != extension) return std::nullopt;
  return entry->type;
}

std::string_view mime_by_content(BytesView start) {
  const auto text = as_text(start);
  for (const auto& [bytes, type] : signatures) {
    if (text.starts_with(bytes)) return type;
  }
  if (text.size() >= 12 && text.starts_with("RIFF")) {
    if (text.substr(8, 4) == "WEBP") return "image/webp";
    if (text.substr(8, 4) == "WAVE") return "audio/wav";
  }
  if (text.size() >= 12 && text.substr(4, 4) == "ftyp") {
    return text.substr(8, 4) == "avif" ? "image/avif" : "video/mp4";
  }
  if (is_page(text)) return "text/html; charset=utf-8";
  if (std::ranges::any_of(start, is_binary)) return "application/octet-stream";
  return "text/plain; charset=utf-8";
}

std::string_view better_mime(std::string_view claimed, std::string_view path) {
  const bool vague = claimed.empty() || claimed.starts_with("text/plain") ||
                     claimed.starts_with("application/octet-stream");
  if (vague) {
    if (const auto known = mime_by_name(path)) return *known;
  }
  return claimed.empty() ? "application/octet-stream" : claimed;
}

}  // namespace goop::net::http
