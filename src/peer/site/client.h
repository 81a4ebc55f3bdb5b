// Fetches files of other peers' sites, over 2.0.0 where the owner speaks it, else over 1.0.0.
//
//   SiteClient client(runtime, open_from(host));
//   RemoteSite site = client.site(owner);            // a SiteSource
//   Result<SiteReply> reply = co_await site.get(request, by);
//
// Streams of 2.0.0 are kept for the next request, so a small file costs one round trip and no
// negotiation. Small bodies arrive in one piece; large ones are handed through as they come, as
// encoded as they are, so nothing is ever unpacked here. Back-pressure is the stream's own.
//
// A request whose stream was lost before its answer began is asked once more on a fresh stream.
//
// Spec:   docs/dev/protocols/site.md.
// Owns:   idle streams (link_pool.h).   Borrows: Runtime.   Thread: loop only. Outlives its
// replies. Limits: limits.h, "fetching"; the cap of one answer is given by the constructor. Errors:
// Result: the owner's refusal (not_found, forbidden, invalid, busy, unsupported), or too_large.
// Failure: unreachable, closed, timeout, violation (an answer that contradicts itself or the
// request), cancelled.
#pragma once

#include <functional>

#include "peer/site/limits.h"
#include "peer/site/link_pool.h"
#include "peer/site/source.h"

namespace goop::p2p {
class Host;
}

namespace goop::peer::site {

using OpenLink = std::function<Task<SiteLink>(p2p::PeerId, Deadline)>;

// Streams of a host; with `newest`, 2.0.0 where the owner speaks it. Costs no round trip where
// identify has told.
enum class Speak { newest, version_1 };
OpenLink open_from(p2p::Host& host, Speak speak = Speak::newest);

class RemoteSite;

class SiteClient {
 public:
  SiteClient(Runtime& runtime, OpenLink open, std::uint64_t max_bytes = limits::fetched_bytes);

  RemoteSite site(p2p::PeerId owner);
  Task<Result<SiteReply>> get(p2p::PeerId owner, SiteRequest request, Deadline by);

  // Ends the idle streams to `owner`; for when its connection is gone.
  void forget(const p2p::PeerId& owner) { links_.forget(owner); }
  void forget_all() { links_.forget_all(); }

  struct Counters {
    std::uint64_t requests = 0, streams = 0, reused = 0, retried = 0, body_bytes = 0;
  };
  const Counters& counters() const { return counters_; }
  std::size_t idle_streams() const { return links_.idle(); }

 private:
  Task<LinkPool::Loan> borrow(p2p::PeerId owner, LinkPool::From from, Deadline by);
  Task<Result<SiteReply>> ask(LinkPool::Loan loan, SiteRequest request, Deadline by);

  Runtime& runtime_;
  OpenLink open_;
  std::uint64_t max_bytes_;
  LinkPool links_;
  Counters counters_;
};

// One owner's site. A small value; the client must outlive it.
class RemoteSite final : public SiteSource {
 public:
  RemoteSite(SiteClient& client, p2p::PeerId owner) : client_(client), owner_(owner) {}
  Task<Result<SiteReply>> get(SiteRequest request, Deadline by) override {
    return client_.get(owner_, std::move(request), by);
  }

 private:
  SiteClient& client_;
  p2p::PeerId owner_;
};

}  // namespace goop::peer::site
