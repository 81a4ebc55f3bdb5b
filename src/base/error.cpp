#include "base/error.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>

namespace goop {
namespace {

// Those that asio has no name for.
std::optional<Errc> from_errno(int error) {
  switch (error) {
    case ENFILE:
    case ENOBUFS:
    case EINTR:
      return Errc::busy;
    case EHOSTDOWN:
    case ENONET:
    case ENETRESET:
      return Errc::unreachable;
    case EPROTO:
      return Errc::closed;
    case ENOSPC:
    case EDQUOT:
    case EIO:
    case EROFS:
      return Errc::storage;
    default:
      return std::nullopt;
  }
}

Errc from_system(const boost::system::error_code& code) {
  namespace error = boost::asio::error;
  if (code == error::operation_aborted) return Errc::cancelled;
  if (code == error::eof || code == error::connection_reset || code == error::broken_pipe ||
      code == error::connection_aborted || code == error::not_connected ||
      code == error::bad_descriptor || code == error::shut_down) {
    return Errc::closed;
  }
  if (code == error::timed_out) return Errc::timeout;
  if (code.category() == boost::system::system_category()) {
    if (const auto known = from_errno(code.value())) return *known;
  }
  if (code == error::connection_refused || code == error::host_unreachable ||
      code == error::network_unreachable || code == error::network_down ||
      code == error::host_not_found || code == error::host_not_found_try_again) {
    return Errc::unreachable;
  }
  if (code == error::address_in_use || code == error::already_open) return Errc::conflict;
  if (code == error::access_denied || code == error::no_permission) return Errc::forbidden;
  if (code == error::no_descriptors || code == error::no_memory) return Errc::busy;
  return Errc::internal;
}

}  // namespace

std::string_view name(Errc code) {
  switch (code) {
    case Errc::invalid:
      return "invalid";
    case Errc::not_found:
      return "not_found";
    case Errc::forbidden:
      return "forbidden";
    case Errc::too_large:
      return "too_large";
    case Errc::busy:
      return "busy";
    case Errc::conflict:
      return "conflict";
    case Errc::unsupported:
      return "unsupported";
    case Errc::unreachable:
      return "unreachable";
    case Errc::closed:
      return "closed";
    case Errc::timeout:
      return "timeout";
    case Errc::cancelled:
      return "cancelled";
    case Errc::violation:
      return "violation";
    case Errc::unverified:
      return "unverified";
    case Errc::storage:
      return "storage";
    case Errc::internal:
      return "internal";
  }
  return "internal";
}

std::string to_string(const Error& error) {
  return error.detail.empty() ? std::string(name(error.code))
                              : fmt::format("{}: {}", name(error.code), error.detail);
}

Error error_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Failure& failure) {
    return failure.error();
  } catch (const boost::system::system_error& error) {
    return {from_system(error.code()), error.code().message()};
  } catch (const std::bad_alloc&) {
    return {Errc::busy, "out of memory"};
  } catch (const std::exception& error) {
    return {Errc::internal, error.what()};
  } catch (...) {
    return {Errc::internal, "an exception of unknown type"};
  }
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "goop2: bug: %s does not hold (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace goop
