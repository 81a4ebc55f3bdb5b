#include "manual/search.h"

#include <algorithm>

#include "base/ascii.h"
#include "manual/limits.h"
#include "net/http/escape.h"

namespace goop::manual {
namespace {

using net::http::escape_html;

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Calls `each(begin, size)` for each word, at most `most` times.
template <class Each>
void each_word(std::string_view text, std::size_t most, const Each& each) {
  for (std::size_t at = 0; at < text.size() && most > 0; --most) {
    while (at < text.size() && !in_word(text[at])) ++at;
    const auto begin = at;
    while (at < text.size() && in_word(text[at])) ++at;
    if (at > begin) each(begin, at - begin);
  }
}

std::vector<std::string> words_of_query(std::string_view query) {
  std::vector<std::string> words;
  query = query.substr(0, limits::query_bytes);
  each_word(query, limits::query_words, [&](std::size_t begin, std::size_t size) {
    words.push_back(ascii_lower(query.substr(begin, size)));
  });
  return words;
}

struct Span {
  std::size_t begin, size;
};

std::vector<Span> spans_of(std::string_view text, const std::vector<std::string>& wanted) {
  std::vector<Span> spans;
  each_word(text, text.size(), [&](std::size_t begin, std::size_t size) {
    const auto word = ascii_lower(text.substr(begin, size));
    for (const auto& beginning : wanted) {
      if (!word.starts_with(beginning)) continue;
      spans.push_back({begin, beginning.size()});
      break;
    }
  });
  return spans;
}

// The end of the last whole word that fits.
std::size_t cut_at(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  const auto space = text.rfind(' ', most);
  if (space != text.npos && space > 0) return space;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return most;
}

// A piece of `text` that begins a little before the first thing found.
std::string snippet_of(std::string_view text, const std::vector<std::string>& wanted) {
  const auto spans = spans_of(text, wanted);
  std::size_t begin = 0;
  if (!spans.empty() && spans[0].begin > limits::snippet_bytes / 3) {
    const auto space = text.rfind(' ', spans[0].begin - limits::snippet_bytes / 4);
    begin = space == text.npos ? spans[0].begin : space + 1;
  }
  const auto end = begin + cut_at(text.substr(begin), limits::snippet_bytes);
  std::string html = begin > 0 ? "… " : "";
  std::size_t at = begin;
  for (const auto& span : spans) {
    if (span.begin < at || span.begin + span.size > end) continue;
    html += escape_html(text.substr(at, span.begin - at));
    html += "<mark>" + escape_html(text.substr(span.begin, span.size)) + "</mark>";
    at = span.begin + span.size;
  }
  html += escape_html(text.substr(at, end - at));
  if (end < text.size()) html += " …";
  return html;
}

}  // namespace

Search::Search(std::vector<Place> places) : places_(std::move(places)) {
  for (const auto& place : places_) {
    auto& words = words_.emplace_back();
    const auto take = [&words](const std::string& text, bool in_title) {
      each_word(text, text.size(), [&](std::size_t begin, std::size_t size) {
        words.push_back({ascii_lower(std::string_view(text).substr(begin, size)), in_title});
      });
    };
    take(place.title.empty() ? place.page : place.title, true);
    if (!place.title.empty()) take(place.page, false);
    take(place.text, false);
    std::ranges::sort(words);
    const auto repeated = std::ranges::unique(words);
    words.erase(repeated.begin(), repeated.end());
  }
}

// 0: none of them begins like this.
int Search::weight_of(const std::vector<Word>& words, std::string_view wanted) {
  int weight = 0;
  const auto first = std::ranges::lower_bound(words, wanted, {}, &Word::text);
  for (auto word = first; word != words.end() && word->text.starts_with(wanted); ++word) {
    const bool whole = word->text.size() == wanted.size();
    weight = std::max(weight, (word->in_title ? 10 : 2) + (whole ? 3 : 0));
  }
  return weight;
}

std::vector<Found> Search::find(std::string_view query) const {
  const auto wanted = words_of_query(query);
  if (wanted.empty()) return {};
  struct Hit {
    int weight;
    std::size_t place;
  };
  std::vector<Hit> hits;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    int total = 0;
    for (const auto& word : wanted) {
      const int weight = weight_of(words_[i], word);
      total = weight == 0 ? -1 : total + weight;
      if (total < 0) break;
    }
    if (total > 0) hits.push_back({total, i});
  }
  const auto best_first = [](const Hit& hit) { return std::pair(-hit.weight, hit.place); };
  std::ranges::sort(hits, {}, best_first);
  if (hits.size() > limits::results) hits.resize(limits::results);
  std::vector<Found> found;
  for (const auto& hit : hits) {
    found.push_back({&places_[hit.place], snippet_of(places_[hit.place].text, wanted)});
  }
  return found;
}

}  // namespace goop::manual
