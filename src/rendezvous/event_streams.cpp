#include "rendezvous/event_streams.h"

namespace goop::rendezvous {
namespace {

// Until the other side is gone, or has something to say: it has nothing to say.
Task<> until_end(net::ByteStream& stream) {
  std::array<std::uint8_t, 16> bytes;
  co_await stream.read_some(bytes);
}

}  // namespace

std::size_t EventStreams::size_at(const net::IpAddress& client) const {
  const auto at = at_client_.find(client);
  return at == at_client_.end() ? 0 : at->second;
}

void EventStreams::open(net::http::Handover connection, net::IpAddress client, Format format,
                        Audience audience, std::optional<std::uint64_t> resume_after) {
  static const auto greeting = std::make_shared<const Bytes>(to_bytes(": ok\n\n"));
  auto reader = hub_.add(std::move(connection.stream), client);
  if (++at_client_[client] == 1) board_.listens(client);
  reader->send(greeting);
  hub_.begin(*reader, format, audience, resume_after);
  tasks_.spawn(watch(std::move(reader)));
}

Task<> EventStreams::watch(std::shared_ptr<Subscriber> reader) {
  auto reading = until_end(reader->stream());
  const auto ended = co_await attempt(std::move(reading));
  const auto counted = at_client_.find(reader->who.client);
  if (--counted->second == 0) {
    board_.stops_listening(counted->first, runtime_.now());
    at_client_.erase(counted);
  }
  hub_.remove(*reader);
}

}  // namespace goop::rendezvous
