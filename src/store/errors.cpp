#include "store/errors.h"

#include <cerrno>
#include <system_error>

#include "base/bytes.h"

namespace goop::store {
namespace {

constexpr std::size_t shown_path_bytes = 400;

std::string words(int error, std::string_view action, std::string_view path) {
  return fmt::format("cannot {} {}: {}", action,
                     path.empty() ? "the folder" : printable(path, shown_path_bytes),
                     reason(error));
}

}  // namespace

std::string reason(int error) {
  switch (error) {
    case ENOSPC:
      return "the disk is full; free some space on it";
    case EDQUOT:
      return "the disk space that this user may have is used up; free some";
    case EROFS:
      return "the disk is mounted read-only";
    case EIO:
      return "the disk reports an error (the system's log may say more)";
    case EMFILE:
      return "this program has too many files open (ulimit -n)";
    case ENFILE:
      return "this computer has too many files open";
    default:
      return std::generic_category().message(error);
  }
}

bool is_passing(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

std::unexpected<Error> refuse(int error, std::string_view action, std::string_view path) {
  const auto answer = [&](Errc code) { return fail(code, "{}", words(error, action, path)); };
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ESTALE:
      return answer(Errc::not_found);
    case ELOOP:
      return fail(Errc::forbidden, "cannot {} {}: it is, or lies behind, a symbolic link", action,
                  printable(path));
    case EXDEV:
    case EACCES:
    case EPERM:
    case EROFS:
    case ENXIO:
      return answer(Errc::forbidden);
    case EISDIR:
    case EEXIST:
    case ENOTEMPTY:
    case EBUSY:
    case ETXTBSY:
      return answer(Errc::conflict);
    case ENAMETOOLONG:
      return answer(Errc::invalid);
    default:
      disk_failed(error, action, path);
  }
}

void disk_failed(int error, std::string_view action, std::string_view path) {
  const Errc code = is_passing(error) ? Errc::busy
                    : error == ESTALE ? Errc::conflict
                                      : Errc::storage;
  raise(code, "{}", words(error, action, path));
}

}  // namespace goop::store
