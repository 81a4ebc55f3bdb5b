// Scripts that complete a command line in bash, zsh and fish, written from the tree of commands.
//
// Where a command takes a folder or file, the shell's own completion of names is left to work.
#pragma once

#include <string>
#include <vector>

namespace goop::apps {

enum class Takes { nothing, value };

struct CompletableOption {
  std::string name;  // "--json"
  std::string about;
  Takes takes;
};

struct Completable {
  std::string name, about;
  std::vector<CompletableOption> options;
  std::vector<Completable> parts;  // its subcommands
};

std::string bash_completion(const Completable& program);
std::string zsh_completion(const Completable& program);
std::string fish_completion(const Completable& program);

}  // namespace goop::apps
