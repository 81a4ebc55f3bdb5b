#include "apps/goop2/report.h"

#include <cstdio>

namespace goop::apps {
namespace {

std::string_view remedy(Errc code) {
  switch (code) {
    case Errc::unreachable:
    case Errc::timeout:
      return "Is that peer running, and is the address its current one?";
    case Errc::unverified:
      return "Somebody else answers at this address: ask the owner for the current one.";
    case Errc::unsupported:
      return "The other program offers no such thing.";
    case Errc::busy:
      return "Try again in a moment.";
    case Errc::closed:
      return "The other side, or the network, went away: try again.";
    case Errc::violation:
      return "The other program speaks the protocol wrongly.";
    case Errc::invalid:
    case Errc::not_found:
    case Errc::forbidden:
    case Errc::too_large:
    case Errc::conflict:
    case Errc::cancelled:
    case Errc::storage:
    case Errc::internal:
      return {};
  }
  return {};
}

}  // namespace

std::string advice(const Error& error) {
  const auto text = error.detail.empty() ? std::string(name(error.code)) : error.detail;
  const auto help = remedy(error.code);
  return help.empty() ? text : fmt::format("{}\n{}", text, help);
}

void complain(std::string_view text) {
  fmt::print(stderr, "goop2: {}\n", text);
  std::fflush(stderr);
}

void say(std::string_view text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

}  // namespace goop::apps
