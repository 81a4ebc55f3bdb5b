// Another computer that runs with our identity: somebody has copied the folder.
//
// Its signs are messages that our key has signed and we have not, and a handshake that proves our
// own id from an address that is not ours. Nobody without the key can give one. What is done about
// it is up to a person, so all that happens here is that it is told: once, again when it comes from
// elsewhere, and every hour while it goes on.
//
// Pure.   Limits: limits::twin_*.
#pragma once

#include <optional>
#include <string>

#include "peer/presence/limits.h"
#include "peer/presence/sighting.h"

namespace goop::peer::presence {

struct Twin {
  std::string where;  // its address; empty: not known
  WallTime seen;

  std::string problem() const;  // for a person, with what to do
};

class TwinWatch {
 public:
  // True: a person should be told.
  bool saw(std::string where, Now now);
  // True: it was not seen for a while, and counts as gone.
  bool expire(Instant now);

  const std::optional<Twin>& twin() const { return twin_; }

 private:
  std::optional<Twin> twin_;
  Instant seen_{}, told_{};
};

}  // namespace goop::peer::presence
