// The viewer's own API, all but peers and events: docs/dev/protocols/viewer-api.md.
#include "viewer/context.h"
#include "viewer/limits.h"
#include "viewer/shown.h"

namespace goop::viewer {

struct LoginBody {
  std::string secret;
};
BOOST_DESCRIBE_STRUCT(LoginBody, (), (secret))
struct AddressBody {
  std::string address;
};
BOOST_DESCRIBE_STRUCT(AddressBody, (), (address))
struct PerfBody {
  std::string address;
  std::uint64_t download = 0, upload = 0;
  unsigned streams = 1;
};
BOOST_DESCRIBE_STRUCT(PerfBody, (), (address, download, upload, streams))

namespace routes {
namespace {

namespace http = net::http;

// `{"address": …}`, without the space around it.
Task<Result<std::string>> address_in(const Context& context, http::Request& request) {
  auto body = co_await body_as<AddressBody>(context, request);
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto& address = body->address;
  if (address.size() > limits::address_bytes) {
    co_return fail(Errc::too_large, "an address has at most {} bytes", limits::address_bytes);
  }
  constexpr std::string_view space = " \t\r\n";
  const auto first = std::min(address.find_first_not_of(space), address.size());
  address.erase(0, first);
  address.erase(address.find_last_not_of(space) + 1);
  co_return std::move(address);
}

}  // namespace

Task<Response> login(Context& context, Exchange& exchange) {
  const auto body = co_await body_as<LoginBody>(context, exchange.request);
  if (!body) co_return error_answer(context, body.error());
  const auto opened = context.sessions.login(body->secret);
  if (!opened) co_return error_answer(context, opened.error());
  const json::Object answer{{"token", opened->token}};
  auto response = json_answer(context, answer);
  response.add("Set-Cookie", opened->set_cookie);
  co_return response;
}

Task<Response> visit(Context& context, Exchange& exchange) {
  auto address = co_await address_in(context, exchange.request);
  if (!address) co_return error_answer(context, address.error());
  const auto by = Deadline::after(context.runtime.now(), limits::visit_time);
  const auto peer = co_await context.peer.visit(std::move(*address), by);
  if (!peer) co_return error_answer(context, peer.error());
  const json::Object answer{{"peerID", peer->to_string()},
                            {"siteUrl", site_url(*peer, context.port)}};
  co_return json_answer(context, answer);
}

Task<Response> ping(Context& context, Exchange& exchange) {
  auto address = co_await address_in(context, exchange.request);
  if (!address) co_return error_answer(context, address.error());
  const auto by = Deadline::after(context.runtime.now(), limits::visit_time);
  const auto rtt = co_await context.peer.ping(std::move(*address), by);
  if (!rtt) co_return error_answer(context, rtt.error());
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(*rtt).count();
  const json::Object answer{{"rttMicros", micros}};
  co_return json_answer(context, answer);
}

Task<Response> perf(Context& context, Exchange& exchange) {
  auto body = co_await body_as<PerfBody>(context, exchange.request);
  if (!body) co_return error_answer(context, body.error());
  if (body->streams == 0 || body->streams > limits::perf_streams) {
    const Error error{Errc::invalid, fmt::format("streams: 1 to {}", limits::perf_streams)};
    co_return error_answer(context, error);
  }
  const PerfPlan plan{body->download, body->upload, body->streams};
  const auto by = Deadline::after(context.runtime.now(), limits::perf_time);
  const auto times = co_await context.peer.perf(std::move(body->address), plan, by);
  if (!times) co_return error_answer(context, times.error());
  const auto micros = [](Duration span) {
    return std::chrono::duration_cast<std::chrono::microseconds>(span).count();
  };
  const json::Object answer{{"connectMicros", micros(times->connect)},
                            {"downloadMicros", micros(times->download)},
                            {"uploadMicros", micros(times->upload)}};
  co_return json_answer(context, answer);
}

Response self(Context& context, Exchange&) { return json_answer(context, self_object(context)); }

Response connections(Context& context, Exchange&) {
  const json::Object answer{{"cursor", cursor_text(context, context.peer.news().last())},
                            {"connections", connection_list(context)}};
  return json_answer(context, answer);
}

Response status(Context& context, Exchange& exchange) {
  auto answer = self_object(context);
  answer["url"] = viewer_origin(context.port) + "/";
  answer["ready"] = context.peer.ready();
  answer["sessions"] = context.sessions.count();
  answer["usersToldApart"] = exchange.user != LocalUser::unknown;
  answer["connections"] = connection_list(context);
  return json_answer(context, answer);
}

Task<Response> own_site(Context& context, Exchange&) {
  const auto view = co_await context.peer.check_site();
  json::Array notices;
  for (const auto& notice : view.notices) {
    notices.push_back(json::Object{{"kind", name(notice.kind)}, {"path", notice.path}});
  }
  const json::Object answer{{"folder", view.folder}, {"notices", std::move(notices)}};
  co_return json_answer(context, answer);
}

// A link that logs a browser in; `goop2 open` hands it to the browser without a command line.
Response open(Context& context, Exchange&) {
  const auto secret = context.sessions.new_login_secret(Sessions::Life::short_link);
  const json::Object answer{
      {"url", fmt::format("{}/#login={}", viewer_origin(context.port), secret)}};
  return json_answer(context, answer);
}

}  // namespace routes
}  // namespace goop::viewer
