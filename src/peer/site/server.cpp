#include "peer/site/server.h"

#include "p2p/multi/varint.h"
#include "p2p/work_prices.h"
#include "peer/site/limits.h"
#include "wire/site_limits.h"
#include "wire/site_v1.h"
#include "wire/site_v2.h"

namespace goop::peer::site {

Deadline SiteServer::patience() const { return Deadline::after(runtime_.now(), limits::progress); }

Task<SiteServer::Answer> SiteServer::answer(p2p::PeerId caller, Result<SiteRequest> request) {
  ++counters_.requests;
  Answer answer;
  answer.slot = admission_.try_slot(caller);
  if (!answer.slot) {
    answer.slot =
        co_await admission_.slot(caller, Deadline::after(runtime_.now(), limits::turn_wait));
  }
  if (!answer.slot || !admission_.admit(caller)) {
    answer.head = std::unexpected(wire::SiteRefusal::busy);
  } else if (!request) {
    answer.head = std::unexpected(wire::refusal_of(request.error().code));
  } else {
    Result<SiteReply> reply = co_await source_.get(std::move(*request), patience());
    if (reply) {
      answer.head = std::move(reply->head);
      answer.body = std::move(reply->body);
    } else {
      answer.head = std::unexpected(wire::refusal_of(reply.error().code));
    }
  }
  if (!answer.head) {
    ++counters_.refused;
    admission_.refused(caller);
  }
  co_return answer;
}

Task<> SiteServer::serve_v1(p2p::Duplex& io, p2p::PeerId caller) {
  const Deadline by = Deadline::after(runtime_.now(), limits::request_wait);
  const auto line = co_await p2p::read_line(io, wire::limits::site_line_bytes, by);
  if (!line) co_return;  // opened and left again: how reference peers probe
  co_await p2p::charge_and_wait(io, runtime_, p2p::price::request);

  Result<SiteRequest> request;
  if (Result<SitePath> path = wire::site_v1::decode_request(*line)) {
    request->path = std::move(*path);
  } else {
    request = std::unexpected(std::move(path).error());
  }
  Answer found = co_await answer(caller, std::move(request));
  if (!found.head && found.head.error() == wire::SiteRefusal::busy) {
    raise(Errc::busy, "this version has no word for it");
  }
  // A directory without its '/' is no file here, and the protocol has nothing else to say of it.
  if (found.head && found.head->status != SiteStatus::ok) {
    found.head = std::unexpected(wire::SiteRefusal::not_found);
    found.body.reset();
  }
  Bytes head = to_bytes(wire::site_v1::encode_answer(found.head));
  co_await send(io, std::move(head), std::move(found));
}

Task<> SiteServer::serve_v2(p2p::Duplex& io, p2p::PeerId caller) {
  for (;;) {
    const Deadline by = Deadline::after(runtime_.now(), limits::serve_idle);
    const auto text = co_await p2p::read_prefixed(io, wire::limits::site_head_bytes, by);
    if (!text) co_return;
    co_await p2p::charge_and_wait(io, runtime_, p2p::price::request);
    Answer found = co_await answer(caller, wire::site_v2::decode_request(as_text(*text)));
    Bytes head;
    p2p::append_prefixed(head, as_bytes(wire::site_v2::encode_answer(found.head)));
    co_await send(io, std::move(head), std::move(found));
  }
}

Task<> SiteServer::send(p2p::Duplex& io, Bytes head, Answer answer) {
  if (answer.body && answer.body->ready().size() == answer.head->body_size) {
    const BytesView body = answer.body->ready();  // one write, one frame
    append(head, body);
    counters_.body_bytes += body.size();
    answer.body.reset();
  }
  co_await io.write(head, patience());
  if (answer.body) co_await send_body(io, *answer.body);
}

Task<> SiteServer::send_body(p2p::Duplex& io, SiteBody& body) {
  try {
    for (;;) {
      BytesView chunk = co_await body.next(patience());
      if (chunk.empty()) co_return;
      while (!chunk.empty()) {
        const BytesView piece = chunk.first(std::min(chunk.size(), limits::write_bytes));
        co_await io.write(piece, patience());
        counters_.body_bytes += piece.size();
        chunk = chunk.subspan(piece.size());
      }
    }
  } catch (const Failure&) {
    ++counters_.broken_off;
    throw;
  }
}

}  // namespace goop::peer::site
