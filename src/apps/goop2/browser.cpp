#include "apps/goop2/browser.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/log.h"

namespace goop::apps {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

// The link is ours: a loopback URL with a hexadecimal secret; nothing in it needs escaping.
std::string page_to(std::string_view link) {
  return fmt::format(
      "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Goop2</title>\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta http-equiv=\"refresh\" content=\"0; url={0}\">\n<a href=\"{0}\">Goop2</a>\n",
      link);
}

// Runs `xdg-open file` and lets it be: some browsers stay in the foreground of whoever starts them.
Result<void> start_opener(std::string file) {
  std::string parts[] = {"setsid", "-f", "xdg-open", std::move(file)};
  char* const args[] = {parts[0].data(), parts[1].data(), parts[2].data(), parts[3].data(),
                        nullptr};
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  for (int fd = 0; fd < 3; ++fd) {
    ::posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  }
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, args[0], &files, nullptr, args, environ);
  ::posix_spawn_file_actions_destroy(&files);
  int status = 0;
  if (failed || ::waitpid(child, &status, 0) != child || status != 0) {
    return fail(Errc::conflict, "no browser could be started");
  }
  return {};
}

}  // namespace

bool has_desktop() { return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"); }

Result<void> open_in_browser(const store::Folder& folder, std::string_view link) {
  if (!has_desktop()) return fail(Errc::conflict, "there is no desktop here");
  const auto page = page_to(link);
  GOOP_CHECK(folder.write_atomic(open_page_name, as_bytes(page), 0600));
  return start_opener(std::filesystem::absolute(folder.path() / open_page_name).string());
}

void remove_open_page(const store::Folder& folder) {
  const auto removed = folder.remove(open_page_name);
  if (!removed && removed.error().code != Errc::not_found) {
    log::warn("open_page.not_removed", {{"error", removed.error()}});
  }
}

}  // namespace goop::apps
