// SQL that was written by us: the constructor takes literals only, at compile time.
//
// So no text from a user, a peer or a file can ever become part of a statement by mistake; values
// are bound. The literal's address names the statement in a connection's cache.
#pragma once

#include <cstddef>

namespace goop::store {

class Sql {
 public:
  template <std::size_t N>
  consteval Sql(const char (&literal)[N]) : text_(literal) {}

  const char* text() const { return text_; }

 private:
  const char* text_;
};

}  // namespace goop::store
