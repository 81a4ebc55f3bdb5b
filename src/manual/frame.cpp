#include "manual/frame.h"

#include <fmt/format.h>

#include <charconv>

#include "net/http/escape.h"

namespace goop::manual {
namespace {

using net::http::escape_html;

constexpr std::string_view languages[] = {"en", "nl"};

struct Words {
  std::string_view skip, pages, theme, light, dark, system;
  std::string_view copied, not_copied;
};
constexpr Words english{"Skip to the content",
                        "Pages",
                        "Theme",
                        "Light",
                        "Dark",
                        "As the system",
                        "Copied",
                        "Copying failed: select the text instead"};
constexpr Words dutch{"Naar de inhoud", "Pagina's",
                      "Thema",          "Licht",
                      "Donker",         "Zoals het systeem",
                      "Gekopieerd",     "Kopiëren is niet gelukt: selecteer de tekst"};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

double weight_of(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == parameters.npos) return 1;
  double weight = 0;
  std::from_chars(parameters.data() + at + 2, parameters.data() + parameters.size(), weight);
  return weight;
}

}  // namespace

std::string framed(const Frame& frame) {
  const auto& words = frame.language == "nl" ? dutch : english;
  std::string links;
  for (const auto& link : frame.links) {
    links += fmt::format("<a href=\"{}\"{}>{}</a>\n", escape_html(link.href),
                         link.current ? " aria-current=\"page\"" : "", escape_html(link.text));
  }
  return fmt::format(
      R"(<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Goop²</title>
<link rel="icon" type="image/svg+xml" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/site.css">
<script type="module" blocking="render" src="/assets/site.js"></script>
</head>
<body data-theme-name="{theme}" data-theme-light="{light}" data-theme-dark="{dark}" )"
      R"(data-theme-system="{system}" data-copied="{copied}" data-not-copied="{not_copied}">
<a class="skip" href="#content">{skip}</a>
<header>
<a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="28" height="28">{home}</a>
<nav aria-label="{pages}">
{links}</nav>
</header>
<main id="content" tabindex="-1">
{body}
</main>
<footer><p>{footer}</p></footer>
</body>
</html>
)",
      fmt::arg("language", frame.language == "nl" ? "nl" : "en"),
      fmt::arg("title", escape_html(frame.title)), fmt::arg("theme", escape_html(words.theme)),
      fmt::arg("light", words.light), fmt::arg("dark", words.dark),
      fmt::arg("system", words.system), fmt::arg("copied", words.copied),
      fmt::arg("not_copied", words.not_copied), fmt::arg("skip", words.skip),
      fmt::arg("home", escape_html(frame.home)), fmt::arg("pages", escape_html(words.pages)),
      fmt::arg("links", links), fmt::arg("body", frame.body),
      fmt::arg("footer", escape_html(frame.footer)));
}

std::string_view choose_language(std::string_view accept) {
  std::string_view best = languages[0];
  double most = 0;
  while (!accept.empty()) {
    const auto comma = std::min(accept.find(','), accept.size());
    const auto item = trimmed(accept.substr(0, comma));
    accept.remove_prefix(std::min(comma + 1, accept.size()));
    const auto semicolon = std::min(item.find(';'), item.size());
    const auto tag = item.substr(0, std::min(item.find('-'), semicolon));
    const auto weight = weight_of(item.substr(semicolon));
    for (const auto language : languages) {
      if (trimmed(tag) != language || weight <= most) continue;
      best = language;
      most = weight;
    }
  }
  return best;
}

}  // namespace goop::manual
