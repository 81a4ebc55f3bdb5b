// The peers that `goop2 peers` lists, as lines of a terminal: aligned columns, and colours where
// somebody looks at them. Labels are texts of strangers: made fit for a terminal.
//
// Thread: any.   Borrows: nothing.
#pragma once

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "base/time.h"

namespace goop::apps {

// What is shown of an entry of `GET /api/peers` (docs/dev/protocols/viewer-api.md).
struct ListedPeer {
  std::string peerID, label, way, proof;
  std::vector<std::string> knownBy;
  bool online = false, favorite = false;
  std::int64_t lastSeen = 0;
};
BOOST_DESCRIBE_STRUCT(ListedPeer, (),
                      (peerID, label, way, proof, knownBy, online, favorite, lastSeen))

class PeerLines {
 public:
  enum class Colours { no, yes };
  static Colours colours_wanted();  // stdout is a terminal, and NO_COLOR is not set
  explicit PeerLines(Colours colours) : colours_(colours) {}

  // Online first, favourites before others, then by name.
  void table(std::vector<ListedPeer> peers, WallTime now) const;
  void change(WallTime now, std::string_view what, const ListedPeer& peer) const;

 private:
  std::string painted(std::string_view colour, std::string text) const;

  Colours colours_;
};

}  // namespace goop::apps
