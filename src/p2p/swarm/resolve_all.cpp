// Asks the network what a ResolvePlan wants to know, several names at once.
#include "base/signal.h"
#include "base/task_scope.h"
#include "p2p/swarm/limits.h"
#include "p2p/swarm/resolve_plan.h"

namespace goop::p2p {
namespace {

struct Resolving {
  Resolving(net::Network& network, Runtime& runtime, ResolvePlan plan, Deadline by)
      : network(network),
        plan(std::move(plan)),
        by(by),
        answered(runtime),
        tasks(runtime, "resolve") {}

  net::Network& network;
  ResolvePlan plan;
  Deadline by;
  Signal answered;
  TaskScope tasks;
};

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
  state.answered.notify_all();
}

Task<> ask_all(Resolving& state) {
  while (!state.plan.done()) {
    while (auto query = state.plan.next_query()) {
      state.tasks.spawn(ask(state, *std::move(query)));
    }
    const Wake why = co_await state.answered.wait_until(state.by);
    if (why == Wake::deadline) break;
  }
}

}  // namespace

Task<std::vector<DialAddress>> resolve_all(net::Network& network, Runtime& runtime, PeerId wanted,
                                           std::vector<DialAddress> addresses, Deadline by) {
  const auto most = Deadline::after(runtime.now(), limits::resolve_timeout);
  Resolving state(network, runtime, ResolvePlan(wanted, addresses), by.sooner(most));
  std::exception_ptr cancelled;
  try {
    co_await ask_all(state);
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (cancelled) co_await cleaning_up();
  co_await state.tasks.close();
  if (cancelled) std::rethrow_exception(cancelled);
  co_return state.plan.results();
}

}  // namespace goop::p2p
