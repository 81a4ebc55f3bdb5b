// deps: codec
//
// Markdown from anybody: what is made of it has no element that the text asked for, no link that
// runs something, and no id that breaks out of its quotes.
#include "base/bytes.h"
#include "codec/limits.h"
#include "codec/markdown.h"

namespace goop::codec {
namespace {

// The elements that Markdown itself makes. A comment stands for HTML that was left out.
constexpr std::string_view known[] = {"!-- raw HTML omitted --",
                                      "a",
                                      "blockquote",
                                      "br",
                                      "code",
                                      "del",
                                      "em",
                                      "h1",
                                      "h2",
                                      "h3",
                                      "h4",
                                      "h5",
                                      "h6",
                                      "hr",
                                      "img",
                                      "li",
                                      "ol",
                                      "p",
                                      "pre",
                                      "strong",
                                      "table",
                                      "tbody",
                                      "td",
                                      "th",
                                      "thead",
                                      "tr",
                                      "ul"};

void check_elements(std::string_view html) {
  for (auto at = html.find('<'); at != html.npos; at = html.find('<', at + 1)) {
    auto rest = html.substr(at + 1);
    if (rest.starts_with('/')) rest.remove_prefix(1);
    const auto fits = [rest](std::string_view name) {
      const auto end = rest.substr(std::min(name.size(), rest.size()), 1);
      return rest.starts_with(name) && (end == ">" || end == " ");
    };
    GOOP_ASSERT(std::ranges::any_of(known, fits));
  }
}

void check_no_script(std::string_view html) {
  for (const std::string_view start : {"href=\"", "src=\""}) {
    for (auto at = html.find(start); at != html.npos; at = html.find(start, at + 1)) {
      std::string target(html.substr(at + start.size(), 11));
      for (char& c : target) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
      GOOP_ASSERT(!target.starts_with("javascript:") && !target.starts_with("vbscript:"));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(BytesView(data, size));
  const auto rule = [](std::string_view target) { return std::string(target); };
  const auto made = read_markdown(text, rule);
  if (!made) return 0;
  GOOP_ASSERT(size <= limits::markdown_bytes);
  check_elements(made->html);
  check_no_script(made->html);
  for (const auto& section : made->sections) {
    GOOP_ASSERT(is_utf8(section.title) && is_utf8(section.text));
    GOOP_ASSERT(section.id.find_first_of("\"<>&' ") == section.id.npos);
  }
  return 0;
}

}  // namespace goop::codec
