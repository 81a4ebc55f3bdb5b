#include "peer/site/notices.h"

#include <deque>

#include "peer/site/limits.h"
#include "store/folder.h"

namespace goop::peer::site {
namespace {

using Kind = SiteNotice::Kind;

class Look {
 public:
  Look(const store::Folder& folder, const SiteRules& rules) : folder_(folder), rules_(rules) {}

  std::vector<SiteNotice> run() {
    if (!folder_.info("index.html")) note(Kind::no_front_page, "index.html");
    while (!waiting_.empty() && !full()) {
      const auto next = std::move(waiting_.front());
      waiting_.pop_front();
      look_into(next);
    }
    return std::move(notices_);
  }

 private:
  bool full() const {
    return notices_.size() >= limits::notices || looked_at_ >= limits::looked_at;
  }
  void note(Kind kind, std::string path) { notices_.push_back({kind, std::move(path)}); }

  void look_into(const std::string& directory) {
    const auto entries = folder_.list(directory);
    if (!entries) return note(directory.empty() ? Kind::no_folder : Kind::not_readable, directory);
    for (const auto& entry : *entries) {
      if (full()) return;
      ++looked_at_;
      look_at(directory.empty() ? entry.name : directory + "/" + entry.name, entry.info.kind);
    }
  }

  void look_at(std::string path, store::FileKind kind) {
    const auto parsed = wire::SitePath::parse(path);
    const bool directory = kind == store::FileKind::directory;
    if (!parsed || !rules_.readable(*parsed)) return;
    if (directory && !rules_.readable(*wire::SitePath::parse(path + "/"))) return;
    if (kind == store::FileKind::link) return note(Kind::link, std::move(path));
    if (directory) return waiting_.push_back(std::move(path));
    if (kind != store::FileKind::file) return;
    const auto opened = folder_.open_file(path);
    if (!opened && opened.error().code == Errc::forbidden) {
      note(Kind::not_readable, std::move(path));
    }
  }

  const store::Folder& folder_;
  const SiteRules& rules_;
  std::deque<std::string> waiting_{""};
  std::vector<SiteNotice> notices_;
  std::size_t looked_at_ = 0;
};

}  // namespace

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::no_folder:
      return "no_folder";
    case Kind::no_front_page:
      return "no_front_page";
    case Kind::not_readable:
      return "not_readable";
    case Kind::link:
      return "link";
  }
  return "";
}

std::vector<SiteNotice> look_over(const std::filesystem::path& folder, const SiteRules& rules) {
  const auto opened = store::Folder::open(folder);
  if (!opened) return {{Kind::no_folder, ""}};
  return Look(*opened, rules).run();
}

}  // namespace goop::peer::site
