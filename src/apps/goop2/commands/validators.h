// What CLI11 asks of arguments before a command runs.
#pragma once

#include <CLI/CLI.hpp>

namespace goop::apps {

// A name of a folder or file. Empty is what an unset variable of the shell leaves: nobody means it.
inline CLI::Validator not_empty() {
  const auto check = [](std::string& given) {
    return given.empty() ? std::string("is empty; name a folder or file") : std::string();
  };
  return {check, "", "not_empty"};
}

}  // namespace goop::apps
