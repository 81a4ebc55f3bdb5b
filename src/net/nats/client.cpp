#include "net/nats/client.h"

#include <nats/nats.h>

#include "base/task_scope.h"

namespace goop::net {
namespace {

int to_ms(Duration span) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
}

// libnats would print to stderr. What happened is seen by open() and take().
void say_nothing(natsConnection*, natsSubscription*, natsStatus, void*) {}

void check(natsStatus status) {
  if (status == NATS_OK) return;
  const bool refused = status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED;
  raise(refused ? Errc::forbidden : Errc::unreachable, "{}", natsStatus_GetText(status));
}

using OptionsPtr = std::unique_ptr<natsOptions, decltype(&natsOptions_Destroy)>;

OptionsPtr library_options(const NatsOptions& options) {
  natsOptions* made = nullptr;
  check(natsOptions_Create(&made));
  OptionsPtr owned(made, &natsOptions_Destroy);
  const auto& servers = options.servers;
  std::vector<const char*> urls;
  for (const auto& url : servers.urls()) urls.push_back(url.c_str());
  check(natsOptions_SetServers(made, urls.data(), static_cast<int>(urls.size())));
  if (servers.secure()) {
    check(natsOptions_SetSecure(made, true));
    check(natsOptions_SetExpectedHostname(made, servers.hosts().front().c_str()));
  }
  if (!servers.password().empty()) {
    check(natsOptions_SetUserInfo(made, servers.user().c_str(), servers.password().c_str()));
  } else if (!servers.user().empty()) {
    check(natsOptions_SetToken(made, servers.user().c_str()));
  }
  check(natsOptions_SetName(made, options.name.c_str()));
  check(natsOptions_SetTimeout(made, to_ms(options.connect_time)));
  check(natsOptions_SetAllowReconnect(made, false));
  check(natsOptions_SetNoEcho(made, true));
  check(natsOptions_SetPingInterval(made, to_ms(options.ping)));
  check(natsOptions_SetMaxPingsOut(made, 2));
  check(natsOptions_SetErrorHandler(made, &say_nothing, nullptr));
  return owned;
}

}  // namespace

struct NatsClient::Connection {
  explicit Connection(NatsOptions given) : options(std::move(given)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    natsSubscription_Destroy(subscription);
    natsConnection_Destroy(connection);
  }

  void open() {
    const auto made = library_options(options);
    check(natsConnection_Connect(&connection, made.get()));
    check(natsConnection_SubscribeSync(&subscription, connection, options.subject.c_str()));
    check(natsSubscription_SetPendingLimits(subscription, static_cast<int>(options.queue_messages),
                                            static_cast<int>(options.queue_bytes)));
    check(natsConnection_FlushTimeout(connection, to_ms(options.connect_time)));
  }

  void publish(const Bytes& message) {
    check(natsConnection_Publish(connection, options.subject.c_str(), message.data(),
                                 static_cast<int>(message.size())));
  }

  const NatsOptions options;
  natsConnection* connection = nullptr;
  natsSubscription* subscription = nullptr;
};

NatsClient::NatsClient(Runtime& runtime, std::shared_ptr<Connection> connection)
    : runtime_(runtime), connection_(std::move(connection)) {}

NatsClient::~NatsClient() = default;

Task<std::unique_ptr<NatsClient>> NatsClient::connect(Runtime& runtime, NatsOptions options,
                                                      Deadline by) {
  auto job = [options = std::move(options)] {
    auto connection = std::make_shared<Connection>(options);
    connection->open();
    return connection;
  };
  auto connecting = runtime.offload_until(by, "NATS", std::move(job));
  auto connection = co_await std::move(connecting);
  co_return std::unique_ptr<NatsClient>(new NatsClient(runtime, std::move(connection)));
}

bool NatsClient::open() const {
  return connection_ &&
         natsConnection_Status(connection_->connection) == NATS_CONN_STATUS_CONNECTED;
}

std::string NatsClient::why_closed() const {
  const char* last = nullptr;
  if (connection_) natsConnection_GetLastError(connection_->connection, &last);
  return last && *last ? last : "the connection ended";
}

NatsClient::Taken NatsClient::take(std::size_t most_bytes) {
  Taken taken;
  std::size_t bytes = 0;
  while (connection_ && bytes < most_bytes) {
    natsMsg* message = nullptr;
    const auto status = natsSubscription_NextMsg(&message, connection_->subscription, 0);
    if (status == NATS_SLOW_CONSUMER) {
      taken.dropped = true;
      continue;
    }
    if (status != NATS_OK) break;
    const auto size = static_cast<std::size_t>(natsMsg_GetDataLength(message));
    taken.messages.push_back(to_bytes(std::string_view(natsMsg_GetData(message), size)));
    bytes += size;
    natsMsg_Destroy(message);
  }
  return taken;
}

Task<> NatsClient::publish(std::vector<Bytes> messages) {
  auto job = [connection = connection_, messages = std::move(messages)] {
    for (const auto& message : messages) connection->publish(message);
  };
  auto publishing = runtime_.offload(std::move(job));
  auto done = co_await attempt(std::move(publishing));
  if (!done) raise(Errc::closed, "{}", done.error().detail);
}

Task<> NatsClient::close(Duration flush) {
  auto job = [connection = std::exchange(connection_, nullptr), flush]() mutable {
    if (!connection) return;
    if (flush > Duration::zero()) {
      natsConnection_FlushTimeout(connection->connection, to_ms(flush));
    }
    connection.reset();
  };
  auto closing = runtime_.offload(std::move(job));
  co_await std::move(closing);
}

}  // namespace goop::net
