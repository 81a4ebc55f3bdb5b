#include "viewer/pages.h"

#include "base/json.h"
#include "manual/frame.h"
#include "net/http/escape.h"

namespace goop::viewer {
namespace {

using net::http::escape_html;

// Replaces each {{name}} by what `look_up` gives for it.
template <class LookUp>
std::string replace_names(std::string_view text, const LookUp& look_up) {
  std::string out;
  for (;;) {
    const auto open = text.find("{{");
    const auto close = open == text.npos ? open : text.find("}}", open);
    if (close == text.npos) break;
    out += text.substr(0, open);
    out += look_up(text.substr(open + 2, close - open - 2));
    text.remove_prefix(close + 2);
  }
  out += text;
  return out;
}

std::map<std::string, std::string, std::less<>> read_texts(const AssetSet* assets,
                                                           std::string_view path) {
  const auto* file = assets ? assets->find(path) : nullptr;
  if (!file) return {};
  const auto texts = json::parse_as<std::map<std::string, std::string>>(as_text(file->bytes));
  GOOP_ASSERT(texts.has_value());  // built into the program
  return {texts->begin(), texts->end()};
}

}  // namespace

Pages::Pages(const AssetSet* assets)
    : assets_(assets),
      en_(read_texts(assets, "pages/text.en.json")),
      nl_(read_texts(assets, "pages/text.nl.json")) {}

std::string_view Pages::language(std::string_view accept) {
  return manual::choose_language(accept);
}

std::string Pages::text(std::string_view lang, std::string_view name,
                        std::string_view other) const {
  const auto& table = texts(lang);
  auto found = table.find(name);
  if (found == table.end()) found = table.find(other);
  return found == table.end() ? std::string(name) : found->second;
}

std::string Pages::fill(std::string_view name, std::string_view lang, PageValues values) const {
  values.emplace("lang", lang);
  const auto value = [&](std::string_view key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string() : escape_html(found->second);
  };
  const auto value_or_text = [&](std::string_view key) {
    if (values.contains(key)) return value(key);
    const auto& table = texts(lang);
    const auto found = table.find(key);
    return found == table.end() ? std::string() : replace_names(escape_html(found->second), value);
  };
  const auto* page = assets_ ? assets_->find(fmt::format("pages/{}", name)) : nullptr;
  if (!page) {  // a build without pages
    std::string plain = "<!doctype html><meta charset=\"utf-8\">";
    for (const auto& [key, content] : values)
      plain += fmt::format("<p>{}</p>", escape_html(content));
    return plain;
  }
  return replace_names(as_text(page->bytes), value_or_text);
}

}  // namespace goop::viewer
