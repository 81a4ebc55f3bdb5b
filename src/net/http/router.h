// Which of a table of routes a request means.
//
// A pattern is a path of literal segments, `{name}` for exactly one segment and, last, `{name...}`
// for the rest of the path as sent (percent-encoded, maybe empty). Literal segments win over names;
// order does not matter. Two routes with one method and one pattern are a bug.
//
//   Router router;
//   router.add(Method::get, "/p/{peer}/{path...}", 7);
//   auto match = router.match(request.method, request.target);
//
// Pure.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/http/message.h"

namespace goop::net::http {

struct Match {
  enum class Kind { route, wrong_method, none };
  Kind kind = Kind::none;
  std::size_t route = 0;
  std::array<std::string_view, 4> values;  // of the pattern's names in order; rest: encoded
  std::string_view rest;                   // of `{name...}`
  std::string allow;                       // with wrong_method: "GET, HEAD"
};

class Router {
 public:
  Router();
  ~Router();

  // HEAD is answered by the GET route.
  void add(Method method, std::string_view pattern, std::size_t route);

  // The views in the match point into `target`.
  Match match(Method method, const Target& target) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace goop::net::http
