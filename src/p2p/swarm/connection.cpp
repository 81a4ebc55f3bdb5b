#include "p2p/swarm/connection.h"

#include "base/log.h"
#include "p2p/select/select.h"
#include "p2p/swarm/limits.h"

namespace goop::p2p {
namespace {

// What every peer does by itself is no use of a connection.
bool counts_as_use(const ProtocolId& protocol) {
  return protocol != protocol::identify && protocol != protocol::identify_push &&
         protocol != protocol::ping;
}

// What the connection holds is the peer's, until the last stream with unread data is gone.
mux::YamuxOptions charged(mux::YamuxOptions options, Budget& budget) {
  auto ticket = std::make_shared<MemoryTicket>(*budget.memory(options.info.peer, 0));
  options.charge = [ticket](std::size_t total, mux::Holdings::Use use) {
    const bool growth = use == mux::Holdings::Use::growth;
    return ticket->resize(total, growth ? MemoryUse::growth : MemoryUse::data).has_value();
  };
  return options;
}

}  // namespace

Connection::Connection(Parts parts, NoiseChannel channel, mux::YamuxOptions options, PublicKey key,
                       ConnectionTicket ticket)
    : pushes(limits::push_rate, limits::push_burst),
      idle_since(parts.runtime.now()),
      parts_(parts),
      id_(options.info.id),
      peer_(options.info.peer),
      key_(std::move(key)),
      ticket_(std::move(ticket)),
      mux_(parts.runtime, std::move(channel), charged(std::move(options), parts.budget)),
      tasks_(parts.runtime, "connection") {}

void Connection::look_for_use(Instant now) {
  const auto bytes = mux_.used_bytes();
  if (bytes == used_bytes_) return;
  used_bytes_ = bytes;
  ticket_.used(now);
}

Task<> Connection::serve() {
  std::exception_ptr thrown;
  auto ended = [this](std::optional<Error> error) {
    if (error) log::debug("connection.ended", {{"peer", peer_}, {"error", *error}});
  };
  tasks_.spawn(mux_.run(), ended);
  try {
    while (auto stream = co_await mux_.accept()) {
      auto quiet = [this](std::optional<Error> error) {
        if (error) log::debug("stream.failed", {{"peer", peer_}, {"error", *error}});
      };
      tasks_.spawn(serve_stream(std::move(stream)), quiet);
    }
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await cleaning_up();
  mux_.abort();
  co_await tasks_.close();
  if (thrown) std::rethrow_exception(thrown);
}

Task<> Connection::serve_stream(std::shared_ptr<mux::YamuxStream> raw) {
  auto ticket = parts_.budget.stream(peer_, Direction::inbound);
  if (!ticket) {
    ++parts_.counters.streams_refused;
    raw->abort(static_cast<std::uint32_t>(ResetCode::resource_limit));
    co_return;
  }
  auto held = std::make_shared<StreamTicket>(std::move(*ticket));
  raw->hold(held);
  Stream stream(raw, protocol::multistream, Stream::Negotiation::done);
  const auto by = Deadline::after(parts_.runtime.now(), limits::stream_negotiation);
  Responder::Supported supported = [this](const ProtocolId& id) {
    return parts_.handlers.contains(id);
  };
  auto answering = answer(stream, supported, by);
  auto agreement = co_await attempt(std::move(answering));
  if (!agreement) {
    // An opener that was lazy has sent its data and its end behind a name that we refused: a reset
    // would overtake our "na".
    const auto code = agreement.error().code;
    if (code == Errc::unsupported || code == Errc::closed) stream.close();
    throw Failure(std::move(agreement.error()));
  }
  auto agreed = *std::move(agreement);
  // Looked up again: it may have been withdrawn while the answer went out.
  const auto found = parts_.handlers.find(agreed);
  if (found == parts_.handlers.end() || !held->attach(agreed, found->second.limits)) {
    ++parts_.counters.streams_refused;
    stream.reset(ResetCode::resource_limit);
    co_return;
  }
  ++parts_.counters.streams_in;
  if (counts_as_use(agreed)) raw->count_use();
  raw.reset();
  stream.agreed_on(std::move(agreed));
  const auto handler = found->second.handler;  // a copy outlives a change of the table
  co_await handler(std::move(stream));
}

Task<Stream> Connection::open(std::vector<ProtocolId> protocols, Opening opening, Deadline by) {
  std::optional<ProtocolId> known;
  if (facts) {
    for (const auto& wanted : protocols) {
      if (std::ranges::find(facts->protocols, wanted) != facts->protocols.end()) {
        known = wanted;
        break;
      }
    }
    if (!known) raise(Errc::unsupported, "{} does not speak {}", peer_, protocols.front().text());
  }
  auto ticket =
      std::make_shared<StreamTicket>(or_raise(parts_.budget.stream(peer_, Direction::outbound)));
  auto raw = co_await mux_.open(by);
  raw->hold(std::move(ticket));
  ++parts_.counters.streams_out;
  if (counts_as_use(protocols.front())) raw->count_use();
  if (known && opening == Opening::lazy_if_known) {
    // What identify said is out of date: the next one to ask shall not be misled.
    raw->on_refused([self = weak_from_this()](const ProtocolId& id) {
      if (auto connection = self.lock(); connection && connection->facts) {
        std::erase(connection->facts->protocols, id);
      }
    });
    co_return Stream(std::move(raw), *known, Stream::Negotiation::lazy_unsent, ending);
  }
  Stream stream(std::move(raw), protocol::multistream, Stream::Negotiation::done);
  const auto within = by.sooner(Deadline::after(parts_.runtime.now(), limits::stream_negotiation));
  auto agreed = co_await select(stream, protocols, within);
  stream.agreed_on(std::move(agreed));
  co_return stream;
}

}  // namespace goop::p2p
