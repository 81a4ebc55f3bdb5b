#include "apps/goop2/local_users.h"

#include <pwd.h>
#include <unistd.h>

#include "apps/goop2/limits.h"
#include "base/log.h"

namespace goop::apps {
namespace {

std::optional<std::uint32_t> number_of(const std::string& name) {
  std::vector<char> text(limits::user_entry_bytes);
  passwd entry{};
  passwd* found = nullptr;
  const int failed = ::getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &found);
  if (failed != 0 || !found) return std::nullopt;
  return entry.pw_uid;
}

}  // namespace

std::vector<std::uint32_t> owners(const std::vector<std::string>& names) {
  std::vector<std::uint32_t> users{0, ::geteuid()};
  for (const auto& name : names) {
    if (const auto number = number_of(name)) {
      users.push_back(*number);
    } else {
      log::warn("viewer.unknown_user", {{"name", name}});
    }
  }
  return users;
}

}  // namespace goop::apps
