#include "testing/faults/system_faults.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>

#include "base/ascii.h"
#include "base/error.h"
#include "testing/faults/interposed.h"

namespace goop::testing {
namespace {

struct Altered {
  std::filesystem::path folder;
  std::function<void(struct stat&)> alter;
};

struct State {
  std::mutex lock;
  bool taken = false;
  std::vector<Fault> faults;
  std::size_t failed = 0;
  std::optional<Altered> altered;
  std::optional<std::filesystem::path> any_case;
};

State& state() {
  static State state;
  return state;
}

bool lies_below(const std::string& path, const std::filesystem::path& folder) {
  const auto& text = folder.native();
  return path.starts_with(text) && (path.size() == text.size() || path[text.size()] == '/');
}

std::string path_of_descriptor(int fd) {
  std::array<char, 4096> text;
  const auto link = fmt::format("/proc/self/fd/{}", fd);
  const auto size = ::readlink(link.c_str(), text.data(), text.size());
  return size < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(size));
}

bool concerns(const Fault& fault, Call call, const std::string* path) {
  if (std::ranges::find(fault.calls, call) == fault.calls.end() || fault.times == 0) return false;
  return !path || lies_below(*path, fault.below);
}

int next_error(Call call, const std::string* path) {
  State& now = state();
  const std::lock_guard guard(now.lock);
  for (Fault& fault : now.faults) {
    if (!concerns(fault, call, path)) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    --fault.times;
    ++now.failed;
    return fault.error;
  }
  return 0;
}

// "/proc/self/fd/7/a/b" and what is relative to the working folder as a path from the root.
std::string full_path(int directory, const char* path) {
  if (path == nullptr) return {};
  if (*path == '/') return path;
  auto base = path_of_descriptor(directory);
  if (directory == AT_FDCWD) base = std::filesystem::current_path().native();
  return std::string_view(path) == "." ? base : base + "/" + path;
}

// The name in `folder` that `wanted` means when case does not count.
std::string listed_name(const std::filesystem::path& folder, const std::string& wanted) {
  std::error_code unknown;
  for (const auto& entry : std::filesystem::directory_iterator(folder, unknown)) {
    const auto name = entry.path().filename().native();
    if (ascii_lower(name) == ascii_lower(wanted)) return name;
  }
  return wanted;
}

}  // namespace

std::string_view name(Call call) {
  constexpr auto names = std::to_array<std::string_view>(
      {"open",   "create",  "stat", "read",    "list",       "write",  "sync", "rename",
       "make",   "remove",  "mode", "lock",    "socket",     "option", "bind", "listen",
       "accept", "connect", "send", "receive", "interfaces", "resolve"});
  return names[static_cast<std::size_t>(call)];
}

int error_for_path(Call call, int directory, const char* path) {
  const auto full = full_path(directory, path);
  return next_error(call, &full);
}

int error_for_file(Call call, int fd) {
  const auto full = path_of_descriptor(fd);
  return next_error(call, &full);
}

int error_for_network(Call call) { return next_error(call, nullptr); }

void alter_stat_of(int fd, struct stat& info) {
  State& now = state();
  const std::lock_guard guard(now.lock);
  if (now.altered && lies_below(path_of_descriptor(fd), now.altered->folder)) {
    now.altered->alter(info);
  }
}

std::string name_on_disk(int directory, const char* path) {
  State& now = state();
  {
    const std::lock_guard guard(now.lock);
    if (!now.any_case) return path;
    if (!lies_below(full_path(directory, path), *now.any_case)) return path;
  }
  std::filesystem::path walked = *path == '/' ? "" : full_path(directory, ".");
  std::filesystem::path found;
  for (const auto& part : std::filesystem::path(path)) {
    const auto name = listed_name(walked, part.native());
    walked /= name;
    found /= name;
  }
  return found.native();
}

SystemFaults::SystemFaults() {
  GOOP_ASSERT(!std::exchange(state().taken, true));
  interpose(true);
}

SystemFaults::~SystemFaults() {
  heal();
  interpose(false);
  state().taken = false;
}

void SystemFaults::fail(Fault fault) {
  const std::lock_guard guard(state().lock);
  state().faults.push_back(std::move(fault));
}

void SystemFaults::heal() {
  const std::lock_guard guard(state().lock);
  state().faults.clear();
  state().altered.reset();
  state().any_case.reset();
}

std::size_t SystemFaults::failed() const {
  const std::lock_guard guard(state().lock);
  return state().failed;
}

void SystemFaults::alter_stat(std::filesystem::path folder,
                              std::function<void(struct stat&)> alter) {
  const std::lock_guard guard(state().lock);
  state().altered = Altered{std::move(folder), std::move(alter)};
}

void SystemFaults::ignore_case(std::filesystem::path folder) {
  const std::lock_guard guard(state().lock);
  state().any_case = std::move(folder);
}

}  // namespace goop::testing
