// The manual (docs/user/*.md) as pages: contents, one page at a time, search.
//
//   Manual manual(&assets::manual());
//   auto shown = manual.show("hosting", {}, "nl");        // below /docs/
//   auto found = manual.show("search", "q=port", "en");
//
// README.md is the front page, and the order of its links is the order of the pages. All is
// rendered when the first page is asked for, and kept. Links between the files become links
// between the pages, so the same text reads well on a disk.
//
// Borrows: AssetSet.   Thread: loop only.   Limits: limits.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/asset.h"
#include "codec/markdown.h"
#include "manual/search.h"

namespace goop::manual {

inline constexpr std::string_view docs_path = "/docs/";

struct Shown {
  int status = 200;  // or 404
  std::string title;
  std::string body;  // HTML for manual/frame.h
};

class Manual {
 public:
  explicit Manual(const AssetSet* files);  // null: built without a manual, everything is 404
  ~Manual();

  // `path`: what stands behind /docs/; `query` as sent; `language` of the words around the text.
  Shown show(std::string_view path, std::string_view query, std::string_view language);

 private:
  struct Heading {
    std::string id, title;
  };
  struct Page {
    std::string slug;  // empty: the front page
    std::string title, html;
    std::vector<Heading> parts;  // of the second level
  };
  struct Book;

  static Page page_of(std::string slug, const codec::Markdown& text);
  const Book& book();
  Shown found(std::string_view query, std::string_view language);
  std::string neighbour(const Page& page, int step);
  std::string around(const Page* current, std::string_view query, std::string_view language,
                     std::string_view inner);

  const AssetSet* files_;
  std::unique_ptr<Book> book_;
};

}  // namespace goop::manual
