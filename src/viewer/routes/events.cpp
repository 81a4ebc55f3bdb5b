// GET /api/events: the peer's news as an event stream that can be resumed.
//
// An event says what is so when it is written, not what was so when it was published. So however
// often a peer has changed since the reader's last look, one event tells it.
#include "net/http/sse.h"

#include <unordered_set>

#include "viewer/limits.h"
#include "viewer/shown.h"

namespace goop::viewer::routes {
namespace {

namespace http = net::http;

// It ends when the reader's session does.
class NewsFeed final : public http::EventFeed {
 public:
  // `after`: the id of the last event that the reader has; empty: it starts with what comes next.
  NewsFeed(Context& context, const Exchange& exchange, std::string_view after)
      : context_(context), visitor_(exchange.visitor), cursor_(context.peer.news().last()) {
    ++context_.event_streams;
    cookies_ = exchange.request.field("Cookie").value_or("");
    token_ = exchange.request.field("X-Goop-Session").value_or("");
    const auto known = cursor_number(context, after);
    gap_ = !after.empty() && (!known || *known > cursor_);
    if (known && !gap_) cursor_ = *known;
  }
  ~NewsFeed() override { --context_.event_streams; }

  void append_news(std::string& to) override {
    using Read = Feed<PeerNews>::Read;
    std::unordered_set<p2p::PeerId> told;
    for (;;) {
      auto next = gap_ ? Feed<PeerNews>::Next{Read::gap, {}} : context_.peer.news().next(cursor_);
      gap_ = false;
      if (next.read == Read::none) return;
      if (next.read == Read::gap) next.event = NewsLost{};
      const auto* known = std::get_if<KnownPeerChanged>(&*next.event);
      if (known && !told.insert(known->peer).second) continue;
      const auto write = [&](const auto& event) { append(to, event); };
      std::visit(write, *next.event);
    }
  }

  Task<> wait(Deadline by) override { co_await context_.peer.news().wait(cursor_, by); }

  bool over() const override {
    return visitor_ == Visitor::page && !context_.sessions.valid(cookies_, token_);
  }

 private:
  void append(std::string& to, std::string_view type, const json::Object& data) const {
    http::append_event(to, cursor_text(context_, cursor_), type, json::write(data));
  }
  void append(std::string& to, const SelfChanged&) const {
    append(to, "self", self_object(context_));
  }
  void append(std::string& to, const ConnectionChanged& changed) const {
    if (const auto connection = context_.peer.connection(changed.peer)) {
      return append(to, "connection", connection_object(context_, *connection));
    }
    append(to, "disconnection", {{"peerID", changed.peer.to_string()}});
  }
  void append(std::string& to, const KnownPeerChanged& changed) const {
    if (const auto known = context_.peer.known_peer(changed.peer)) {
      return append(to, "peer", known_peer_object(context_, *known));
    }
    append(to, "peer-gone", {{"peerID", changed.peer.to_string()}});
  }
  void append(std::string& to, const PerfMoved& moved) const {
    append(to, "perf",
           {{"peerID", moved.peer.to_string()},
            {"way", moved.way == PerfWay::download ? "download" : "upload"},
            {"bytes", moved.bytes}});
  }
  void append(std::string& to, const NewsLost&) const { append(to, "gap", json::Object{}); }

  Context& context_;
  Visitor visitor_;
  std::string cookies_, token_;
  bool gap_ = false;
  std::uint64_t cursor_;
};

}  // namespace

Response events(Context& context, Exchange& exchange) {
  if (context.event_streams >= limits::event_streams) {
    return error_answer(context, {Errc::busy, "too many event streams"});
  }
  const auto& request = exchange.request;
  std::string after(request.field("Last-Event-ID").value_or(""));
  if (after.empty()) after = http::query_value(request.target.query, "after").value_or("");
  auto feed = std::make_unique<NewsFeed>(context, exchange, after);
  auto response = http::event_stream(context.runtime, std::move(feed));
  response.add_lines(context.headers.base);
  return response;
}

}  // namespace goop::viewer::routes
