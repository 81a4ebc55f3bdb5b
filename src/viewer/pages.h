// The small pages that the viewer serves itself, filled in from templates.
//
// `{{name}}` is replaced by the value of that name, else by the text of that name in the reader's
// language; a text may name values itself, one level deep. Everything is escaped as it is put in.
// The templates and their rules: web/pages/README.md.
//
// Borrows: AssetSet.   Thread: loop only.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/asset.h"

namespace goop::viewer {

using PageValues = std::map<std::string, std::string, std::less<>>;

class Pages {
 public:
  explicit Pages(const AssetSet* assets);

  // "nl" or "en", from an Accept-Language field.
  static std::string_view language(std::string_view accept);

  // The page `name` ("unreachable.html"). Values gets `lang`; without templates the plain texts.
  std::string fill(std::string_view name, std::string_view lang, PageValues values) const;

  // The text of this name, or `other`'s when there is none.
  std::string text(std::string_view lang, std::string_view name, std::string_view other) const;

 private:
  using Texts = std::map<std::string, std::string, std::less<>>;
  const Texts& texts(std::string_view lang) const { return lang == "nl" ? nl_ : en_; }

  const AssetSet* assets_;
  Texts en_, nl_;
};

}  // namespace goop::viewer
