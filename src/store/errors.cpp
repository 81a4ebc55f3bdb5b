#include "store/errors.h"

#include <cerrno>
#include <system_error>

#include "base/bytes.h"

namespace goop::store {
namespace {

std::string words(int error, std::string_view action, std::string_view path) {
  return fmt::format("cannot {} {}: {}", action, path.empty() ? "the folder" : printable(path),
                     std::generic_category().message(error));
}

}  // namespace

std::unexpected<Error> refuse(int error, std::string_view action, std::string_view path) {
  const auto answer = [&](Errc code) { return fail(code, "{}", words(error, action, path)); };
  switch (error) {
    case ENOENT:
    case ENOTDIR:
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
  const bool used_up = error == EMFILE || error == ENFILE || error == ENOMEM;
  raise(used_up ? Errc::busy : Errc::storage, "{}", words(error, action, path));
}

}  // namespace goop::store
