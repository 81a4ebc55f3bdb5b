#include "manual/manual.h"

#include <fmt/format.h>

#include "codec/markdown.h"
#include "manual/limits.h"
#include "net/http/escape.h"
#include "net/http/target.h"

namespace goop::manual {
namespace {

using net::http::escape_html;

constexpr std::string_view front_file = "README.md", search_slug = "search", file_end = ".md";

struct Words {
  std::string_view manual, contents, pages_around, search, go, results, nothing, missing, back;
};
constexpr Words english{"Manual",
                        "Contents of the manual",
                        "The pages around",
                        "Search the manual",
                        "Search",
                        "Found in the manual",
                        "Nothing was found. Try fewer words, or only their beginnings.",
                        "There is no such page",
                        "To the contents of the manual"};
constexpr Words dutch{"Handleiding",
                      "Inhoud van de handleiding",
                      "De pagina's eromheen",
                      "Zoek in de handleiding",
                      "Zoek",
                      "Gevonden in de handleiding",
                      "Niets gevonden. Probeer minder woorden, of alleen hun begin.",
                      "Deze pagina is er niet",
                      "Naar de inhoud van de handleiding"};

const Words& words_in(std::string_view language) { return language == "nl" ? dutch : english; }

std::string slug_of(std::string_view file) {
  if (file == front_file) return {};
  return std::string(file.substr(0, file.size() - file_end.size()));
}

std::string link_to(std::string_view slug) { return fmt::format("{}{}", docs_path, slug); }

bool is_page(std::string_view file) {
  return file.ends_with(file_end) && file.find('/') == file.npos;
}

// hosting.md#install becomes /docs/hosting#install; all else stays.
std::string page_link(std::string_view target) {
  const auto hash = std::min(target.find('#'), target.size());
  const auto file = target.substr(0, hash);
  if (!is_page(file)) return std::string(target);
  return fmt::format("{}{}", link_to(slug_of(file)), target.substr(hash));
}

// What was searched for, cut to its cap at a whole character.
std::string asked_in(std::string_view query) {
  auto asked = net::http::query_value(query, "q").value_or("");
  if (!is_utf8(asked)) return {};
  asked.resize(std::min(asked.size(), limits::query_bytes));
  while (!is_utf8(asked)) asked.pop_back();
  return asked;
}

}  // namespace

struct Manual::Book {
  std::vector<Page> pages;  // the front page first
  Search search{{}};
};

Manual::Manual(const AssetSet* files) : files_(files) {}
Manual::~Manual() = default;

// The pages in the order in which they are linked to, beginning at the front page.
const Manual::Book& Manual::book() {
  if (book_) return *book_;
  book_ = std::make_unique<Book>();
  std::vector<std::string> order{std::string(front_file)};
  const auto rule = [&order](std::string_view target) {
    const auto file = target.substr(0, target.find('#'));
    const bool known = std::ranges::find(order, file) != order.end();
    if (is_page(file) && !known) order.emplace_back(file);
    return page_link(target);
  };
  std::vector<Place> places;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto* file = files_ ? files_->find(order[i]) : nullptr;
    if (!file) continue;
    const auto slug = slug_of(order[i]);
    auto text = codec::read_markdown(as_text(file->bytes), rule);
    GOOP_ASSERT(text.has_value());  // built into the program
    book_->pages.push_back(page_of(slug, *text));
    for (auto& section : text->sections) {
      const bool whole = section.level <= 1;
      if (whole && section.text.empty()) continue;
      places.push_back({whole ? link_to(slug) : fmt::format("{}#{}", link_to(slug), section.id),
                        book_->pages.back().title, whole ? "" : std::move(section.title),
                        std::move(section.text)});
    }
  }
  book_->search = Search(std::move(places));
  return *book_;
}

Manual::Page Manual::page_of(std::string slug, const codec::Markdown& text) {
  Page page{std::move(slug), {}, text.html, {}};
  for (const auto& section : text.sections) {
    if (section.level == 1 && page.title.empty()) page.title = section.title;
    if (section.level == 2) page.parts.push_back({section.id, section.title});
  }
  return page;
}

// Search field and contents beside what is shown.
std::string Manual::around(const Page* current, std::string_view query, std::string_view language,
                           std::string_view inner) {
  const auto& words = words_in(language);
  std::string contents;
  for (const auto& page : book().pages) {
    std::string parts;
    for (const auto& part : page.parts) {
      if (&page != current) break;
      parts += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", escape_html(part.id),
                           escape_html(part.title));
    }
    contents +=
        fmt::format("<li><a href=\"{}\"{} lang=\"en\">{}</a>{}</li>\n", link_to(page.slug),
                    &page == current ? " aria-current=\"page\"" : "", escape_html(page.title),
                    parts.empty() ? "" : fmt::format("\n<ul>\n{}</ul>\n", parts));
  }
  return fmt::format(
      R"(<div class="manual">
<aside>
<form role="search" action="{path}{search}">
<input type="search" name="q" value="{query}" aria-label="{label}" maxlength="{most}">
<button type="submit">{go}</button>
</form>
<nav aria-label="{name}">
<ul class="contents">
{contents}</ul>
</nav>
</aside>
<div>
{inner}</div>
</div>)",
      fmt::arg("path", docs_path), fmt::arg("search", search_slug),
      fmt::arg("query", escape_html(query)), fmt::arg("label", words.search),
      fmt::arg("most", limits::query_bytes), fmt::arg("go", words.go),
      fmt::arg("name", words.contents), fmt::arg("contents", contents), fmt::arg("inner", inner));
}

Shown Manual::found(std::string_view query, std::string_view language) {
  const auto& words = words_in(language);
  const auto asked = asked_in(query);
  std::string list;
  for (const auto& found : book().search.find(asked)) {
    const auto& place = *found.place;
    const auto part = place.title.empty() ? "" : fmt::format(" › {}", escape_html(place.title));
    list += fmt::format("<li><a href=\"{}\">{}{}</a>\n<p>{}</p></li>\n", escape_html(place.link),
                        escape_html(place.page), part, found.snippet);
  }
  const auto inner = list.empty()
                         ? fmt::format("<p>{}</p>\n", words.nothing)
                         : fmt::format("<ul class=\"found\" lang=\"en\">\n{}</ul>\n", list);
  return {200, std::string(words.results),
          around(nullptr, asked, language, fmt::format("<h1>{}</h1>\n{}", words.results, inner))};
}

// The page before this one, or behind it.
std::string Manual::neighbour(const Page& page, int step) {
  const auto& pages = book().pages;
  const auto at = &page - pages.data() + step;
  if (at < 0 || at >= std::ssize(pages)) return "<span></span>";
  const auto& other = pages[static_cast<std::size_t>(at)];
  return fmt::format("<a rel=\"{}\" href=\"{}\">{}{}{}</a>", step < 0 ? "prev" : "next",
                     link_to(other.slug), step < 0 ? "← " : "", escape_html(other.title),
                     step < 0 ? "" : " →");
}

Shown Manual::show(std::string_view path, std::string_view query, std::string_view language) {
  if (path == search_slug) return found(query, language);
  const auto& words = words_in(language);
  const auto page = std::ranges::find(book().pages, path, &Page::slug);
  if (page == book().pages.end()) {
    const auto inner = fmt::format("<h1>{}</h1>\n<p><a href=\"{}\">{}</a></p>\n", words.missing,
                                   docs_path, words.back);
    return {404, std::string(words.missing), around(nullptr, {}, language, inner)};
  }
  const auto inner = fmt::format(
      "<article lang=\"en\">\n{}</article>\n"
      "<nav class=\"around\" aria-label=\"{}\" lang=\"en\">\n{}\n{}\n</nav>\n",
      page->html, words.pages_around, neighbour(*page, -1), neighbour(*page, 1));
  return {200, page->title, around(&*page, {}, language, inner)};
}

}  // namespace goop::manual
