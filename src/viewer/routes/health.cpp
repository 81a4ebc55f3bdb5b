// For machines: is the program there, is it ready, what has it counted.
#include "viewer/context.h"

namespace goop::viewer::routes {
namespace {

constexpr std::string_view plain = "text/plain; charset=utf-8";

}  // namespace

// The same on every host, whosever label it has: it must not tell which peer this is.
Response health(Context& context, Exchange&) {
  Response response;
  response.add_lines(context.headers.probe);
  response.text(plain, "ok\n");
  return response;
}

Response ready(Context& context, Exchange&) {
  const bool is_ready = context.peer.ready();
  Response response(is_ready ? 200 : 503);
  response.add_lines(context.headers.api);
  response.text(plain, is_ready ? "ready\n" : "not ready\n");
  return response;
}

// Prometheus text format 0.0.4.
Response metrics(Context& context, Exchange&) {
  std::string text = context.peer.metrics();
  const auto counter = [&text](std::string_view name, std::string_view help, std::uint64_t value) {
    text += fmt::format("# HELP {0} {1}\n# TYPE {0} counter\n{0} {2}\n", name, help, value);
  };
  const auto gauge = [&text](std::string_view name, std::string_view help, std::uint64_t value) {
    text += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{0} {2}\n", name, help, value);
  };
  const auto& http = context.server->counters();
  counter("goop_http_connections_total", "Connections that the viewer took.", http.connections);
  counter("goop_http_refused_total", "Connections refused at the cap.", http.refused);
  counter("goop_http_requests_total", "Requests to the viewer.", http.requests);
  counter("goop_http_sent_bytes_total", "Bytes that the viewer sent.", http.bytes_out);
  text += "# HELP goop_http_answers_total Answers by class of status.\n";
  text += "# TYPE goop_http_answers_total counter\n";
  for (std::size_t i = 1; i < http.by_class.size(); ++i) {
    text += fmt::format("goop_http_answers_total{{class=\"{}xx\"}} {}\n", i, http.by_class[i]);
  }
  gauge("goop_http_open_connections", "Open connections.", context.server->open_connections());
  gauge("goop_http_event_streams", "Open event streams.", context.event_streams);
  gauge("goop_http_sessions", "Browsers that are logged in.", context.sessions.count());

  Response response;
  response.add_lines(context.headers.api);
  response.text("text/plain; version=0.0.4; charset=utf-8", std::move(text));
  return response;
}

}  // namespace goop::viewer::routes
