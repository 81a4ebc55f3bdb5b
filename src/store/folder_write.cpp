// The half of Folder that changes something.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "store/errors.h"
#include "store/folder.h"

namespace goop::store {
namespace {

constexpr std::string_view temporary_prefix = ".goop-";
constexpr std::string_view temporary_suffix = ".tmp";

std::string next_temporary_name() {
  static std::atomic<unsigned> count = 0;
  return fmt::format("{}{}-{}{}", temporary_prefix, ::getpid(), ++count, temporary_suffix);
}

void write_all(int fd, BytesView bytes, std::string_view path) {
  while (!bytes.empty()) {
    const auto done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) disk_failed(errno, "write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
}

// A new file beside its later self, taken away again unless it was moved there.
class Temporary {
 public:
  Temporary(int directory, mode_t mode, std::string_view path) : directory_(directory) {
    for (std::size_t tries = 0; tries < limits::temporary_tries; ++tries) {
      name_ = next_temporary_name();
      const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
      fd_ = Descriptor(::openat(directory, name_.c_str(), flags, mode));
      if (fd_) {
        error_ = 0;
        return;
      }
      error_ = errno;
      if (error_ != EEXIST && error_ != EINTR) return;
    }
    disk_failed(error_, "find a free name beside", path);
  }
  ~Temporary() {
    if (fd_ && !moved_) ::unlinkat(directory_, name_.c_str(), 0);
  }

  int error() const { return error_; }
  int fd() const { return fd_.get(); }
  int move_to(const std::string& name) {
    if (::renameat(directory_, name_.c_str(), directory_, name.c_str()) != 0) return errno;
    moved_ = true;
    return 0;
  }

 private:
  int directory_;
  std::string name_;
  Descriptor fd_;
  int error_ = 0;
  bool moved_ = false;
};

// Root may change a file of a service that runs as a user of its own: it stays that user's.
void keep_owner(int directory, const std::string& name, int fd, std::string_view path) {
  struct stat before{};
  if (::geteuid() != 0 || ::fstatat(directory, name.c_str(), &before, AT_SYMLINK_NOFOLLOW) != 0) {
    return;
  }
  if (!S_ISREG(before.st_mode) || before.st_uid == 0) return;
  if (::fchown(fd, before.st_uid, before.st_gid) != 0) disk_failed(errno, "write", path);
}

int sync_error(int fd) {
  while (::fsync(fd) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

void sync(int fd, std::string_view path) {
  if (const int error = sync_error(fd)) disk_failed(error, "write", path);
}

// Some network disks cannot do it for a directory, and say so.
void sync_directory(int fd, std::string_view path) {
  const int error = sync_error(fd);
  if (error && error != EINVAL && error != ENOTSUP) disk_failed(error, "write", path);
}

}  // namespace

bool is_temporary(std::string_view name) {
  return name.size() > temporary_prefix.size() + temporary_suffix.size() &&
         name.starts_with(temporary_prefix) && name.ends_with(temporary_suffix);
}

Result<void> Folder::write_atomic(std::string_view path, BytesView bytes, mode_t mode) const {
  if (path.empty()) return refuse(EISDIR, "write", path);
  std::string last;
  GOOP_TRY(const Descriptor parent, open_parent(path, last));
  const std::string shown = (path_ / path).native();
  Temporary file(parent.get(), mode, shown);
  if (file.error()) return refuse(file.error(), "write", shown);
  write_all(file.fd(), bytes, shown);
  keep_owner(parent.get(), last, file.fd(), shown);
  sync(file.fd(), shown);
  if (const int error = file.move_to(last)) return refuse(error, "replace", shown);
  sync_directory(parent.get(), shown);
  return {};
}

Result<void> Folder::make_directories(std::string_view path, mode_t mode) const {
  GOOP_CHECK(check_path(path));
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const auto part = path.substr(0, end);
    const std::string shown = (path_ / part).native();
    std::string last;
    GOOP_TRY(const Descriptor parent, open_parent(part, last));
    if (::mkdirat(parent.get(), last.c_str(), mode) == 0) {
      sync_directory(parent.get(), shown);
    } else if (errno != EEXIST) {
      return refuse(errno, "make the folder", shown);
    }
    // EEXIST may be a file or a link: only a directory can be entered.
    Opened made = open_beneath(fd_.get(), part, O_PATH | O_DIRECTORY, 0, Wait::allowed);
    if (made.error == ENOTDIR) return refuse(EEXIST, "make the folder", shown);
    if (made.error) return refuse(made.error, "make the folder", shown);
  }
  return {};
}

Result<void> Folder::remove(std::string_view path) const {
  if (path.empty()) return fail(Errc::conflict, "a folder does not remove itself");
  std::string last;
  GOOP_TRY(const Descriptor parent, open_parent(path, last));
  const std::string shown = (path_ / path).native();
  if (::unlinkat(parent.get(), last.c_str(), 0) != 0) {
    const bool directory = errno == EISDIR;
    if (!directory) return refuse(errno, "remove", shown);
    if (::unlinkat(parent.get(), last.c_str(), AT_REMOVEDIR) != 0) {
      return refuse(errno, "remove", shown);
    }
  }
  return {};
}

Result<std::size_t> Folder::remove_leftovers(std::string_view path) const {
  GOOP_TRY(const auto entries, list(path));
  std::size_t removed = 0;
  for (const Entry& entry : entries) {
    if (entry.info.kind != FileKind::file || !is_temporary(entry.name)) continue;
    GOOP_CHECK(remove(path.empty() ? entry.name : fmt::format("{}/{}", path, entry.name)));
    ++removed;
  }
  return removed;
}

}  // namespace goop::store
