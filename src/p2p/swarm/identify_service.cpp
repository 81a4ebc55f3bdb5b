#include "p2p/swarm/identify_service.h"

#include "base/log.h"
#include "p2p/swarm/limits.h"
#include "p2p/work_prices.h"

namespace goop::p2p {
namespace {

std::string_view program(std::string_view agent) { return agent.substr(0, agent.find('/')); }

}  // namespace

IdentifyService::IdentifyService(Parts parts)
    : parts_(std::move(parts)), sequence_(parts_.min_record_seq), changed_(parts_.runtime) {}

const Introduction& IdentifyService::introduction() {
  if (introduction_) return *introduction_;
  const auto told = addresses_to_tell(parts_.addresses());
  std::vector<ProtocolId> protocols;
  for (const auto& [id, entry] : parts_.handlers) protocols.push_back(id);
  auto record =
      seal_peer_record(parts_.key, sequence_.next(parts_.runtime.wall()), addresses_to_sign(told));
  introduction_.emplace(Introduction{parts_.key.public_key(), told, std::move(protocols),
                                     parts_.agent, "", std::move(record)});
  return *introduction_;
}

Task<> IdentifyService::ask(std::shared_ptr<Connection> connection) {
  const auto by = Deadline::after(parts_.runtime.now(), limits::identify_timeout);
  std::vector<ProtocolId> wanted = {protocol::identify};
  auto stream = co_await connection->open(wanted, Connection::Opening::eager, by);
  auto said = co_await read_identify(stream, connection->key(), connection->info().remote, by);
  stream.close();
  take(*connection, std::move(said));
}

Task<> IdentifyService::answer(Stream stream) {
  const auto by = Deadline::after(parts_.runtime.now(), limits::identify_timeout);
  const auto remote = stream.connection().remote;
  co_await charge_and_wait(stream, parts_.runtime, price::identify);
  co_await write_identify(stream, introduction(), remote, by);
  stream.close();
}

Task<> IdentifyService::take_push(Stream stream) {
  auto connection = parts_.connection_of(stream);
  if (!connection || !connection->pushes.take(parts_.runtime.now())) {
    stream.reset(ResetCode::rate_limited);
    co_return;
  }
  co_await charge_and_wait(stream, parts_.runtime, price::identify_push);
  const auto by = Deadline::after(parts_.runtime.now(), limits::identify_timeout);
  auto said = co_await read_identify(stream, connection->key(), connection->info().remote, by);
  stream.close();
  take(*connection, std::move(said));
}

void IdentifyService::take(Connection& connection, Identified said) {
  const auto info = connection.info();
  const auto now = parts_.runtime.now();
  const auto teller = info.remote.scope();
  if (said.record_seq) {
    const PeerRecord record{info.peer, *said.record_seq, said.facts.addresses};
    (void)parts_.book.record(info.peer, record, teller, now);  // an older one changes nothing
  } else {
    parts_.book.identified(info.peer, said.facts.addresses, teller, now);
  }
  if (said.facts.observed) {
    const ObservedAddresses::Observation seen{said.facts.observed->without_peer(), info.remote,
                                              info.local};
    if (const auto before = observed(); observed_.add(seen, bound_, now) && observed() != before) {
      changed();
    }
  }
  // Who names the same program as we do has the same stack, whatever the version behind the '/'.
  const bool own_kind = program(said.facts.agent) == program(parts_.agent);
  connection.ending = own_kind ? Stream::Ending::at_once : Stream::Ending::after_answer;
  connection.facts = std::move(said.facts);
  parts_.identified(info.peer);
}

void IdentifyService::changed() {
  if (!introduction_) return;  // nobody has heard the old one
  introduction_.reset();
  push_due_ = true;
  changed_.notify_all();
}

Task<> IdentifyService::push_loop() {
  TaskScope pushes(parts_.runtime, "identify push");
  std::exception_ptr thrown;
  try {
    for (;;) {
      while (!push_due_) co_await changed_.wait_until(Deadline::never());
      co_await parts_.runtime.sleep_for(limits::push_debounce);
      push_due_ = false;
      for (auto& connection : parts_.connections()) {
        while (pushes.size() >= limits::push_parallel) {
          co_await changed_.wait_until(Deadline::never());
        }
        // One that fails learns the next time; each end makes room for the next push.
        auto quiet = [this](std::optional<Error>) { changed_.notify_all(); };
        pushes.spawn(push_to(std::move(connection)), quiet);
      }
    }
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await cleaning_up();
  co_await pushes.close();
  std::rethrow_exception(thrown);
}

Task<> IdentifyService::push_to(std::shared_ptr<Connection> connection) {
  const auto& facts = connection->facts;
  if (connection->ended() || !facts ||
      std::ranges::find(facts->protocols, protocol::identify_push) == facts->protocols.end()) {
    co_return;
  }
  const auto by = Deadline::after(parts_.runtime.now(), limits::identify_timeout);
  // Negotiated, not lazy: js-libp2p misses the end of a stream whose name, data and end come at
  // once.
  std::vector<ProtocolId> wanted = {protocol::identify_push};
  auto stream = co_await connection->open(wanted, Connection::Opening::eager, by);
  co_await write_identify(stream, introduction(), connection->info().remote, by);
  stream.close();
}

}  // namespace goop::p2p
