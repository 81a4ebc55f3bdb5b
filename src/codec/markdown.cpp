#include "codec/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <memory>
#include <set>

#include "base/bytes.h"
#include "codec/limits.h"

namespace goop::codec {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Parser = std::unique_ptr<cmark_parser, Release<cmark_parser_free>>;
using Tree = std::unique_ptr<cmark_node, Release<cmark_node_free>>;
using Walk = std::unique_ptr<cmark_iter, Release<cmark_iter_free>>;
using Text = std::unique_ptr<char, Release<std::free>>;

constexpr int options = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8;
constexpr const char* extensions[] = {"table", "strikethrough", "autolink"};

std::string_view or_empty(const char* text) { return text ? text : std::string_view(); }

bool is(cmark_node* node, std::string_view type) {
  return cmark_node_get_type_string(node) == type;
}

// As GitHub: lower case, spaces become dashes, all other marks are dropped, repetitions numbered.
class Ids {
 public:
  std::string make(std::string_view title) {
    std::string stem;
    for (const char c : title) {
      const bool upper = c >= 'A' && c <= 'Z';
      const bool kept = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                        c == '_' || static_cast<unsigned char>(c) >= 0x80;
      if (kept) stem += upper ? static_cast<char>(c | 0x20) : c;
      if (c == ' ') stem += '-';
    }
    auto id = stem;
    for (int i = 1; !taken_.insert(id).second; ++i) id = fmt::format("{}-{}", stem, i);
    return id;
  }

 private:
  std::set<std::string> taken_;
};

// One pass over the tree: sections, links; and what is to be replaced when nothing walks any more.
class Reader {
 public:
  explicit Reader(const LinkRule& rule) : rule_(rule) {}

  Result<void> read(cmark_node* root);
  void replace();
  std::vector<Markdown::Section> sections{{}};

 private:
  void enter(cmark_node* node);
  void leave(cmark_node* node);
  void say(std::string_view text) {
    (in_heading_ ? sections.back().title : sections.back().text) += text;
  }

  const LinkRule& rule_;
  bool in_heading_ = false;
  Ids ids_;
  std::vector<std::pair<cmark_node*, std::size_t>> headings_;  // with the number of its section
  std::vector<cmark_node*> blank_rows_;
  std::vector<Tree> replaced_;  // kept: what came out of them may still point into their text
};

Result<void> Reader::read(cmark_node* root) {
  Walk walk(cmark_iter_new(root));
  std::size_t depth = 0;
  for (auto event = cmark_iter_next(walk.get()); event != CMARK_EVENT_DONE;
       event = cmark_iter_next(walk.get())) {
    auto* node = cmark_iter_get_node(walk.get());
    if (event == CMARK_EVENT_ENTER) {
      const bool leaf = !cmark_node_first_child(node);
      if (depth + 1 > limits::markdown_nesting) {
        return fail(Errc::too_large, "nested more than {} deep", limits::markdown_nesting);
      }
      enter(node);
      // Only some kinds of leaves are left again; those without children need no count at all.
      if (!leaf) ++depth;
    } else {
      leave(node);
      if (cmark_node_first_child(node)) --depth;
    }
  }
  return {};
}

void Reader::enter(cmark_node* node) {
  const auto type = cmark_node_get_type(node);
  if (type == CMARK_NODE_HEADING) {
    sections.push_back({.level = cmark_node_get_heading_level(node)});
    headings_.emplace_back(node, sections.size() - 1);
    in_heading_ = true;
  } else if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE || type == CMARK_NODE_CODE_BLOCK) {
    say(or_empty(cmark_node_get_literal(node)));
    if (type == CMARK_NODE_CODE_BLOCK) say(" ");
  } else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK) {
    say(" ");
  } else if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE) {
    const std::string target = rule_(or_empty(cmark_node_get_url(node)));
    cmark_node_set_url(node, target.c_str());
  }
}

void Reader::leave(cmark_node* node) {
  const auto type = cmark_node_get_type(node);
  if (type == CMARK_NODE_HEADING) {
    sections.back().id = ids_.make(sections.back().title);
    in_heading_ = false;
  } else if (type == CMARK_NODE_PARAGRAPH || is(node, "table_cell")) {
    say(" ");
  } else if (is(node, "table_header")) {
    bool blank = true;
    for (auto* cell = cmark_node_first_child(node); cell; cell = cmark_node_next(cell)) {
      blank = blank && !cmark_node_first_child(cell);
    }
    if (blank) blank_rows_.push_back(node);
  }
}

// Headings get their ids; a table that names no columns has no row of names.
void Reader::replace() {
  for (const auto& [node, number] : headings_) {
    const auto& section = sections[number];
    auto* named = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK);
    const auto open = fmt::format("<h{} id=\"{}\">", section.level, section.id);
    cmark_node_set_on_enter(named, open.c_str());
    cmark_node_set_on_exit(named, fmt::format("</h{}>", section.level).c_str());
    while (auto* child = cmark_node_first_child(node)) cmark_node_append_child(named, child);
    cmark_node_replace(node, named);
    replaced_.emplace_back(node);
  }
  for (auto* row : blank_rows_) {
    cmark_node_unlink(row);
    replaced_.emplace_back(row);
  }
}

}  // namespace

Result<Markdown> read_markdown(std::string_view text, const LinkRule& rule) {
  if (text.size() > limits::markdown_bytes) {
    return fail(Errc::too_large, "more than {} bytes of Markdown", limits::markdown_bytes);
  }
  if (!is_utf8(text)) return fail(Errc::invalid, "Markdown that is no UTF-8");
  cmark_gfm_core_extensions_ensure_registered();
  Parser parser(cmark_parser_new(options));
  for (const auto* extension : extensions) {
    auto* found = cmark_find_syntax_extension(extension);
    GOOP_ASSERT(found != nullptr);
    cmark_parser_attach_syntax_extension(parser.get(), found);
  }
  cmark_parser_feed(parser.get(), text.data(), text.size());
  Tree tree(cmark_parser_finish(parser.get()));

  Reader reader(rule);  // outlives the rendering
  GOOP_CHECK(reader.read(tree.get()));
  reader.replace();
  Text html(
      cmark_render_html(tree.get(), options, cmark_parser_get_syntax_extensions(parser.get())));
  return Markdown{html.get(), std::move(reader.sections)};
}

}  // namespace goop::codec
