// The viewer's own API: docs/dev/protocols/viewer-api.md.
#include "net/http/sse.h"
#include "viewer/context.h"
#include "viewer/errors.h"
#include "viewer/limits.h"

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

Response error_answer(const Context& context, const Error& error) {
  return api_error(context, status_of(error.code), code_of(error.code), error.detail,
                   hint_of(error.code));
}

template <class T>
Task<Result<T>> body_as(const Context& context, http::Request& request) {
  auto text = co_await json_body(context, request);
  if (!text) co_return std::unexpected(std::move(text.error()));
  co_return json::parse_as<T>(*text);
}

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

json::Object self_object(const Context& context) {
  const auto self = context.peer.self();
  const auto& id = context.peer.id();
  json::Array addresses;
  for (const auto& address : self.addresses) addresses.emplace_back(address);
  return {{"peerID", id.to_string()},
          {"label", self.label},
          {"siteUrl", site_url(id, context.port)},
          {"siteOrigin", site_origin(id, context.port)},
          {"addresses", std::move(addresses)},
          {"link", self.link},
          {"version", self.version},
          {"started", to_ms(self.started)},
          {"connections", context.peer.connections().size()}};
}

json::Object connection_object(const Context& context, const ConnectionView& connection) {
  json::Value rtt;  // null while it was not measured
  if (connection.rtt) {
    rtt = std::chrono::duration_cast<std::chrono::microseconds>(*connection.rtt).count();
  }
  return {{"peerID", connection.peer.to_string()},
          {"label", connection.label},
          {"address", connection.address},
          {"direction", connection.inbound ? "inbound" : "outbound"},
          {"rttMicros", std::move(rtt)},
          {"openedAt", to_ms(connection.opened)},
          {"streams", connection.streams},
          {"siteUrl", site_url(connection.peer, context.port)}};
}

json::Array connection_list(const Context& context) {
  json::Array list;
  for (const auto& one : context.peer.connections()) {
    list.push_back(connection_object(context, one));
  }
  return list;
}

// Event ids and cursors: the run they belong to, and the number in its feed.
std::string cursor_text(const Context& context, std::uint64_t number) {
  return fmt::format("{}-{}", context.boot, number);
}
std::optional<std::uint64_t> cursor_number(const Context& context, std::string_view text) {
  if (!text.starts_with(context.boot + "-")) return std::nullopt;
  std::uint64_t number = 0;
  const auto digits = text.substr(context.boot.size() + 1);
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

// The peer's news as the text of an event stream; it ends when the reader's session does.
class NewsFeed final : public http::EventFeed {
 public:
  // `after`: the id of the last event that the reader has; empty: it starts with what comes next.
  NewsFeed(Context& context, const Exchange& exchange, std::string_view after)
      : context_(context), visitor_(exchange.visitor), cursor_(context.peer.news().last()) {
    ++context_.event_streams;
    cookies_ = exchange.request.field("Cookie").value_or("");
    token_ = exchange.request.field("X-Goop-Session").value_or("");
    const auto known = cursor_number(context, after);
    gap_ = !after.empty() && (!known || *known > cursor_);
    if (known && !gap_) cursor_ = *known;
  }
  ~NewsFeed() override { --context_.event_streams; }

  void append_news(std::string& to) override {
    auto& news = context_.peer.news();
    for (;;) {
      auto next = gap_ ? Feed<PeerNews>::Next{Feed<PeerNews>::Read::gap, {}} : news.next(cursor_);
      gap_ = false;
      if (next.read == Feed<PeerNews>::Read::none) return;
      const auto id = cursor_text(context_, cursor_);
      if (next.read == Feed<PeerNews>::Read::gap) {
        http::append_event(to, id, "gap", "{}");
      } else if (const auto* changed = std::get_if<ConnectionChanged>(&*next.event)) {
        append_connection(to, id, changed->peer);
      } else if (const auto* moved = std::get_if<PerfMoved>(&*next.event)) {
        const json::Object data{{"peerID", moved->peer.to_string()},
                                {"way", moved->way == PerfWay::download ? "download" : "upload"},
                                {"bytes", moved->bytes}};
        http::append_event(to, id, "perf", json::write(data));
      } else {
        http::append_event(to, id, "self", json::write(self_object(context_)));
      }
    }
  }

  Task<> wait(Deadline by) override { co_await context_.peer.news().wait(cursor_, by); }

  bool over() const override {
    return visitor_ == Visitor::page && !context_.sessions.valid(cookies_, token_);
  }

 private:
  void append_connection(std::string& to, std::string_view id, const p2p::PeerId& peer) {
    if (const auto connection = context_.peer.connection(peer)) {
      const auto data = json::write(connection_object(context_, *connection));
      return http::append_event(to, id, "connection", data);
    }
    const json::Object gone{{"peerID", peer.to_string()}};
    http::append_event(to, id, "disconnection", json::write(gone));
  }

  Context& context_;
  Visitor visitor_;
  std::string cookies_, token_;
  bool gap_ = false;
  std::uint64_t cursor_;
};

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

Response events(Context& context, Exchange& exchange) {
  if (context.event_streams >= limits::event_streams) {
    return error_answer(context, {Errc::busy, "too many event streams"});
  }
  const auto& request = exchange.request;
  std::string after(request.field("Last-Event-ID").value_or(""));
  if (after.empty()) after = http::query_value(request.target.query, "after").value_or("");
  auto feed = std::make_unique<NewsFeed>(context, exchange, after);
  auto response = http::event_stream(context.runtime, std::move(feed));
  response.add_lines(context.headers.base);
  return response;
}

Response status(Context& context, Exchange&) {
  auto answer = self_object(context);
  answer["url"] = viewer_origin(context.port) + "/";
  answer["ready"] = context.peer.ready();
  answer["sessions"] = context.sessions.count();
  answer["connections"] = connection_list(context);
  return json_answer(context, answer);
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
