#include "apps/goop2/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace goop::apps {
namespace {

[[noreturn]] void failed(std::string_view what, const std::filesystem::path& file) {
  const int error = errno;
  raise(Errc::storage, "cannot {} {}: {}", what, file.empty() ? "stdout" : file.string(),
        std::strerror(error));
}

// 0, or what went wrong.
int write_whole(int fd, BytesView bytes) {
  while (!bytes.empty()) {
    const auto wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
  }
  return 0;
}

}  // namespace

Output::Output(Runtime& runtime, std::filesystem::path file)
    : runtime_(runtime), file_(std::move(file)), fd_(STDOUT_FILENO) {
  if (file_.empty()) return;
  std::error_code unknown;  // then opening it will say what is wrong
  const auto there = std::filesystem::status(file_, unknown);
  if (std::filesystem::is_directory(there)) {
    raise(Errc::storage, "cannot write {}: it is a folder; name a file in it", file_.string());
  }
  // A file that took the place of /dev/null would be a surprise.
  const bool device = std::filesystem::is_other(there);
  if (!device) part_ = file_.string() + ".part";
  const auto& opened = device ? file_ : part_;
  // No link at the part's name is followed: in /tmp anybody may have put one there.
  const int made = device ? 0 : O_CREAT | O_TRUNC | O_NOFOLLOW;
  fd_ = ::open(opened.c_str(), O_WRONLY | O_CLOEXEC | made, 0666);
  if (fd_ < 0) failed("write", opened);
}

Output::~Output() {
  if (fd_ != STDOUT_FILENO) ::close(fd_);
  if (!part_.empty()) ::unlink(part_.c_str());
}

Task<> Output::write(BytesView bytes) {
  auto job = [fd = fd_, bytes] { return write_whole(fd, bytes); };
  errno = co_await runtime_.offload(job);
  if (errno != 0) failed("write", file_);
}

void Output::finish() {
  if (part_.empty()) return;
  if (::rename(part_.c_str(), file_.c_str()) != 0) failed("write", file_);
}

}  // namespace goop::apps
