// What the dialer of the contract does once it is connected; see ../README.md.
//
// Every scenario returns the extra fields of its report, and throws Failure when something is not
// as the contract says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "tests/interop/cpp/node.h"

namespace goop::interop {

// One dialled connection. `arg` is empty when none was given.
struct Session {
  Runtime& runtime;
  Node& node;
  p2p::PeerId peer;
  p2p::Multiaddr address;  // that was dialled, without /p2p
  std::string arg;
  Deadline by;
  std::uint64_t connection = 0;
};

struct Scenario {
  std::string_view name;
  bool numeric;       // ARG is a number
  Duration deadline;  // dialling included
  Task<json::Object> (*run)(Session&);
  bool dials_itself = false;
};

// nullptr: the contract knows no such scenario.
const Scenario* find_scenario(std::string_view name);

}  // namespace goop::interop
