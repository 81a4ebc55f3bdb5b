#include "net/http/fetch.h"

#include "base/task_scope.h"
#include "net/http/websocket_handshake.h"
#include "net/tls/stream.h"

namespace goop::net::http {
namespace {

// The body of an answer that is not what was asked for: some of it, if it comes.
Task<Answer> read_refusal(Client& client, const ResponseHead& head, Deadline by) {
  Answer answer;
  answer.status = head.status;
  answer.fields = head.fields;
  auto reading = client.read_body(limits::refusal_bytes, by);
  auto body = co_await attempt(std::move(reading));
  if (body) answer.body = std::move(*body);
  co_return answer;
}

bool is_event_stream(const ResponseHead& head) {
  auto type = head.fields.find("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return head.status == 200 && iequals(type, "text/event-stream");
}

}  // namespace

Task<std::unique_ptr<ByteStream>> Dialer::reach(HttpUrl url, Deadline by) {
  std::vector<IpAddress> addresses;
  if (const auto address = url.address()) {
    addresses.push_back(*address);
  } else {
    addresses = co_await network_.resolve(url.host(), Family::any, by);
  }
  addresses.resize(std::min(addresses.size(), limits::dialled_addresses));
  Error last{Errc::unreachable, "no address"};
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto now = runtime_.now();
    const auto left = static_cast<std::int64_t>(addresses.size() - i);
    auto share = Deadline::after(now, limits::dial_time);
    if (!by.is_never()) share = Deadline::after(now, (by.at - now) / left);
    const Endpoint to{addresses[i], url.port()};
    auto connecting = network_.connect(to, std::nullopt, share);
    auto stream = co_await attempt(std::move(connecting));
    if (stream) co_return std::move(*stream);
    last = std::move(stream.error());
  }
  throw Failure(std::move(last));
}

Task<std::unique_ptr<Client>> Dialer::connect(HttpUrl url, Deadline by) {
  auto stream = co_await reach(url, by);
  if (url.secure()) stream = co_await tls::connect(tls_, std::move(stream), url.host(), by);
  co_return std::make_unique<Client>(runtime_, std::move(stream));
}

Task<Answer> fetch(Dialer& dialer, HttpUrl url, ClientRequest request, std::size_t max_body,
                   Deadline by) {
  request.target = url.target();
  request.host = url.authority();
  request.fields.emplace_back("Connection", "close");
  auto client = co_await dialer.connect(url, by);
  const auto* head = co_await client->send(std::move(request), by);
  Answer answer;
  answer.status = head->status;
  answer.fields = head->fields;
  answer.body = co_await client->read_body(max_body, by);
  co_return answer;
}

Task<std::optional<ServerEvent>> EventReader::next() {
  while (at_ == ready_.size()) {
    ready_.clear();
    at_ = 0;
    const auto part = co_await client_->next(Deadline::after(runtime_.now(), limits::sse_silence));
    if (part.empty()) co_return std::nullopt;
    ready_ = or_raise(parser_.feed(part));
  }
  co_return std::move(ready_[at_++]);
}

Task<EventsAnswer> open_events(Dialer& dialer, HttpUrl url, std::string last_id, Deadline by) {
  ClientRequest request;
  request.target = url.target();
  request.host = url.authority();
  request.fields.emplace_back("Accept", "text/event-stream");
  if (!last_id.empty()) request.fields.emplace_back("Last-Event-ID", std::move(last_id));
  auto client = co_await dialer.connect(url, by);
  const auto* head = co_await client->send(std::move(request), by);
  EventsAnswer opened;
  if (is_event_stream(*head)) {
    opened.answer.status = head->status;
    opened.answer.fields = head->fields;
    opened.events = std::make_unique<EventReader>(dialer.runtime(), std::move(client));
  } else {
    opened.answer = co_await read_refusal(*client, *head, by);
  }
  co_return opened;
}

Task<WebSocketAnswer> open_websocket(Dialer& dialer, HttpUrl url, WebSocketWish wish, Deadline by) {
  std::array<std::uint8_t, 16> key;
  dialer.runtime().random(key);
  ClientRequest request;
  request.target = url.target();
  request.host = url.authority();
  request.fields = upgrade_fields(key, wish.subprotocols);
  request.fields.insert(request.fields.end(), wish.fields.begin(), wish.fields.end());
  auto client = co_await dialer.connect(url, by);
  const auto* head = co_await client->send(std::move(request), by);
  WebSocketAnswer opened;
  if (head->status == 101) {
    opened.subprotocol = or_raise(check_upgrade(*head, key, wish.subprotocols));
    opened.answer.status = head->status;
    opened.answer.fields = head->fields;
    opened.socket = std::make_unique<WebSocket>(dialer.runtime(), client->release(),
                                                ws::Role::client, wish.options);
  } else {
    opened.answer = co_await read_refusal(*client, *head, by);
  }
  co_return opened;
}

}  // namespace goop::net::http
