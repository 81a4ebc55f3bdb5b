#include "peer/setup/folder_lock.h"

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>

#include "peer/setup/limits.h"
#include "store/errors.h"

namespace goop::peer::setup {
namespace {

constexpr std::string_view data_folder = "data";

std::string holder(const store::File& file) {
  Bytes text(limits::lock_bytes);
  text.resize(file.read_at(0, text));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() ? "another process" : printable(as_text(text), limits::lock_bytes);
}

void sign(const store::File& file, WallTime now, const store::Folder& folder) {
  const std::string text = fmt::format("process {}, since {}\n", ::getpid(), utc_text(now));
  if (::ftruncate(file.fd(), 0) != 0 ||
      ::pwrite(file.fd(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    store::disk_failed(errno, "write", (folder.path() / lock_name).native());
  }
}

}  // namespace

std::string utc_text(WallTime at) {
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string lock_holder(const store::Folder& folder) {
  const auto file = folder.open_file(lock_name);
  if (!file) return {};
  // The kernel's list is asked: to try the lock would keep out who takes it at the same moment.
  // "1: FLOCK  ADVISORY  WRITE 4711 fe:01:131077 0 EOF"
  const auto inode = fmt::format(":{} ", file->info().inode);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    if (line.contains("FLOCK") && line.contains("WRITE") && line.contains(inode)) {
      return holder(*file);
    }
  }
  return {};
}

Result<FolderLock> FolderLock::take(const store::Folder& folder, WallTime now) {
  GOOP_CHECK(folder.make_directories(data_folder, 0700));
  GOOP_TRY(store::File file, folder.open_or_create_file(lock_name, 0600));
  if (::flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return store::refuse(errno, "lock", lock_name);
    return fail(Errc::conflict, "{} is in use: {}. Stop that one first (Ctrl-C, or kill)",
                folder.path().string(), holder(file));
  }
  sign(file, now, folder);
  GOOP_CHECK(folder.remove_leftovers(""));
  GOOP_CHECK(folder.remove_leftovers(data_folder));
  return FolderLock(std::move(file));
}

}  // namespace goop::peer::setup
