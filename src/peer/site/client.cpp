#include "peer/site/client.h"

#include "net/http/mime.h"
#include "peer/site/fetched_body.h"
#include "wire/site_limits.h"
#include "wire/site_v1.h"
#include "wire/site_v2.h"

namespace goop::peer::site {
namespace {

using Answered = Result<wire::SiteAnswer>;

// Whether an answer belongs to the request; the owner may lie, and a browser would believe it.
void check_answer(const SiteRequest& request, const SiteHead& head) {
  switch (head.status) {
    case SiteStatus::ok:
      break;
    case SiteStatus::partial:
      if (!request.range || wire::resolve(*request.range, head.total_size) != head.range) {
        raise(Errc::violation, "an answer with another range than was asked for");
      }
      break;
    case SiteStatus::not_modified:
      if (request.if_none_match.empty()) raise(Errc::violation, "not_modified to nothing");
      break;
    case SiteStatus::directory:
      if (request.path.directory()) raise(Errc::violation, "a directory that is one already");
      break;
    case SiteStatus::unsatisfiable:
      if (!request.range || wire::resolve(*request.range, head.total_size)) {
        raise(Errc::violation, "a range refused that the file has");
      }
      break;
  }
  if (!request.accept.allows(head.encoding)) {
    raise(Errc::violation, "an encoding that was not asked for");
  }
}

bool has_body(const SiteRequest& request, const SiteHead& head) {
  return request.want == wire::SiteWant::content && head.body_size > 0 &&
         (head.status == SiteStatus::ok || head.status == SiteStatus::partial);
}

Task<Answered> exchange_v1(p2p::Duplex& io, const SiteRequest& request, Deadline by) {
  const Result<std::string> line = wire::site_v1::encode_request(request.path);
  if (!line) co_return std::unexpected(line.error());
  co_await io.write(as_bytes(*line), by);
  const auto answer = co_await p2p::read_line(io, wire::limits::site_line_bytes, by);
  if (!answer) raise(Errc::closed, "the owner ended the stream without an answer");
  Answered decoded = wire::site_v1::decode_answer(*answer);
  if (!decoded && decoded.error().code == Errc::invalid) {
    raise(Errc::violation, "{}", decoded.error().detail);
  }
  if (decoded && *decoded) {
    SiteHead& head = **decoded;
    head.mime = net::http::better_mime(head.mime, request.path.text());
  }
  co_return decoded;
}

Task<Answered> exchange_v2(p2p::Duplex& io, const SiteRequest& request, Deadline by) {
  const std::string asked = wire::site_v2::encode_request(request);
  co_await p2p::write_prefixed(io, as_bytes(asked), by);
  const auto text = co_await p2p::read_prefixed(io, wire::limits::site_head_bytes, by);
  if (!text) raise(Errc::closed, "the owner ended the stream without an answer");
  Answered decoded = wire::site_v2::decode_answer(as_text(*text));
  if (!decoded) raise(Errc::violation, "{}", decoded.error().detail);
  if (*decoded) check_answer(request, **decoded);
  co_return decoded;
}

Task<Answered> exchange(LinkPool::Loan& loan, const SiteRequest& request, Deadline by) {
  switch (loan.link.version) {
    case SiteLink::Version::v1:
      return exchange_v1(loan.io(), request, by);
    case SiteLink::Version::v2:
      return exchange_v2(loan.io(), request, by);
  }
  GOOP_ASSERT(false);
}

}  // namespace

SiteClient::SiteClient(Runtime& runtime, OpenLink open, std::uint64_t max_bytes)
    : runtime_(runtime), open_(std::move(open)), max_bytes_(max_bytes), links_(runtime) {}

RemoteSite SiteClient::site(p2p::PeerId owner) { return {*this, owner}; }

Task<Result<SiteReply>> SiteClient::get(p2p::PeerId owner, SiteRequest request, Deadline by) {
  ++counters_.requests;
  try {
    LinkPool::Loan loan = co_await borrow(owner, LinkPool::From::idle_or_fresh, by);
    co_return co_await ask(std::move(loan), request, by);
  } catch (const Failure& failure) {
    if (failure.code() != Errc::closed) throw;
  }
  // Nothing has reached the caller yet, and asking changes nothing at the owner.
  ++counters_.retried;
  LinkPool::Loan loan = co_await borrow(owner, LinkPool::From::fresh, by);
  co_return co_await ask(std::move(loan), std::move(request), by);
}

Task<LinkPool::Loan> SiteClient::borrow(p2p::PeerId owner, LinkPool::From from, Deadline by) {
  LinkPool::Loan loan = co_await links_.take(owner, from, by);
  if (loan.link.io) {
    ++counters_.reused;
  } else {
    loan.link = co_await open_(owner, by);
    ++counters_.streams;
  }
  co_return loan;
}

Task<Result<SiteReply>> SiteClient::ask(LinkPool::Loan loan, SiteRequest request, Deadline by) {
  const bool v1 = loan.link.version == SiteLink::Version::v1;
  Answered answer = co_await exchange(loan, request, by);
  if (!answer) co_return std::unexpected(std::move(answer).error());
  if (!*answer) {
    loan.give_back();
    co_return fail(wire::errc(answer->error()), "the owner said: {}",
                   name(wire::errc(answer->error())));
  }
  SiteReply reply;
  reply.head = **std::move(answer);
  if (!has_body(request, reply.head)) {
    // 1.0.0 sends the body whether it is wanted or not: the stream is dropped with it.
    if (!v1 || reply.head.body_size == 0) loan.give_back();
    co_return reply;
  }
  if (reply.head.body_size > max_bytes_) {
    co_return fail(Errc::too_large, "{} bytes, {} are allowed", reply.head.body_size, max_bytes_);
  }
  counters_.body_bytes += reply.head.body_size;
  if (reply.head.body_size <= limits::gathered_bytes) {
    Bytes whole(reply.head.body_size);
    co_await p2p::read_exactly(loan.io(), whole, by);
    loan.give_back();
    reply.body = std::make_unique<GatheredBody>(std::move(whole));
  } else {
    auto body = std::make_unique<FetchedBody>(runtime_, std::move(loan), reply.head.body_size);
    co_await body->begin(by);
    reply.body = std::move(body);
  }
  co_return reply;
}

}  // namespace goop::peer::site
