#include "peer/presence/twin_watch.h"

#include <fmt/format.h>

namespace goop::peer::presence {

std::string Twin::problem() const {
  return fmt::format(
      "another computer runs with this identity{}: stop one, or `goop2 init` a new one",
      where.empty() ? "" : fmt::format(" ({})", where));
}

bool TwinWatch::saw(std::string where, Now now) {
  const bool is_new = !twin_;
  const bool moved = !is_new && !where.empty() && where != twin_->where;
  if (where.empty() && twin_) where = twin_->where;
  twin_ = Twin{std::move(where), now.wall};
  seen_ = now.at;
  const bool tell = is_new || moved || now.at - told_ >= limits::twin_told_again;
  if (tell) told_ = now.at;
  return tell;
}

bool TwinWatch::expire(Instant now) {
  if (!twin_ || now - seen_ < limits::twin_shown) return false;
  twin_.reset();
  return true;
}

}  // namespace goop::peer::presence
