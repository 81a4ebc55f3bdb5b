// Finding places in a text: words by their beginnings, the best first.
//
// Every word of the query has to be the beginning of a word of the place: of its title, of the
// page's title, or of what stands there. A word in a title weighs more than one in the text, a
// whole word more than a beginning. ASCII letters count without case.
//
// Pure; built once.   Limits: limits.h, "of a search".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace goop::manual {

struct Place {
  std::string link;   // "/docs/hosting#install"
  std::string page;   // title of the page
  std::string title;  // of the part; empty: the page itself
  std::string text;
};

struct Found {
  const Place* place;
  std::string snippet;  // HTML: escaped, with <mark> around what was found
};

class Search {
 public:
  explicit Search(std::vector<Place> places);

  std::vector<Found> find(std::string_view query) const;

 private:
  struct Word {
    std::string text;
    bool in_title;
    bool operator==(const Word&) const = default;
    auto operator<=>(const Word&) const = default;
  };
  static int weight_of(const std::vector<Word>& words, std::string_view wanted);

  std::vector<Place> places_;
  std::vector<std::vector<Word>> words_;  // of each place, sorted, each once
};

}  // namespace goop::manual
