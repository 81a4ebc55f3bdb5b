#include "peer/site/root.h"

#include "peer/site/limits.h"

namespace goop::peer::site {

std::unexpected<Error> SiteRoot::away(Error error) {
  failures_.failed(error, runtime_.now());
  return std::unexpected(std::move(error));
}

// Nothing: it has to be looked at on the pool.
std::optional<Result<SiteRoot::Place>> SiteRoot::try_open() {
  if (!rules_) return std::nullopt;
  auto folder = store::Folder::try_open_cached(path_);
  if (!folder) return std::nullopt;
  if (!*folder) return away(std::move(folder->error()));
  if (!(*folder)->current_info().same_file(known_)) return std::nullopt;
  return Place{std::move(**folder), rules_};
}

Result<SiteRoot::Inspected> SiteRoot::look_anew(const std::filesystem::path& path,
                                                const Inspect& inspect) {
  for (int i = 0; i < limits::changing_folder_tries; ++i) {
    GOOP_TRY(auto folder, store::Folder::open(path));
    GOOP_TRY(auto rules, inspect());
    if (folder.keeps_short_names()) rules.refuse_short_names();
    // What was inspected by its path has to be what was opened.
    GOOP_TRY(const auto again, store::Folder::open(path));
    const auto info = folder.current_info();
    if (!again.current_info().same_file(info)) continue;
    return Inspected{{std::move(folder), std::make_shared<const SiteRules>(std::move(rules))},
                     info};
  }
  return fail(Errc::not_found, "the folder {} is replaced all the time", path.string());
}

Task<Result<SiteRoot::Place>> SiteRoot::open_anew() {
  auto job = [path = path_, inspect = inspect_] { return look_anew(path, inspect); };
  auto found = co_await runtime_.offload(std::move(job));
  if (!found) co_return away(std::move(found.error()));
  failures_.succeeded();
  known_ = found->folder;
  rules_ = found->place.rules;
  co_return std::move(found->place);
}

Task<Result<SiteRoot::Place>> SiteRoot::open() {
  if (auto place = try_open()) {
    if (*place) failures_.succeeded();
    co_return std::move(*place);
  }
  co_return co_await open_anew();
}

}  // namespace goop::peer::site
