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
      if (fd_) return;
      if (errno != EEXIST) break;
    }
    error_ = errno;
    if (error_ == EEXIST) disk_failed(error_, "find a free name beside", path);
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

void sync(int fd, std::string_view path) {
  if (::fsync(fd) != 0) disk_failed(errno, "write", path);
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
  Temporary file(parent.get(), mode, path);
  if (file.error()) return refuse(file.error(), "write", path);
  write_all(file.fd(), bytes, path);
  keep_owner(parent.get(), last, file.fd(), path);
  sync(file.fd(), path);
  if (const int error = file.move_to(last)) return refuse(error, "replace", path);
  sync(parent.get(), path);
  return {};
}

Result<void> Folder::make_directories(std::string_view path, mode_t mode) const {
  GOOP_CHECK(check_path(path));
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const auto part = path.substr(0, end);
    std::string last;
    GOOP_TRY(const Descriptor parent, open_parent(part, last));
    if (::mkdirat(parent.get(), last.c_str(), mode) == 0) {
      sync(parent.get(), part);
    } else if (errno != EEXIST) {
      return refuse(errno, "make the folder", part);
    }
    // EEXIST may be a file or a link: only a directory can be entered.
    Opened made = open_beneath(fd_.get(), part, O_PATH | O_DIRECTORY, 0, Wait::allowed);
    if (made.error == ENOTDIR) return refuse(EEXIST, "make the folder", part);
    if (made.error) return refuse(made.error, "make the folder", part);
  }
  return {};
}

Result<void> Folder::remove(std::string_view path) const {
  if (path.empty()) return fail(Errc::conflict, "a folder does not remove itself");
  std::string last;
  GOOP_TRY(const Descriptor parent, open_parent(path, last));
  if (::unlinkat(parent.get(), last.c_str(), 0) != 0) {
    const bool directory = errno == EISDIR;
    if (!directory) return refuse(errno, "remove", path);
    if (::unlinkat(parent.get(), last.c_str(), AT_REMOVEDIR) != 0) {
      return refuse(errno, "remove", path);
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
