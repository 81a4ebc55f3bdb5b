// What this server offers, and the description of its API.
#include "base/ascii.h"
#include "rendezvous/context.h"
#include "rendezvous/route_table.h"

namespace goop::rendezvous::routes {
namespace {

// "200 application/json, 404" as OpenAPI's responses.
json::Object responses_of(std::string_view answers) {
  json::Object responses;
  while (!answers.empty()) {
    const auto comma = answers.find(", ");
    const auto one = answers.substr(0, comma);
    const auto space = one.find(' ');
    json::Object response{{"description", net::http::reason(std::atoi(one.data()))}};
    if (space != one.npos) {
      response["content"] = json::Object{{one.substr(space + 1), json::Object{}}};
    }
    responses[one.substr(0, space)] = std::move(response);
    answers = comma == answers.npos ? std::string_view{} : answers.substr(comma + 2);
  }
  return responses;
}

// A rest of a path is a parameter like any other.
std::string path_of(const Route& route) {
  std::string path(route.pattern);
  const auto rest = path.find("...}");
  return rest == path.npos ? path : path.erase(rest, 3);
}

json::Array parameters_of(std::string_view path) {
  json::Array parameters;
  for (auto open = path.find('{'); open != path.npos; open = path.find('{', open + 1)) {
    const auto name = path.substr(open + 1, path.find('}', open) - open - 1);
    parameters.push_back(json::Object{{"name", name},
                                      {"in", "path"},
                                      {"required", true},
                                      {"schema", json::Object{{"type", "string"}}}});
  }
  return parameters;
}

json::Object operation_of(const Route& route) {
  auto responses = responses_of(route.answers);
  if (route.is_operators()) {  // to who sent a password while many are tried
    responses["428"] = json::Object{{"description", net::http::reason(428)}};
  }
  json::Object operation{{"summary", route.summary}, {"responses", std::move(responses)}};
  if (route.is_operators()) {
    operation["security"] = json::Array{json::Object{{"admin", json::Array{}}},
                                        json::Object{{"session", json::Array{}}}};
  }
  return operation;
}

}  // namespace

Response capabilities(Context& context, Exchange&) {
  return json_answer(json::Object{{"bridge", false},
                                  {"credits", false},
                                  {"encryption", false},
                                  {"registration", context.registration->required()},
                                  {"relay", false},
                                  {"templates", false}});
}

Response openapi(Context& context, Exchange&) {
  json::Object paths;
  for (const auto& route : route_table()) {
    const auto name = path_of(route);
    auto& path = paths[name];
    if (path.is_null()) path = json::Object{};
    if (name.contains('{')) path.as_object()["parameters"] = parameters_of(name);
    path.as_object()[ascii_lower(net::http::name(route.method))] = operation_of(route);
  }
  const json::Object admin{{"type", "http"}, {"scheme", "basic"}};
  const json::Object session{{"type", "apiKey"}, {"in", "header"}, {"name", "X-Goop-Session"}};
  return json_answer(json::Object{
      {"openapi", "3.0.3"},
      {"info",
       json::Object{{"title", "Goop2 rendezvous server"}, {"version", context.options.version}}},
      {"paths", std::move(paths)},
      {"components",
       json::Object{{"securitySchemes", json::Object{{"admin", admin}, {"session", session}}}}},
  });
}

Response relay(Context&, Exchange&) { return text_answer(404, "this server has no relay"); }

}  // namespace goop::rendezvous::routes
