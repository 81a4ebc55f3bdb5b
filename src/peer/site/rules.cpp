#include "peer/site/rules.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "base/ascii.h"

namespace goop::peer::site {
namespace {

struct Alias {
  char32_t sign;
  std::string_view letters;
};
// Signs whose other case is of ASCII, in full case folding (Unicode's CaseFolding.txt, C and F).
constexpr auto aliases = std::to_array<Alias>({{0xdf, "ss"},
                                               {0x17f, "s"},
                                               {0x1e9e, "ss"},
                                               {0x212a, "k"},
                                               {0xfb00, "ff"},
                                               {0xfb01, "fi"},
                                               {0xfb02, "fl"},
                                               {0xfb03, "ffi"},
                                               {0xfb04, "ffl"},
                                               {0xfb05, "st"},
                                               {0xfb06, "st"}});

struct Span {
  char32_t first, last;
};
// Unicode's Default_Ignorable_Code_Point: some file systems skip them.
constexpr auto unseen = std::to_array<Span>({{0xad, 0xad},
                                             {0x34f, 0x34f},
                                             {0x61c, 0x61c},
                                             {0x115f, 0x1160},
                                             {0x17b4, 0x17b5},
                                             {0x180b, 0x180f},
                                             {0x200b, 0x200f},
                                             {0x202a, 0x202e},
                                             {0x2060, 0x206f},
                                             {0x3164, 0x3164},
                                             {0xfe00, 0xfe0f},
                                             {0xfeff, 0xfeff},
                                             {0xffa0, 0xffa0},
                                             {0xfff0, 0xfff8},
                                             {0x1bca0, 0x1bca3},
                                             {0x1d173, 0x1d17a},
                                             {0xe0000, 0xe0fff}});

// Appends what `sign`, which is `bytes` in UTF-8, is compared as.
void append_folded(std::string& text, char32_t sign, std::string_view bytes) {
  const auto alias = std::ranges::find(aliases, sign, &Alias::sign);
  const auto skipped = [sign](const Span& span) { return span.first <= sign && sign <= span.last; };
  if (alias != aliases.end()) {
    text += alias->letters;
  } else if (std::ranges::none_of(unseen, skipped)) {
    text += bytes;
  }
}

void end_name(std::string& text) {
  while (text.ends_with('.') || text.ends_with(' ')) text.pop_back();
  if (!text.empty() && text.back() != '/') text += '/';
}

// In the form in which names are compared: "A\\b" and "/a/b/" are "a/b/", the root is "".
std::string folded(std::string_view path) {
  std::string text;
  for (std::size_t i = 0; i < path.size();) {
    const auto first = static_cast<std::uint8_t>(path[i]);
    if (first < 0x80) {
      const char letter = ascii_lower(path[i++]);
      letter == '/' || letter == '\\' ? end_name(text) : text.push_back(letter);
      continue;
    }
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    const auto bytes = path.substr(i, size);
    char32_t sign = first & (0xff >> (size + 1));
    for (const char next : bytes.substr(1))
      sign = sign << 6 | (static_cast<std::uint8_t>(next) & 63);
    append_folded(text, sign, bytes);
    i += size;
  }
  end_name(text);
  return text;
}

// Whether a name looks like FAT's second one: up to six signs, '~', a number.
bool has_short_name(std::string_view path) {
  for (auto at = path.find('~'); at != path.npos; at = path.find('~', at + 1)) {
    if (at + 1 < path.size() && path[at + 1] >= '0' && path[at + 1] <= '9') return true;
  }
  return false;
}

}  // namespace

SiteRules::SiteRules(const std::vector<std::string>& private_folders) : private_{"lua/"} {
  for (const std::string& folder : private_folders) private_.push_back(folded(folder));
}

SiteRules SiteRules::for_root(const std::filesystem::path& root,
                              std::span<const std::filesystem::path> private_folders) {
  std::error_code ignored;
  const auto real_root = std::filesystem::weakly_canonical(root, ignored);
  std::vector<std::string> inside;
  for (const auto& folder : private_folders) {
    const auto real = std::filesystem::weakly_canonical(folder, ignored);
    const auto relative = real.lexically_relative(real_root);
    if (relative.empty() || *relative.begin() == "..") continue;
    inside.push_back(relative == "." ? "" : relative.generic_string());
  }
  return SiteRules(inside);
}

bool SiteRules::readable(const wire::SitePath& path) const {
  if (short_names_ && has_short_name(path.text())) return false;
  // Before dots at a name's end are dropped: "..." is a name that begins with one.
  if (path.text().starts_with('.') || path.text().contains("/.")) return false;
  const std::string name = folded(path.text());
  if (name.starts_with('.') || name.contains("/.")) return false;
  return std::ranges::none_of(private_,
                              [&](const std::string& folder) { return name.starts_with(folder); });
}

}  // namespace goop::peer::site
