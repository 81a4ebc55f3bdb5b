#include "peer/site/rules.h"

#include <algorithm>
#include <system_error>

namespace goop::peer::site {
namespace {

char lower(char c) {
  if (c == '\\') return '/';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// In the form in which names are compared: "A\\b" and "/a/b/" are "a/b/", the root is "".
std::string folded(std::string_view path) {
  std::string text;
  for (const char c : path) {
    const char next = lower(c);
    if (next != '/' || (!text.empty() && text.back() != '/')) text += next;
  }
  if (!text.empty() && text.back() != '/') text += '/';
  return text;
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
  const std::string name = folded(path.text());
  if (name.starts_with('.') || name.contains("/.")) return false;
  return std::ranges::none_of(private_,
                              [&](const std::string& folder) { return name.starts_with(folder); });
}

}  // namespace goop::peer::site
