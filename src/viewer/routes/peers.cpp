// Who is here, and how we appear to them: docs/dev/protocols/viewer-api.md.
#include "base/task_scope.h"
#include "viewer/limits.h"
#include "viewer/shown.h"

namespace goop::viewer {

struct FavoriteBody {
  std::string peerID;
  bool favorite = false;
};
BOOST_DESCRIBE_STRUCT(FavoriteBody, (), (peerID, favorite))
struct ProfileBody {
  std::optional<std::string> label, email;
  std::optional<bool> shareEmail, listed;
};
BOOST_DESCRIBE_STRUCT(ProfileBody, (), (label, email, shareEmail, listed))
struct AppearanceBody {
  bool offline = false;
};
BOOST_DESCRIBE_STRUCT(AppearanceBody, (), (offline))

namespace routes {
namespace {

// What a person types into one line of a form, without the space around it.
Result<std::string> one_line(std::string_view what, std::string_view text, std::size_t most) {
  const auto first = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(first);
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (std::ranges::any_of(text, is_control)) return fail(Errc::invalid, "{} is one line", what);
  if (text.size() > most) return fail(Errc::invalid, "{} has at most {} bytes", what, most);
  return std::string(text);
}

Result<std::string> email_of(std::string_view text) {
  GOOP_TRY(auto email, one_line("the e-mail address", text, limits::email_bytes));
  if (email.empty()) return email;  // no longer any
  const auto at = email.find('@');
  const bool whole = at != 0 && at != email.npos && at + 1 < email.size();
  if (!whole || email.find('@', at + 1) != email.npos || email.find(' ') != email.npos) {
    return fail(Errc::invalid, "this is no e-mail address");
  }
  return email;
}

Result<ProfileChange> change_of(const ProfileBody& body) {
  ProfileChange change{{}, {}, body.shareEmail, body.listed};
  if (body.label) {
    GOOP_TRY(change.label, one_line("the label", *body.label, limits::label_bytes));
    if (change.label->empty()) return fail(Errc::invalid, "the label is empty");
  }
  if (body.email) {
    GOOP_TRY(change.email, email_of(*body.email));
  }
  return change;
}

}  // namespace

Response peers(Context& context, Exchange&) {
  const json::Object answer{{"cursor", cursor_text(context, context.peer.news().last())},
                            {"peers", known_peer_list(context)}};
  return json_answer(context, answer);
}

Task<Response> favorite(Context& context, Exchange& exchange) {
  const auto body = co_await body_as<FavoriteBody>(context, exchange.request);
  if (!body) co_return error_answer(context, body.error());
  const auto peer = p2p::PeerId::parse(body->peerID);
  if (!peer) co_return error_answer(context, {Errc::invalid, "peerID: this is no peer id"});
  const auto done = context.peer.set_favorite(*peer, body->favorite ? Favorite::yes : Favorite::no);
  if (!done) co_return error_answer(context, done.error());
  const json::Object answer{{"peerID", peer->to_string()}, {"favorite", body->favorite}};
  co_return json_answer(context, answer);
}

Task<Response> probe(Context& context, Exchange& exchange) {
  const auto by = Deadline::after(context.runtime.now(), limits::probe_time);
  auto asking = context.peer.probe(by);
  const auto asked = co_await attempt(std::move(asking));  // who has answered by then, has
  if (!asked && asked.error().code != Errc::timeout) co_return error_answer(context, asked.error());
  co_return peers(context, exchange);
}

Task<Response> profile(Context& context, Exchange& exchange) {
  const auto body = co_await body_as<ProfileBody>(context, exchange.request);
  if (!body) co_return error_answer(context, body.error());
  auto change = change_of(*body);
  if (!change) co_return error_answer(context, change.error());
  const auto by = Deadline::after(context.runtime.now(), limits::profile_time);
  const auto done = co_await context.peer.set_profile(std::move(*change), by);
  if (!done) co_return error_answer(context, done.error());
  co_return json_answer(context, self_object(context));
}

Task<Response> appearance(Context& context, Exchange& exchange) {
  const auto body = co_await body_as<AppearanceBody>(context, exchange.request);
  if (!body) co_return error_answer(context, body.error());
  context.peer.appear(body->offline ? Appear::offline : Appear::online);
  co_return json_answer(context, self_object(context));
}

}  // namespace routes
}  // namespace goop::viewer
