// POST /publish: one message, answered when it is on the board (and on disk, where there is one).
#include "rendezvous/context.h"

namespace goop::rendezvous::routes {

Task<Response> publish(Context& context, Exchange& exchange) {
  const auto by = Deadline::after(context.runtime.now(), limits::body_time);
  auto body = co_await exchange.request.read_body(limits::message_bytes, by);
  if (!body) co_return error_answer(body.error(), {});
  const auto answer =
      co_await context.ingest.publish(to_text(*body), exchange.client, std::nullopt);
  if (!answer.refused) {
    Response taken(204);
    if (answer.unregistered) taken.add("X-Goop-Registration", "required");
    co_return taken;
  }
  auto response = error_answer(*answer.refused, answer.retry_after);
  if (answer.clock_difference_ms) {
    response.add("X-Goop-Clock-Difference-Ms", fmt::format("{}", *answer.clock_difference_ms));
  }
  co_return response;
}

}  // namespace goop::rendezvous::routes
