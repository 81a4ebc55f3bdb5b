// Opening a path below a directory without ever leaving it: no "..", no symbolic link, no mount
// point's magic on the way.
//
// Without this a link placed in a served folder, or swapped in between check and open, would hand
// out any file of the owner. The kernel decides in one step (openat2); where it cannot, the path
// is walked segment by segment, each held open while the next is looked up.
//
// Thread: any.   Errors: errno values; ELOOP is a symbolic link, EXDEV a way out.
#pragma once

#include <fcntl.h>

#include <string_view>

#include "base/error.h"

namespace goop::store {

// An owned file descriptor; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }  // somebody else closes it
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Opened {
  Descriptor fd;
  int error = 0;  // errno when there is no fd; EAGAIN: see Wait::never
};

enum class Wait {
  allowed,
  never,  // EAGAIN unless the kernel has all directories of the path in memory
};

// invalid, too_large: `path` is not a plain relative path ("a/b": no empty, "." or ".." segment).
// "" is the directory itself.
Result<void> check_path(std::string_view path);

// Any path, symbolic links followed: for a folder that a person named.
Opened open_anywhere(const char* path, int flags, Wait wait);

// `path` has passed check_path.
Opened open_beneath(int root, std::string_view path, int flags, mode_t mode, Wait wait);

// The same for kernels without openat2.
Opened open_stepwise(int root, std::string_view path, int flags, mode_t mode);

}  // namespace goop::store
