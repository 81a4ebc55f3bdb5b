#include "net/http/preconditions.h"

#include "net/http/date.h"

namespace goop::net::http {
namespace {

enum class Comparison { strong, weak };

// If-Match and If-None-Match: `*`, or a list of entity-tags in one field or several.
// Section 8.8.3.2.
bool any_matches(const Fields& request, std::string_view name, const EntityTag& current,
                 Comparison comparison) {
  for (std::size_t i = 0; i < request.size(); ++i) {
    auto [field, list] = request.at(i);
    if (!iequals(field, name)) continue;
    if (list == "*") return true;
    while (const auto tag = take_etag(list)) {
      const bool comparable = comparison == Comparison::weak || !(tag->weak || current.weak);
      if (comparable && !current.text.empty() && tag->text == current.text) return true;
    }
  }
  return false;
}

// The date in a field that is given once.
std::optional<std::int64_t> date_in(const Fields& request, std::string_view name) {
  const auto field = request.find(name);
  if (!field || request.count(name) != 1) return std::nullopt;
  return parse_http_date(*field);
}

bool has_conditions(const Fields& request) {
  constexpr std::string_view start = "If-";
  for (std::size_t i = 0; i < request.size(); ++i) {
    if (iequals(request.at(i).first.substr(0, start.size()), start)) return true;
  }
  return false;
}

bool is_read(Method method) { return method == Method::get || method == Method::head; }

Validators validators_of(const Response& response) {
  Validators known;
  if (auto field = response.field("ETag")) known.etag = take_etag(*field).value_or(EntityTag{});
  if (const auto field = response.field("Last-Modified")) known.modified = parse_http_date(*field);
  return known;
}

}  // namespace

Precondition evaluate(Method method, const Fields& request, const Validators& current) {
  if (request.find("If-Match")) {
    if (!any_matches(request, "If-Match", current.etag, Comparison::strong)) {
      return Precondition::failed;
    }
  } else if (const auto date = date_in(request, "If-Unmodified-Since"); date && current.modified) {
    if (*current.modified > *date) return Precondition::failed;
  }
  if (request.find("If-None-Match")) {
    if (!any_matches(request, "If-None-Match", current.etag, Comparison::weak)) {
      return Precondition::holds;
    }
    return is_read(method) ? Precondition::not_modified : Precondition::failed;
  }
  const auto date = date_in(request, "If-Modified-Since");
  const bool old = date && current.modified && *current.modified <= *date;
  return old && is_read(method) ? Precondition::not_modified : Precondition::holds;
}

void apply_preconditions(const Request& request, Response& response) {
  // 416 is decided by the range, which comes after the conditions (section 13.2.2).
  const bool judged =
      response.status / 100 == 2 || response.status == 304 || response.status == 416;
  if (!is_read(request.method) || !judged || !has_conditions(request.fields)) return;
  const auto verdict = evaluate(request.method, request.fields, validators_of(response));
  if (verdict == Precondition::holds) return;
  response.body = std::monostate();
  for (const auto* name : {"Content-Type", "Content-Encoding", "Content-Range", "Accept-Ranges"}) {
    response.remove(name);
  }
  response.status = verdict == Precondition::failed ? 412 : 304;
  if (response.status == 412) {
    response.text("text/plain; charset=utf-8", "it is not what the request expects\n");
  }
}

}  // namespace goop::net::http
