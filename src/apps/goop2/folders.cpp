#include "apps/goop2/folders.h"

#include "assets/starter.h"
#include "base/bytes.h"
#include "net/http/escape.h"
#include "peer/setup/control_file.h"

namespace goop::apps {
namespace {

namespace setup = peer::setup;

constexpr std::string_view placeholder = "{{label}}";
constexpr std::string_view plain_label = "hello";  // the default of profile.label

std::string with_label(std::string text, std::string_view label) {
  const auto shown = net::http::escape_html(label);
  for (auto at = text.find(placeholder); at != text.npos; at = text.find(placeholder, at)) {
    text.replace(at, placeholder.size(), shown);
    at += shown.size();
  }
  return text;
}

// The starter files; what has the label in it is kept in `texts`, which must not be touched after.
std::vector<setup::StarterFile> starter_files(std::string_view label,
                                              std::deque<std::string>& texts) {
  std::vector<setup::StarterFile> files;
  for (const Asset& asset : assets::starter().all()) {
    BytesView bytes = asset.bytes;
    if (asset.type.starts_with("text/html")) {
      bytes = as_bytes(texts.emplace_back(with_label(to_text(bytes), label)));
    }
    files.push_back({asset.path, bytes});
  }
  return files;
}

std::string name_of(const std::filesystem::path& dir) {
  auto full = std::filesystem::absolute(dir).lexically_normal();
  if (!full.has_filename()) full = full.parent_path();
  auto name = full.filename().string();
  return name.empty() || printable(name) != name ? std::string(plain_label) : name;
}

// That of the goop.json that is there, else the folder's name.
std::string label_for(const std::filesystem::path& dir) {
  if (const auto existing = open_existing(dir)) return existing->config.values().profile.label;
  return name_of(dir);
}

}  // namespace

Result<setup::Prepared> prepare(Runtime& runtime, const std::filesystem::path& dir) {
  setup::StarterOptions options;
  options.label = label_for(dir);
  std::deque<std::string> texts;
  const auto files = starter_files(options.label, texts);
  options.site = files;
  options.now = runtime.wall();
  runtime.random(options.fresh.mut());
  return setup::prepare_folder(dir, options);
}

Result<Existing> open_existing(const std::filesystem::path& dir) {
  auto folder = store::Folder::open(dir);
  auto config = folder ? setup::ConfigFile::load(*folder)
                       : Result<setup::ConfigFile>(std::unexpected(folder.error()));
  if (!config && config.error().code == Errc::not_found) {
    return fail(Errc::not_found,
                "there is no peer in {0}; `goop2 init {0}` makes one, `goop2 rendezvous {0}` a "
                "rendezvous server",
                dir.string());
  }
  if (!config) return std::unexpected(std::move(config.error()));
  return Existing{*std::move(folder), *std::move(config)};
}

std::string not_running(const std::filesystem::path& dir) {
  const auto existing = open_existing(dir);
  if (existing) {
    const auto& presence = existing->config.values().presence;
    if (presence.rendezvous_host && presence.rendezvous_only) {
      return fmt::format(
          "{} is the folder of a rendezvous server, not of a peer; a server says at its address, "
          "under /readyz, how it is doing",
          dir.string());
    }
    if (const auto holder = setup::lock_holder(existing->folder); !holder.empty()) {
      return fmt::format(
          "{} is in use ({}), but no command reaches the peer: it runs without a viewer, is just "
          "starting, or could not write {} (a full disk, say; what it prints tells)",
          dir.string(), holder, setup::control_name);
    }
  }
  return fmt::format("{0} is not running, or runs without a viewer; start it with: goop2 peer {0}",
                     dir.string());
}

Result<setup::Prepared> take_existing(Runtime& runtime, const std::filesystem::path& dir) {
  GOOP_CHECK(open_existing(dir));
  return prepare(runtime, dir);
}

}  // namespace goop::apps
