// Who can see this peer, where goop.json makes that fewer than usual: sentences for its owner.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "peer/setup/config.h"

namespace goop::peer::setup {

struct Narrowed {
  std::string_view key;  // that does it
  std::string sentence;
};
std::vector<Narrowed> narrowed_visibility(const Config& config);

}  // namespace goop::peer::setup
