#include "apps/goop2/completion.h"

#include <fmt/format.h>

#include <string_view>

namespace goop::apps {
namespace {

std::string option_names(const Completable& node) {
  std::string text;
  for (const auto& option : node.options) text += (text.empty() ? "" : " ") + option.name;
  return text;
}

std::string names(const Completable& node, std::string_view between) {
  std::string text;
  for (const auto& part : node.parts) {
    if (!text.empty()) text += between;
    text += part.name;
  }
  return text;
}

// A description inside single quotes: without what a shell or its completion would take for more.
std::string quotable(std::string_view about) {
  std::string text(about);
  for (char& c : text) {
    if (c == '\'' || c == '`' || c == '[' || c == ']' || c == ':' || c == '\\') c = ' ';
  }
  return text;
}

std::string zsh_options(const Completable& node) {
  std::string text;
  for (const auto& option : node.options) {
    text += fmt::format(" '{}[{}]{}'", option.name, quotable(option.about),
                        option.takes == Takes::value ? ": :_files" : "");
  }
  return text;
}

std::string zsh_list(const Completable& node) {
  std::string text;
  for (const auto& part : node.parts) {
    text += fmt::format(" '{}:{}'", part.name, quotable(part.about));
  }
  return text;
}

}  // namespace

// A command's own words are offered right behind it; elsewhere bash completes names of files.
std::string bash_completion(const Completable& program) {
  const auto one_case = [](std::string_view command, const Completable& node) {
    return fmt::format("    {}) options='{}' parts='{}' ;;\n", command, option_names(node),
                       names(node, " "));
  };
  std::string cases = one_case("''", program);
  for (const auto& command : program.parts) cases += one_case(command.name, command);
  return fmt::format(
      R"(# bash completion of {0}:  source <({0} completion bash)
_{0}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command='' at=$((COMP_CWORD - 1)) options parts i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
    {1}) command=${{COMP_WORDS[i]}} at=$i; break ;;
    esac
  done
  case $command in
{2}  esac
  COMPREPLY=()
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ $at -eq $((COMP_CWORD - 1)) ]]; then
    COMPREPLY=($(compgen -W "$parts" -- "$current"))
  fi
}}
complete -o bashdefault -o default -F _{0} {0}
)",
      program.name, names(program, "|"), cases);
}

std::string zsh_completion(const Completable& program) {
  std::string cases;
  for (const auto& command : program.parts) {
    if (command.parts.empty()) {
      cases +=
          fmt::format("    {}) _arguments{} '*: :_files' ;;\n", command.name, zsh_options(command));
    } else {
      cases += fmt::format(
          "    {}) if (( CURRENT == 3 )); then parts=({} ); _describe -t commands part parts; "
          "else _files; fi ;;\n",
          command.name, zsh_list(command));
    }
  }
  return fmt::format(R"(#compdef {0}
# zsh completion of {0}:  source <({0} completion zsh)
_{0}() {{
  local -a commands parts
  if (( CURRENT == 2 )); then
    commands=({1} )
    _describe -t commands command commands
    _arguments{2}
    return
  fi
  case $words[2] in
{3}  esac
}}
if [[ $funcstack[1] == _{0} ]]; then _{0} "$@"; else compdef _{0} {0}; fi
)",
                     program.name, zsh_list(program), zsh_options(program), cases);
}

std::string fish_completion(const Completable& program) {
  std::string text =
      fmt::format("# fish completion of {0}:  {0} completion fish | source\n", program.name);
  const auto add_option = [&](std::string_view when, const CompletableOption& option) {
    text += fmt::format("complete -c {} -n '{}' -l {}{} -d '{}'\n", program.name, when,
                        option.name.substr(2), option.takes == Takes::value ? " -r" : "",
                        quotable(option.about));
  };
  for (const auto& option : program.options) add_option("true", option);
  for (const auto& command : program.parts) {
    text += fmt::format("complete -c {} -n __fish_use_subcommand -f -a {} -d '{}'\n", program.name,
                        command.name, quotable(command.about));
    const auto here = fmt::format("__fish_seen_subcommand_from {}", command.name);
    for (const auto& option : command.options) add_option(here, option);
    for (const auto& part : command.parts) {
      text += fmt::format(
          "complete -c {} -n '{}; and not __fish_seen_subcommand_from {}' -f -a {} "
          "-d '{}'\n",
          program.name, here, names(command, " "), part.name, quotable(part.about));
    }
  }
  return text;
}

}  // namespace goop::apps
