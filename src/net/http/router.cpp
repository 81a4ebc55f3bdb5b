#include "net/http/router.h"

namespace goop::net::http {

struct Router::Node {
  struct Leaf {
    Method method;
    std::size_t route;
  };
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> any;    // `{name}`
  std::vector<Leaf> here;       // the path ends here
  std::vector<Leaf> rest_here;  // `{name...}` starts here

  Node& literal(std::string_view segment) {
    for (auto& [text, node] : literals) {
      if (text == segment) return *node;
    }
    literals.emplace_back(segment, std::make_unique<Node>());
    return *literals.back().second;
  }
};

namespace {

// What of `path` follows its first `segments` segments, without the slash between.
std::string_view after(std::string_view path, std::size_t segments) {
  for (; segments > 0; --segments) {
    const auto slash = path.find('/', 1);
    if (slash == path.npos) return {};
    path.remove_prefix(slash);
  }
  return path.empty() ? path : path.substr(1);
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(Method method, std::string_view pattern, std::size_t route) {
  GOOP_ASSERT(pattern.starts_with('/'));
  Node* node = root_.get();
  auto left = pattern.substr(1);
  auto* leaves = &node->here;
  while (!left.empty() || pattern.ends_with('/')) {
    if (pattern == "/") break;
    const auto slash = left.find('/');
    const auto segment = left.substr(0, slash);
    if (segment.ends_with("...}")) {
      leaves = &node->rest_here;
      GOOP_ASSERT(slash == left.npos);
      break;
    }
    if (segment.starts_with('{')) {
      if (!node->any) node->any = std::make_unique<Node>();
      node = node->any.get();
    } else {
      node = &node->literal(segment);
    }
    leaves = &node->here;
    if (slash == left.npos) break;
    left.remove_prefix(slash + 1);
  }
  for (const auto& leaf : *leaves) GOOP_ASSERT(leaf.method != method);
  leaves->push_back({method, route});
}

Match Router::match(Method method, const Target& target) const {
  Match match;
  std::size_t values = 0;
  const Node* node = root_.get();
  const std::vector<Node::Leaf>* leaves = nullptr;
  const std::vector<Node::Leaf>* rest = nullptr;  // the deepest `{name...}` passed on the way
  std::size_t rest_depth = 0, rest_values = 0;
  std::size_t depth = 0;
  for (;; ++depth) {
    if (!node->rest_here.empty()) {
      rest = &node->rest_here;
      rest_depth = depth;
      rest_values = values;
    }
    if (depth == target.segments.size()) {
      if (!node->here.empty()) leaves = &node->here;
      break;
    }
    const auto& segment = target.segments[depth];
    const Node* next = nullptr;
    for (const auto& [text, child] : node->literals) {
      if (text == segment) next = child.get();
    }
    if (!next && node->any && values < match.values.size()) {
      next = node->any.get();
      match.values[values++] = segment;
    }
    if (!next) break;
    node = next;
  }
  if (!leaves && rest) {
    leaves = rest;
    match.rest = after(target.path, rest_depth);
    for (std::size_t i = rest_values; i < values; ++i) match.values[i] = {};
  }
  if (!leaves) return match;

  const auto asked = method == Method::head ? Method::get : method;
  for (const auto& leaf : *leaves) {
    if (leaf.method == asked) {
      match.kind = Match::Kind::route;
      match.route = leaf.route;
      return match;
    }
  }
  match.kind = Match::Kind::wrong_method;
  for (const auto& leaf : *leaves) {
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += leaf.method == Method::get ? "GET, HEAD" : name(leaf.method);
  }
  return match;
}

}  // namespace goop::net::http
