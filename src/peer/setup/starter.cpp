#include "peer/setup/starter.h"

#include "peer/setup/own_files.h"

namespace goop::peer::setup {
namespace {

Result<ConfigFile> open_config(const store::Folder& folder, std::string_view label, bool& created) {
  auto config = ConfigFile::load(folder);
  if (!config && config.error().code == Errc::not_found) {
    config = ConfigFile::parse(first_config_text(label), (folder.path() / config_name).string());
    GOOP_CHECK(config->save(folder));
    created = true;
  }
  if (config) GOOP_CHECK(config->usable());
  return config;
}

Result<void> check_site(const std::filesystem::path& path, const Config& config) {
  const auto given_away = own_file_in_site(path, config, Look::at_disk);
  if (given_away.empty()) return {};
  return fail(Errc::invalid,
              "paths.site_root is {}, where the peer's own {} lies: every visitor could read it. "
              "Choose another: goop2 config set {} paths.site_root site",
              config.paths.site_root, given_away, path.string());
}

bool is_there(const std::filesystem::path& path) {
  std::error_code unknown;  // then making it will say what is wrong
  return std::filesystem::exists(path, unknown);
}

Result<void> write_site(const std::filesystem::path& root, std::span<const StarterFile> files) {
  GOOP_TRY(const auto site, store::Folder::open_or_create(root, 0755));
  for (const StarterFile& file : files) {
    if (const auto slash = file.path.rfind('/'); slash != file.path.npos) {
      GOOP_CHECK(site.make_directories(file.path.substr(0, slash)));
    }
    GOOP_CHECK(site.write_atomic(file.path, file.bytes));
  }
  return {};
}

}  // namespace

std::string Prepared::created() const {
  std::vector<std::string_view> parts;
  if (config_created) parts.push_back("goop.json");
  if (identity.created) parts.push_back("an identity");
  if (site_created) parts.push_back("a starter site");
  if (parts.empty()) return {};
  std::string text = folder_created ? fmt::format("created {} with ", folder.path().string())
                                    : fmt::format("created in {}: ", folder.path().string());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ", parts[i]);
  }
  return text;
}

Result<Prepared> prepare_folder(const std::filesystem::path& path, const StarterOptions& options) {
  const bool existed = is_there(path);
  GOOP_TRY(auto folder, store::Folder::open_or_create(path, 0755));
  GOOP_TRY(auto lock, FolderLock::take(folder, options.now));
  bool config_created = false;
  auto config_warning = close_to_others(folder);
  GOOP_TRY(auto config, open_config(folder, options.label, config_created));
  GOOP_CHECK(check_site(path, config.values()));
  GOOP_TRY(auto identity, open_identity(path, config.values().identity.key_file, options.fresh));
  const auto site = path / config.values().paths.site_root;
  const bool site_missing = !is_there(site);
  if (site_missing) GOOP_CHECK(write_site(site, options.site));
  return Prepared{std::move(folder), std::move(lock), std::move(config), std::move(identity),
                  !existed,          config_created,  site_missing,      std::move(config_warning)};
}

}  // namespace goop::peer::setup
