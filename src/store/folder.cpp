#include "store/folder.h"

#include <dirent.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "store/errors.h"

namespace goop::store {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY;
// Not blocking: opening a pipe must not wait for its other end.
constexpr int file_flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;

FileInfo to_info(const struct stat& info) {
  FileInfo out;
  out.kind = S_ISREG(info.st_mode)   ? FileKind::file
             : S_ISDIR(info.st_mode) ? FileKind::directory
             : S_ISLNK(info.st_mode) ? FileKind::link
                                     : FileKind::other;
  out.size = static_cast<std::uint64_t>(info.st_size);
  out.mtime_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  out.ctime_ns = std::int64_t{info.st_ctim.tv_sec} * 1'000'000'000 + info.st_ctim.tv_nsec;
  out.device = info.st_dev;
  out.inode = info.st_ino;
  out.links = info.st_nlink;
  out.mode = info.st_mode & 07777;
  return out;
}

FileInfo info_of(int fd, std::string_view what = "an open file") {
  struct stat info{};
  if (::fstat(fd, &info) != 0) disk_failed(errno, "look at", what);
  return to_info(info);
}

// Null: there are no more.
const dirent* next_entry(DIR* directory, std::string_view path) {
  errno = 0;
  const dirent* next = ::readdir(directory);
  if (!next && errno != 0) disk_failed(errno, "list", path);
  return next;
}

Result<File> checked_file(Opened opened, std::string_view path) {
  if (opened.error) return refuse(opened.error, "open", path);
  const FileInfo info = info_of(opened.fd.get());
  if (info.kind == FileKind::directory) return refuse(EISDIR, "open", path);
  if (info.kind != FileKind::file) {
    return fail(Errc::forbidden, "cannot open {}: it is no regular file", printable(path));
  }
  return File(std::move(opened.fd), info);
}

}  // namespace

FileInfo File::current_info() const { return info_of(fd()); }

std::size_t File::read_at(std::uint64_t offset, MutBytes out) const {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const auto got = ::pread(fd(), out.data() + filled, out.size() - filled,
                             static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) disk_failed(errno, "read", "an open file");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

std::optional<std::size_t> File::try_read_cached(std::uint64_t offset, MutBytes out) const {
  if (out.empty()) return 0;
  const iovec place{out.data(), out.size()};
  const auto got = ::preadv2(fd(), &place, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  if (got >= 0) return static_cast<std::size_t>(got);
  // Not in memory, or a file system or kernel that cannot tell: the slow way says what is wrong.
  return std::nullopt;
}

void File::set_mode(mode_t mode) const {
  if (::fchmod(fd(), mode) != 0) disk_failed(errno, "change the mode of", "an open file");
}

Result<Folder> Folder::open(const std::filesystem::path& path) {
  Opened opened = open_anywhere(path.c_str(), directory_flags, Wait::allowed);
  if (opened.error) return refuse(opened.error, "open the folder", path.native());
  return Folder(std::move(opened.fd), path);
}

std::optional<Result<Folder>> Folder::try_open_cached(const std::filesystem::path& path) {
  Opened opened = open_anywhere(path.c_str(), O_PATH | O_DIRECTORY, Wait::never);
  if (opened.error == EAGAIN) return std::nullopt;
  if (opened.error) return refuse(opened.error, "open the folder", path.native());
  return Folder(std::move(opened.fd), path);
}

FileInfo Folder::current_info() const { return info_of(fd_.get(), path_.native()); }

bool Folder::keeps_short_names() const {
  struct statfs disk{};
  return ::fstatfs(fd_.get(), &disk) == 0 && disk.f_type == MSDOS_SUPER_MAGIC;
}

Result<Folder> Folder::open_or_create(const std::filesystem::path& path, mode_t mode) {
  std::filesystem::path made;
  for (const auto& part : path) {
    made /= part;
    if (::mkdir(made.c_str(), mode) != 0 && errno != EEXIST && errno != EISDIR) {
      // A read-only or foreign parent is fine as long as the directory is there.
      const int error = errno;
      if (::access(made.c_str(), F_OK) != 0) return refuse(error, "make the folder", made.native());
    }
  }
  return open(path);
}

Result<File> Folder::open_file(std::string_view path) const {
  GOOP_CHECK(check_path(path));
  return checked_file(open_beneath(fd_.get(), path, file_flags, 0, Wait::allowed), path);
}

std::optional<Result<File>> Folder::try_open_file_cached(std::string_view path) const {
  if (auto fine = check_path(path); !fine) return std::unexpected(std::move(fine).error());
  Opened opened = open_beneath(fd_.get(), path, file_flags, 0, Wait::never);
  if (opened.error == EAGAIN) return std::nullopt;
  return checked_file(std::move(opened), path);
}

Result<File> Folder::open_or_create_file(std::string_view path, mode_t mode) const {
  GOOP_CHECK(check_path(path));
  const int flags = O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY;
  return checked_file(open_beneath(fd_.get(), path, flags, mode, Wait::allowed), path);
}

Result<Folder> Folder::subfolder(std::string_view path) const {
  GOOP_CHECK(check_path(path));
  Opened opened = open_beneath(fd_.get(), path, directory_flags, 0, Wait::allowed);
  if (opened.error) return refuse(opened.error, "open the folder", path);
  return Folder(std::move(opened.fd), path_ / path);
}

Result<FileInfo> Folder::info(std::string_view path) const {
  std::string last;
  GOOP_TRY(const Descriptor parent, open_parent(path, last));
  struct stat info{};
  if (::fstatat(parent.get(), last.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return refuse(errno, "look at", path);
  }
  return to_info(info);
}

Result<std::vector<Folder::Entry>> Folder::list(std::string_view path) const {
  GOOP_CHECK(check_path(path));
  Opened opened = open_beneath(fd_.get(), path, directory_flags, 0, Wait::allowed);
  if (opened.error) return refuse(opened.error, "list", path);
  const int copy = ::fcntl(opened.fd.get(), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) disk_failed(errno, "list", path);
  Descriptor own(copy);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(copy), ::closedir);
  if (!directory) disk_failed(errno, "list", path);
  own.release();
  std::vector<Entry> entries;
  while (const dirent* next = next_entry(directory.get(), path)) {
    const std::string_view name = next->d_name;
    if (name == "." || name == "..") continue;
    if (entries.size() == limits::list_entries) {
      return fail(Errc::too_large, "more than {} entries in {}", limits::list_entries,
                  printable(path));
    }
    struct stat info{};
    if (::fstatat(opened.fd.get(), next->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT || errno == ESTALE) continue;  // gone meanwhile
      disk_failed(errno, "look at", path);
    }
    entries.push_back({std::string(name), to_info(info)});
  }
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

Result<Bytes> Folder::read(std::string_view path, std::size_t max_bytes) const {
  GOOP_TRY(const File file, open_file(path));
  // One byte more than is allowed: a file that grows meanwhile is noticed, too.
  Bytes bytes(std::min<std::uint64_t>(file.info().size, max_bytes) + 1);
  bytes.resize(file.read_at(0, bytes));
  if (bytes.size() > max_bytes || file.info().size > max_bytes) {
    return fail(Errc::too_large, "{} has more than {} bytes", printable(path), max_bytes);
  }
  return bytes;
}

Result<Descriptor> Folder::open_parent(std::string_view path, std::string& last) const {
  GOOP_CHECK(check_path(path));
  const auto slash = path.rfind('/');
  const auto parent = slash == path.npos ? std::string_view{} : path.substr(0, slash);
  last = path.empty() ? "." : path.substr(slash == path.npos ? 0 : slash + 1);
  Opened opened = open_beneath(fd_.get(), parent, directory_flags, 0, Wait::allowed);
  if (opened.error) return refuse(opened.error, "open", path);
  return std::move(opened.fd);
}

}  // namespace goop::store
