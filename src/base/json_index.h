// Where the members of a JSON text's objects stand, so that a message can name a line and an
// editor can change one value without touching the rest.
//
// Only for text that json::parse has accepted: the scanner trusts its form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace goop::json {

// Half-open ranges of byte offsets into the text.
struct Member {
  std::vector<std::string> path;  // keys from the outside in, decoded
  std::size_t key_begin;          // at the key's opening quote
  std::size_t begin, end;         // the value
  bool object;                    // the value is one
};

// The members of the outermost object and of objects within it, `depth` levels in all, in the order
// of the text; an object comes before its members.
std::vector<Member> index_members(std::string_view text, std::size_t depth);

}  // namespace goop::json
