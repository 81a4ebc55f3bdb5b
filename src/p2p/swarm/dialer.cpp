#include "p2p/swarm/dialer.h"

#include "base/log.h"
#include "base/task_scope.h"
#include "p2p/swarm/resolve_plan.h"

namespace goop::p2p {

// One dial as it runs: the pure race, what it won, and a bell for its coroutines.
struct Dialer::Race {
  explicit Race(Runtime& runtime)
      : plan({}, runtime.now(), DialRace::Attempts::more_to_come),
        news(runtime),
        tasks(runtime, "dial") {}

  std::vector<DialAddress> resolved;  // so far
  DialRace plan;
  std::optional<Dialled> won;
  Signal news;
  TaskScope tasks;
};

void Dialer::set_listening(std::vector<net::Endpoint> bound, std::vector<net::Endpoint> own) {
  bound_ = std::move(bound);
  own_ = std::move(own);
}

Task<Dialled> Dialer::dial(PeerId peer, Deadline by) {
  auto known = parts_.book.to_dial(peer, parts_.runtime.now());
  if (known.empty()) raise(Errc::unreachable, "no address of {} is known", peer);
  Race race(parts_.runtime);
  race.tasks.spawn(find(race, peer, std::move(known), by), [&race](std::optional<Error>) {
    race.plan.all_known();
    race.news.notify_all();
  });
  std::exception_ptr thrown;
  try {
    co_await run(race, peer, by);
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) co_await cleaning_up();
  co_await race.tasks.close();
  if (thrown) std::rethrow_exception(thrown);
  if (!race.won) throw Failure(why_lost(race, peer));
  co_return std::move(*race.won);
}

// Attempts start as soon as their address is known, so a name that nobody answers delays none.
Task<> Dialer::find(Race& race, PeerId peer, std::vector<DialAddress> known, Deadline by) {
  FoundAddresses found = [this, &race, peer](std::span<const DialAddress> more) {
    race.resolved.insert(race.resolved.end(), more.begin(), more.end());
    const auto now = parts_.runtime.now();
    auto planned = plan_dial(peer, more, rules(), now);
    if (!planned) return;
    race.plan.add(*std::move(planned), now);
    race.news.notify_all();
  };
  co_await resolve_all(parts_.network, parts_.runtime, peer, std::move(known), by,
                       std::move(found));
}

// When there was no attempt at all the reason is in the plan for all addresses.
Error Dialer::why_lost(const Race& race, const PeerId& peer) {
  if (race.plan.size() > 0) return race.plan.error();
  auto planned = plan_dial(peer, race.resolved, rules(), parts_.runtime.now());
  return planned ? Error{Errc::busy, "too soon after other dials"} : std::move(planned.error());
}

Task<> Dialer::run(Race& race, PeerId peer, Deadline by) {
  while (!race.plan.over()) {
    const auto step = race.plan.next(parts_.runtime.now());
    for (const auto i : step.start) {
      const auto& attempt = race.plan.attempt(i);
      const auto until = by.sooner(Deadline::after(parts_.runtime.now(), attempt.timeout));
      auto end = [this, &race, i, peer](std::optional<Error> error) {
        if (error) lost(race, i, peer, std::move(*error));
        race.news.notify_all();
      };
      race.tasks.spawn(compete(race, i, peer, until), std::move(end));
    }
    if (race.plan.over()) break;
    const Deadline again{step.again.value_or(Instant::max())};
    const Wake why = co_await race.news.wait_until(again.sooner(by));
    if (why == Wake::deadline && parts_.runtime.now() >= by.at) {
      raise(Errc::timeout, "dialling {}", peer);
    }
  }
}

Task<> Dialer::compete(Race& race, std::size_t i, PeerId peer, Deadline by) {
  auto dialled = co_await attempt_one(race.plan.attempt(i), peer, by);
  race.plan.connected(i);
  if (!race.won) race.won.emplace(std::move(dialled));
}

void Dialer::lost(Race& race, std::size_t i, const PeerId& peer, Error error) {
  const auto& address = race.plan.attempt(i).address;
  log::debug("dial.failed", {{"peer", peer}, {"address", address.to_string()}, {"error", error}});
  // What our own side refused, or gave up, says nothing about the address.
  const bool ours =
      error.code == Errc::cancelled || error.code == Errc::busy || error.code == Errc::forbidden;
  if (!ours) backoff_.failed(peer, address, parts_.runtime.now());
  // Somebody else is there now: the address is wrong for this peer, others may be right.
  if (error.code == Errc::unverified) parts_.book.drop(peer, address);
  race.plan.failed(i, std::move(error));
}

Task<Dialled> Dialer::attempt_one(DialAttempt attempt, PeerId peer, Deadline by) {
  if (parts_.gater.may_dial && !parts_.gater.may_dial(peer, attempt.address)) {
    raise(Errc::forbidden, "the gater refuses {}", attempt.address.to_string());
  }
  auto ticket = or_raise(parts_.budget.dial(parts_.runtime.now()));
  Multiaddr local;
  const auto from = port_for(attempt.to);
  auto first = connect_and_upgrade(attempt.to, from, peer, local, by);
  auto upgraded = co_await goop::attempt(std::move(first));
  if (!upgraded && from && upgraded.error().code == Errc::violation) {
    // Perhaps the other side dialled us from its own port at the same instant: both initiators.
    co_await parts_.runtime.sleep_for(parts_.runtime.jittered(limits::simultaneous_pause));
    auto second = connect_and_upgrade(attempt.to, std::nullopt, peer, local, by);
    upgraded = co_await goop::attempt(std::move(second));
  }
  auto won = or_raise(std::move(upgraded));
  backoff_.succeeded(peer, attempt.address);
  parts_.book.proven(peer, attempt.address, parts_.runtime.now());
  co_return Dialled{std::move(won), std::move(ticket), attempt.address, local};
}

Task<> Dialer::prove(net::Endpoint at, PeerId peer, Deadline by) {
  const auto ticket = or_raise(parts_.budget.dial(parts_.runtime.now()));
  Multiaddr local;
  co_await connect_and_upgrade(at, std::nullopt, peer, local, by);
}

Task<Upgraded> Dialer::connect_and_upgrade(net::Endpoint to, std::optional<net::Endpoint> from,
                                           PeerId peer, Multiaddr& local, Deadline by) {
  auto raw = co_await parts_.network.connect(to, from, by);
  local = Multiaddr::tcp(raw->local().address, raw->local().port);
  UpgradeOptions options{parts_.identity, parts_.pool, parts_.muxer};
  co_return co_await upgrade_outbound(parts_.runtime, std::move(raw), std::move(options), peer, by);
}

std::optional<net::Endpoint> Dialer::port_for(const net::Endpoint& to) const {
  for (const auto& endpoint : bound_) {
    if (endpoint.address.is_v4() == to.address.is_v4()) return endpoint;
  }
  return std::nullopt;
}

}  // namespace goop::p2p
