// docs/user/configuration.md, from the table.
#include "base/error.h"
#include "peer/setup/config_keys.h"

namespace goop::peer::setup {
namespace {

constexpr std::string_view opening = R"(# Configuration

A peer is a folder, and all its settings are in that folder's `goop.json`. What is not in the file
has its default, so a file may be as short as `{}`:

```json
{
  "profile": { "label": "My Site" },
  "p2p": { "listen_port": 4001 }
}
```

- `goop2 config show DIR` lists every value; with `--origin` also where it comes from.
- `goop2 config check DIR` names every wrong value with its line.
- `goop2 config set DIR KEY VALUE` changes one value and leaves the rest of the file as it is.

Keys are read in any case; unknown ones are kept, and warned about. Where the program of the same
name that is written in Go starts with a value that cannot be used, Goop2 starts too: it warns, and
says which value it uses instead. The file holds secrets, so only you may read it (mode 0600): a
start takes the right from others where they have it, and says so. `config set` takes no control
characters. No setting comes from an environment variable, but for the port of
`goop2 rendezvous` ([commands](commands.md)). Relative paths start at the peer's folder.

"Applies" says when a change counts: *at once* in a running peer, or at the next *start*. *Not yet*:
the value is checked and kept, but the part of Goop2 that it is for is still to be built.
)";

std::string_view applies(const ConfigKey& key) {
  switch (key.applies) {
    case Applies::at_once:
      return "at once";
    case Applies::at_next_start:
      return "start";
    case Applies::not_yet:
      return "not yet";
  }
  return {};
}

std::string allowed(const ConfigKey& key) {
  std::string text = key.rule.allowed.empty()
                         ? std::string(type_name(key.standard))
                         : fmt::format("{}: {}", type_name(key.standard), key.rule.allowed);
  if (key.when.holds) text += fmt::format(" (checked when {})", key.when.text);
  return text;
}

}  // namespace

std::string config_docs() {
  std::string page(opening);
  std::string_view section;
  for (const ConfigKey& key : config_keys()) {
    if (key.section() != section) {
      section = key.section();
      page += fmt::format("\n## {}\n\n| Key | Default | Meaning | Allowed | Applies |\n", section);
      page += "|---|---|---|---|---|\n";
    }
    page += fmt::format("| `{}` | `{}` | {} | {} | {} |\n", key.member(),
                        value_as_json(key.standard), key.about, allowed(key), applies(key));
  }
  page += "\n## Rules between keys\n\n";
  for (const CrossRule& rule : cross_rules()) {
    page += fmt::format("- `{}`: {}.\n", rule.key, rule.allowed);
  }
  return page;
}

}  // namespace goop::peer::setup
