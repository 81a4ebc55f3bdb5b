// Registration: the form, the link of the mail, and who has registered.
#include "rendezvous/registration/registration.h"
#include "net/http/form.h"
#include "rendezvous/context.h"
#include "rendezvous/pages/registration_pages.h"

namespace goop::rendezvous::routes {
namespace {

using namespace registration;

// Why there is no registration here.
std::optional<Response> unavailable(Context& context, Exchange& exchange) {
  const auto language = language_of(exchange.request);
  if (!context.registration->required()) return page_answer(context, not_needed_page(language));
  if (context.registration->works()) return std::nullopt;
  return page_answer(context, ask_page(language, Problem::unavailable, 503));
}

Task<Result<net::http::Form>> form_of(Context& context, Exchange& exchange) {
  const auto by = Deadline::after(context.runtime.now(), rendezvous::limits::body_time);
  return net::http::read_form(exchange.request, by);
}

Response no_form(const Error& error) {
  if (error.code == Errc::unsupported) return text_answer(415, error.detail);
  return error_answer(error, {});
}

Response with_retry(Response response, Duration after) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(after).count();
  response.add("Retry-After", fmt::format("{}", std::max<std::int64_t>(1, seconds)));
  return response;
}

}  // namespace

Response register_form(Context& context, Exchange& exchange) {
  if (auto response = unavailable(context, exchange)) return *std::move(response);
  return page_answer(context, ask_page(language_of(exchange.request), Problem::none, 200));
}

Task<Response> register_ask(Context& context, Exchange& exchange) {
  if (auto response = unavailable(context, exchange)) co_return *std::move(response);
  const std::string language(language_of(exchange.request));
  const auto form = co_await form_of(context, exchange);
  if (!form) co_return no_form(form.error());
  auto email = net::mail::Address::parse(form->value("email"));
  if (!email) co_return page_answer(context, ask_page(language, Problem::no_address, 400));
  const auto shown = email->text();
  Registration::Wish wish{*std::move(email), language, context.base_url, exchange.client};
  const auto asked = co_await context.registration->ask(std::move(wish));
  if (!asked.refused) {
    co_return page_answer(context, sent_page(language, shown, context.registration->sends_mail()));
  }
  if (asked.refused->code != Errc::busy) {
    co_return page_answer(context, ask_page(language, Problem::unavailable, 503));
  }
  auto response = page_answer(context, ask_page(language, Problem::too_many, 429));
  co_return with_retry(std::move(response), asked.retry_after);
}

// What opens a link may be a mail scanner: only the button confirms.
Response verify_page(Context& context, Exchange& exchange) {
  if (auto response = unavailable(context, exchange)) return *std::move(response);
  const auto language = language_of(exchange.request);
  const auto token = net::http::query_value(exchange.request.target.query, "token").value_or("");
  const auto link = context.registration->look(token);
  switch (link.standing) {
    case Registry::Standing::unknown:
      return page_answer(context, dead_link_page(language));
    case Registry::Standing::open:
      return page_answer(context, confirm_page(language, link.email, token));
    case Registry::Standing::done:
      return page_answer(context, done_page(language, link.email, token));
  }
  raise(Errc::internal, "a link without a standing");
}

Task<Response> verify(Context& context, Exchange& exchange) {
  if (auto response = unavailable(context, exchange)) co_return *std::move(response);
  const std::string language(language_of(exchange.request));
  const auto form = co_await form_of(context, exchange);
  if (!form) co_return no_form(form.error());
  std::string token(form->value("token"));
  const auto email = co_await context.registration->confirm(token);
  if (email) co_return page_answer(context, done_page(language, *email, token));
  if (email.error().code == Errc::not_found) {
    co_return page_answer(context, dead_link_page(language));
  }
  co_return page_answer(context, ask_page(language, Problem::unavailable, 503));
}

Response registrations(Context& context, Exchange&) {
  json::Array list;
  for (const auto* row : context.registration->registry().newest_first()) {
    list.push_back(json::Object{{"email", row->email},
                                {"created_at", row->created_ms},
                                {"verified_at", row->verified_ms},
                                {"metadata", row->metadata}});
  }
  return json_answer(std::move(list));
}

}  // namespace goop::rendezvous::routes
