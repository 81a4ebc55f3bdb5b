#include "wire/site_v1.h"

#include <charconv>
#include <vector>

#include "base/bytes.h"
#include "wire/site_limits.h"

namespace goop::wire::site_v1 {
namespace {

constexpr std::string_view index_file = "index.html";

struct Reason {
  SiteRefusal refusal;
  std::string_view text;
};
constexpr Reason reasons[] = {
    {SiteRefusal::bad_request, "bad request"}, {SiteRefusal::disabled, "site disabled"},
    {SiteRefusal::forbidden, "forbidden"},     {SiteRefusal::not_found, "not found"},
    {SiteRefusal::busy, "not found"},  // the protocol has no word for it
};

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\v\f";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

// The path with "." and ".." resolved; nullopt when it leaves the root, which only a path without
// a leading '/' can.
std::optional<std::string> clean(std::string_view path) {
  const bool absolute = path.starts_with('/');
  std::vector<std::string_view> kept;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment == "..") {
      if (!kept.empty()) {
        kept.pop_back();
      } else if (!absolute) {
        return std::nullopt;
      }
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
    begin = end + 1;
  }
  std::string text;
  for (const std::string_view segment : kept) {
    if (!text.empty()) text += '/';
    text += segment;
  }
  if (path.ends_with('/') && !text.empty()) text += '/';
  return text;
}

}  // namespace

Result<std::string> encode_request(const SitePath& path) {
  std::string line = "GET /" + path.text();
  if (path.directory()) line += index_file;
  if (trim(line).size() != line.size()) {
    return fail(Errc::unsupported, "version 1.0.0 cannot ask for a name that ends with a space");
  }
  return line + '\n';
}

Result<SitePath> decode_request(std::string_view line) {
  line = trim(line);
  if (!line.starts_with("GET ")) return fail(Errc::invalid, "no request: {}", printable(line, 40));
  const auto cleaned = clean(trim(line.substr(4)));
  if (!cleaned) return fail(Errc::forbidden, "a path that leaves the site");
  return SitePath::parse(*cleaned);
}

std::string encode_answer(const SiteAnswer& answer) {
  if (answer) return fmt::format("OK {} {}\n", answer->mime, answer->body_size);
  for (const Reason& reason : reasons) {
    if (reason.refusal == answer.error()) return fmt::format("ERR {}\n", reason.text);
  }
  return "ERR not found\n";
}

Result<SiteAnswer> decode_answer(std::string_view line) {
  line = trim(line);
  if (line.starts_with("ERR ")) {
    const std::string_view text = trim(line.substr(4));
    for (const Reason& reason : reasons) {
      if (reason.text == text) return SiteAnswer(std::unexpected(reason.refusal));
    }
    return fail(Errc::unsupported, "the owner refused: {}", printable(text, 80));
  }
  if (line.starts_with("EOK ")) {
    return fail(Errc::unsupported, "the owner answered sealed, which cannot be opened");
  }
  if (!line.starts_with("OK ")) return fail(Errc::invalid, "no answer: {}", printable(line, 40));
  // The type may contain spaces: the size is what follows the last one.
  const std::size_t last_space = line.rfind(' ');
  const std::string_view digits = line.substr(last_space + 1);
  SiteHead head;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), head.body_size);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return fail(Errc::invalid, "no size in: {}", printable(line, 80));
  }
  if (last_space > 3) head.mime = trim(line.substr(3, last_space - 3));
  if (!head.mime.empty() && !is_mime(head.mime)) {
    return fail(Errc::invalid, "no type: {}", printable(head.mime, 80));
  }
  head.total_size = head.body_size;
  return SiteAnswer(std::move(head));
}

}  // namespace goop::wire::site_v1
