// For machines: is the program there, is it ready, what has it counted.
#include "net/http/metrics.h"
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

Response metrics(Context& context, Exchange&) {
  const auto& http = context.server->counters();
  const net::http::Metric list[] = {
      {"connections_total", "counter", "Connections that the viewer took.", http.connections},
      {"refused_total", "counter", "Connections refused at the cap.", http.refused},
      {"requests_total", "counter", "Requests to the viewer.", http.requests},
      {"sent_bytes_total", "counter", "Bytes that the viewer sent.", http.bytes_out},
      {"open_connections", "gauge", "Open connections.", context.server->open_connections()},
      {"event_streams", "gauge", "Open event streams.", context.event_streams},
      {"sessions", "gauge", "Browsers that are logged in.", context.sessions.count()},
  };
  std::string text = context.peer.metrics() + net::http::metrics_text("goop_http_", list);
  text += "# HELP goop_http_answers_total Answers by class of status.\n";
  text += "# TYPE goop_http_answers_total counter\n";
  for (std::size_t i = 1; i < http.by_class.size(); ++i) {
    text += fmt::format("goop_http_answers_total{{class=\"{}xx\"}} {}\n", i, http.by_class[i]);
  }
  Response response;
  response.add_lines(context.headers.api);
  response.text(net::http::metrics_type, std::move(text));
  return response;
}

}  // namespace goop::viewer::routes
