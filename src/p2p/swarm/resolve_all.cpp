// Asks the network what a ResolvePlan wants to know, several names at once.
#include "base/signal.h"
#include "base/task_scope.h"
#include "p2p/swarm/limits.h"
#include "p2p/swarm/resolve_plan.h"

namespace goop::p2p {
namespace {

struct Resolving {
  Resolving(net::Network& network, Runtime& runtime, ResolvePlan plan, Deadline by,
            FoundAddresses found)
      : network(network),
        plan(std::move(plan)),
        by(by),
        found(std::move(found)),
        answered(runtime),
        tasks(runtime, "resolve") {}

  net::Network& network;
  ResolvePlan plan;
  Deadline by;
  FoundAddresses found;
  Signal answered;
  TaskScope tasks;
};

void tell(Resolving& state) {
  if (const auto more = state.plan.new_results(); !more.empty()) state.found(more);
}

Task<> ask(Resolving& state, ResolvePlan::Query query) {
  bool answered = false;
  if (query.kind == ResolvePlan::Query::Kind::texts) {
    const auto texts = co_await attempt(state.network.resolve_txt(query.name, state.by));
    if ((answered = texts.has_value())) state.plan.on_texts(query.id, *texts);
  } else {
    const auto addresses =
        co_await attempt(state.network.resolve(query.name, query.family, state.by));
    if ((answered = addresses.has_value())) state.plan.on_addresses(query.id, *addresses);
  }
  if (!answered) state.plan.on_failure(query.id);  // a name without an answer
  tell(state);
  state.answered.notify_all();
}

Task<> ask_all(Resolving& state) {
  tell(state);
  while (!state.plan.done()) {
    while (auto query = state.plan.next_query()) {
      state.tasks.spawn(ask(state, *std::move(query)));
    }
    const Wake why = co_await state.answered.wait_until(state.by);
    if (why == Wake::deadline) break;
  }
}

}  // namespace

Task<> resolve_all(net::Network& network, Runtime& runtime, PeerId wanted,
                   std::vector<DialAddress> addresses, Deadline by, FoundAddresses found) {
  const auto most = Deadline::after(runtime.now(), limits::resolve_timeout);
  Resolving state(network, runtime, ResolvePlan(wanted, addresses), by.sooner(most),
                  std::move(found));
  std::exception_ptr cancelled;
  try {
    co_await ask_all(state);
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (cancelled) co_await cleaning_up();
  co_await state.tasks.close();
  if (cancelled) std::rethrow_exception(cancelled);
}

}  // namespace goop::p2p
