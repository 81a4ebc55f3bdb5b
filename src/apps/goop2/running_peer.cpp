#include "apps/goop2/running_peer.h"

#include <charconv>

#include "apps/goop2/limits.h"
#include "base/task_scope.h"

namespace goop::apps {

// What the API says when it says no.
struct Refusal {
  std::string error, code;
};
BOOST_DESCRIBE_STRUCT(Refusal, (), (error, code))

namespace {

namespace http = net::http;
namespace setup = peer::setup;

constexpr std::string_view loopback_url = "http://127.0.0.1:";

Result<net::Endpoint> endpoint_of(std::string_view url) {
  std::uint16_t port = 0;
  if (url.starts_with(loopback_url)) {
    const auto digits = url.substr(loopback_url.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), port);
  }
  if (port == 0) return fail(Errc::invalid, "{} names no viewer", setup::control_name);
  return net::Endpoint{asio::ip::address_v4::loopback(), port};
}

// The API writes codes by their names; what it adds to them is about its own guard.
Errc code_of(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(Errc::internal); ++i) {
    if (name(static_cast<Errc>(i)) == text) return static_cast<Errc>(i);
  }
  return Errc::forbidden;
}

std::unexpected<Error> refusal(int status, std::string_view body) {
  while (body.ends_with('\n')) body.remove_suffix(1);
  if (const auto said = json::parse_as<Refusal>(body)) {
    return fail(code_of(said->code), "{}", printable(said->error));
  }
  if (status == 401 || status == 421) {
    return fail(Errc::forbidden,
                "another program answers in the peer's place; is the peer still running?");
  }
  return fail(code_of(body), "the running peer says: {} ({})", printable(body), status);
}

}  // namespace

Task<std::unique_ptr<RunningPeer>> RunningPeer::find(Runtime& runtime, net::Network& network,
                                                     const store::Folder& folder) {
  auto control = setup::read_control(folder);
  if (!control) co_return nullptr;
  const auto at = endpoint_of(control->url);
  if (!at) co_return nullptr;
  const auto by = Deadline::after(runtime.now(), limits::control_time);
  auto connecting = http::Client::connect(runtime, network, *at, by);
  auto client = co_await attempt(std::move(connecting));
  if (!client) co_return nullptr;
  co_return std::unique_ptr<RunningPeer>(
      new RunningPeer(runtime, network, *at, std::move(*control), std::move(*client)));
}

Task<const http::ResponseHead*> RunningPeer::send(http::ClientRequest request, Deadline by) {
  if (!client_) client_ = co_await http::Client::connect(runtime_, network_, at_, by);
  request.fields.emplace_back("Authorization", "Bearer " + control_.token);
  co_return co_await client_->send(std::move(request), by);
}

Task<json::Object> RunningPeer::answer(http::ClientRequest request, Deadline by) {
  const auto* head = co_await send(std::move(request), by);
  const int status = head->status;
  const auto body = co_await client_->read_body(limits::answer_bytes, by);
  if (!client_->reusable()) client_.reset();
  if (status != 200) throw Failure(refusal(status, as_text(body)).error());
  auto value = or_raise(json::parse(as_text(body), {.bytes = limits::answer_bytes}));
  if (!value.is_object()) raise(Errc::violation, "the running peer's answer is no JSON object");
  co_return std::move(value.as_object());
}

Task<json::Object> RunningPeer::get(std::string target) {
  http::ClientRequest request;
  request.target = std::move(target);
  co_return co_await answer(std::move(request),
                            Deadline::after(runtime_.now(), limits::control_time));
}

Task<json::Object> RunningPeer::post(std::string target, json::Object body, Duration patience) {
  http::ClientRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.fields.emplace_back("Content-Type", "application/json");
  request.body = json::write(body);
  const auto by = Deadline::after(runtime_.now(), limits::control_time + patience);
  co_return co_await answer(std::move(request), by);
}

Task<http::Client*> RunningPeer::events(std::string after) {
  http::ClientRequest request;
  request.target = "/api/events";
  if (!after.empty()) request.fields.emplace_back("Last-Event-ID", std::move(after));
  const auto by = Deadline::after(runtime_.now(), limits::control_time);
  const auto* head = co_await send(std::move(request), by);
  const int status = head->status;
  if (status == 200) co_return client_.get();
  const auto body = co_await client_->read_body(limits::answer_bytes, by);
  throw Failure(refusal(status, as_text(body)).error());
}

Task<Result<RunningPeer::File>> RunningPeer::file(p2p::PeerId owner, wire::SitePath path,
                                                  Deadline by) {
  for (int tries = 0; tries < 2; ++tries) {
    http::ClientRequest request;
    request.target = fmt::format("/p/{}/{}", owner, path.to_url());
    const auto* head = co_await send(std::move(request), by);
    if (head->status == 200) {
      const File file{client_.get(), head->content_length};
      co_return file;
    }
    const int status = head->status;
    const auto body = co_await client_->read_body(limits::answer_bytes, by);
    if (!client_->reusable()) client_.reset();
    if (status != 302 || path.directory()) co_return refusal(status, as_text(body));
    path = or_raise(wire::SitePath::parse(path.text() + "/"));
  }
  raise(Errc::violation, "the running peer answers with nothing but redirects");
}

}  // namespace goop::apps
