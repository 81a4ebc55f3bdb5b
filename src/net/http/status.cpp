#include "net/http/status.h"

namespace goop::net::http {

int status_of(Errc code) {
  switch (code) {
    case Errc::invalid:
      return 400;
    case Errc::not_found:
      return 404;
    case Errc::forbidden:
      return 403;
    case Errc::too_large:
      return 413;
    case Errc::busy:
      return 503;
    case Errc::conflict:
      return 409;
    case Errc::unsupported:
      return 501;
    case Errc::unreachable:
    case Errc::closed:
    case Errc::violation:
    case Errc::unverified:
      return 502;
    case Errc::timeout:
      return 504;
    case Errc::cancelled:
      return 503;
    case Errc::storage:
    case Errc::internal:
      return 500;
  }
  return 500;
}

}  // namespace goop::net::http
