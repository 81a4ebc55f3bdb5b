// Markdown, as GitHub writes it, to HTML that is safe to show.
//
// Raw HTML is left out, and links that could run something (javascript:, data:) lead nowhere; so
// even a stranger's text is only text. Tables, strikethrough and bare addresses are understood.
// Headings get ids as GitHub gives them, so that one `#part` works in both places. What is said
// under which heading is there a second time, as plain text, for whoever wants to search it.
//
// Spec:   GitHub Flavored Markdown 0.29, by cmark-gfm.   Pure.   Thread: any.
// Limits: codec/limits.h.   Errors: invalid (no UTF-8), too_large (size, nesting).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace goop::codec {

struct Markdown {
  struct Section {
    int level = 0;                    // 0: what stands before the first heading
    std::string id = {}, title = {};  // of the heading; empty at level 0
    std::string text = {};            // without marks, words apart
  };
  std::string html;
  std::vector<Section> sections;  // in order; the one of level 0 is always there
};

// What becomes of the target of a link or picture.
using LinkRule = std::function<std::string(std::string_view target)>;

Result<Markdown> read_markdown(std::string_view text, const LinkRule& rule);

}  // namespace goop::codec
