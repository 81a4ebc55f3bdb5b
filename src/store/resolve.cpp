#include "store/resolve.h"

#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "store/limits.h"

namespace goop::store {
namespace {

// A slow disk may be interrupted by a signal, and a name that a network disk has just lost to
// another file is looked up once more.
template <class Call>
Opened opened(const Call& call) {
  for (int stale = 0;;) {
    const long result = call();
    if (result >= 0) return {Descriptor(static_cast<int>(result)), 0};
    if (errno == EINTR || (errno == ESTALE && stale++ < limits::stale_tries)) continue;
    return {Descriptor(), errno};
  }
}

// openat answers ENOTDIR for a link where a directory is wanted: told apart, for honest errors.
int blame(int directory, const std::string& segment, int error) {
  struct stat info{};
  const bool link = error == ENOTDIR &&
                    ::fstatat(directory, segment.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                    S_ISLNK(info.st_mode);
  return link ? ELOOP : error;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> check_path(std::string_view path) {
  if (path.size() > limits::path_bytes) {
    return fail(Errc::too_large, "a path of {} bytes", path.size());
  }
  if (path.contains('\0')) return fail(Errc::invalid, "a path with a zero byte");
  std::size_t depth = 0;
  for (std::size_t begin = 0; begin <= path.size() && !path.empty();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const auto segment = path.substr(begin, end - begin);
    if (segment.empty() || segment == "." || segment == "..") {
      return fail(Errc::invalid, "a path with the segment \"{}\"", segment);
    }
    if (++depth > limits::path_depth) return fail(Errc::too_large, "a path of too many segments");
    begin = end + 1;
  }
  return {};
}

Opened open_anywhere(const char* path, int flags, Wait wait) {
  if (wait == Wait::allowed) return opened([&] { return ::open(path, flags | O_CLOEXEC); });
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_CACHED;
  Opened result = opened([&] { return ::syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how); });
  const bool unknown = result.error == ENOSYS || result.error == EPERM || result.error == EINVAL;
  if (unknown) result.error = EAGAIN;  // as in open_beneath
  return result;
}

Opened open_beneath(int root, std::string_view path, int flags, mode_t mode, Wait wait) {
  const std::string name(path.empty() ? "." : path);
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  if (wait == Wait::never) how.resolve |= RESOLVE_CACHED;
  Opened result =
      opened([&] { return ::syscall(SYS_openat2, root, name.c_str(), &how, sizeof how); });
  switch (result.error) {
    case ENOSYS:  // an old kernel
    case EPERM:   // a container's filter that does not know openat2, or a real refusal
    case EINVAL:  // a kernel that does not know RESOLVE_CACHED
      if (wait == Wait::never) return {Descriptor(), EAGAIN};
      return open_stepwise(root, path, flags, mode);
    default:
      return result;
  }
}

Opened open_stepwise(int root, std::string_view path, int flags, mode_t mode) {
  Descriptor held;
  int directory = root;
  for (std::size_t slash; (slash = path.find('/')) != path.npos; path.remove_prefix(slash + 1)) {
    const std::string segment(path.substr(0, slash));
    const int way = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    Opened next = opened([&] { return ::openat(directory, segment.c_str(), way); });
    if (next.error) return {Descriptor(), blame(directory, segment, next.error)};
    held = std::move(next.fd);
    directory = held.get();
  }
  const std::string last(path.empty() ? "." : path);
  const int all = flags | O_NOFOLLOW | O_CLOEXEC;
  Opened result = opened([&] { return ::openat(directory, last.c_str(), all, mode); });
  if (result.error) result.error = blame(directory, last, result.error);
  return result;
}

}  // namespace goop::store
