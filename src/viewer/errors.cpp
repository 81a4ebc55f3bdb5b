#include "viewer/errors.h"

#include "net/http/status.h"

namespace goop::viewer {

int status_of(Errc code) {
  // It is the other peer that does not speak what we asked for, not we.
  return code == Errc::unsupported ? 502 : net::http::status_of(code);
}

std::string_view code_of(Errc code) { return name(code); }

std::string_view code_of_status(int status) {
  switch (status) {
    case 400:
      return "invalid";
    case 401:
      return "signed_out";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 405:
      return "method";
    case 413:
      return "too_large";
    case 415:
      return "media_type";
    case 421:
      return "misdirected";
    default:
      return "internal";
  }
}

std::string_view hint_of(Errc code) {
  switch (code) {
    case Errc::invalid:
      return "check the spelling of the address";
    case Errc::not_found:
      return "use the full address or the goop:// link of its owner";
    case Errc::unreachable:
    case Errc::timeout:
      return "check that the peer is running and its address is current";
    case Errc::unverified:
      return "ask the owner for the current address";
    case Errc::busy:
      return "try again in a moment";
    case Errc::forbidden:
    case Errc::too_large:
    case Errc::conflict:
    case Errc::unsupported:
    case Errc::closed:
    case Errc::cancelled:
    case Errc::violation:
    case Errc::storage:
    case Errc::internal:
      return "";
  }
  return "";
}

}  // namespace goop::viewer
