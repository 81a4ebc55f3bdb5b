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

// `text` with a backslash before each of `special`.
std::string escaped(std::string_view text, std::string_view special) {
  std::string safe;
  for (const char c : text) {
    if (special.find(c) != special.npos) safe += '\\';
    safe += c;
  }
  return safe;
}

// Inside single quotes of zsh: first for what takes the words apart, then for the quotes.
std::string zsh_text(std::string_view text) {
  std::string quoted;
  for (const char c : escaped(text, "\\:[]")) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted;
}

std::string zsh_options(const Completable& node) {
  std::string text;
  for (const auto& option : node.options) {
    text += fmt::format(" '{}[{}]{}'", option.name, zsh_text(option.about),
                        option.takes == Takes::value ? ": :_files" : "");
  }
  return text;
}

std::string zsh_list(const Completable& node) {
  std::string text;
  for (const auto& part : node.parts) {
    text += fmt::format(" '{}:{}'", part.name, zsh_text(part.about));
  }
  return text;
}

// Inside single quotes of fish.
std::string fish_text(std::string_view text) { return escaped(text, "\\'"); }

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

// The outer _arguments finds the command behind the program's own options; what follows it then
// begins at $words[1], so that one's own words are in the second place.
std::string zsh_completion(const Completable& program) {
  std::string cases;
  for (const auto& command : program.parts) {
    if (command.parts.empty()) {
      cases += fmt::format("      {}) _arguments{} '*: :_files' ;;\n", command.name,
                           zsh_options(command));
    } else {
      cases += fmt::format(
          "      {}) if (( CURRENT == 2 )); then parts=({} ); _describe -t commands part parts; "
          "else _files; fi ;;\n",
          command.name, zsh_list(command));
    }
  }
  return fmt::format(R"(#compdef {0}
# zsh completion of {0}:  source <({0} completion zsh)
_{0}() {{
  local context state state_descr line
  local -a commands parts
  local -A opt_args
  _arguments -C{2} '1: :->command' '*:: :->rest'
  case $state in
    command)
      commands=({1} )
      _describe -t commands command commands ;;
    rest)
      case $words[1] in
{3}      esac ;;
  esac
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
                        fish_text(option.about));
  };
  const auto no_command = fmt::format("not __fish_seen_subcommand_from {}", names(program, " "));
  for (const auto& option : program.options) add_option("true", option);
  for (const auto& command : program.parts) {
    text += fmt::format("complete -c {} -n '{}' -f -a {} -d '{}'\n", program.name, no_command,
                        command.name, fish_text(command.about));
    const auto here = fmt::format("__fish_seen_subcommand_from {}", command.name);
    for (const auto& option : command.options) add_option(here, option);
    for (const auto& part : command.parts) {
      text += fmt::format(
          "complete -c {} -n '{}; and not __fish_seen_subcommand_from {}' -f -a {} "
          "-d '{}'\n",
          program.name, here, names(command, " "), part.name, fish_text(part.about));
    }
  }
  return text;
}

}  // namespace goop::apps
