// Where the files of one site come from: the own folder (store.h), or another peer (client.h).
//
//   Result<SiteReply> reply = co_await source.get(request, by);
//   if (!reply) … reply.error().code: not_found, forbidden, invalid, busy, unsupported, too_large
//   head = reply->head;                       // status, type, ETag, sizes
//   if (reply->complete())                    // small and here already: head and body in one write
//     co_await write(head, reply->body->ready());
//   else
//     for (BytesView part; !(part = co_await reply->body->next(by)).empty();) co_await write(part);
//
// Nothing is fetched ahead beyond what is under way anyway: a reader that stops asking stops the
// source (flow control reaches the other peer's disk). Dropping a reply early gives everything
// back; a remote stream that is not at its end is then reset.
//
// Thread: loop only.
// Errors: an answer of the owner is a Result; unreachable, timeout, closed, violation (a file that
// changed while it was sent, a lying peer), cancelled are thrown as Failure, by get and by next.
#pragma once

#include <memory>

#include "base/runtime.h"
#include "wire/site_message.h"

namespace goop::peer::site {

using wire::SiteEncoding;
using wire::SiteHead;
using wire::SitePath;
using wire::SiteRequest;
using wire::SiteStatus;

// The bytes of one reply, pulled in order.
class SiteBody {
 public:
  virtual ~SiteBody() = default;

  // What is here without waiting: the bytes that next() would give first. Valid until next().
  virtual BytesView ready() const = 0;

  // The next bytes, valid until the next call; empty when head.body_size bytes were given. Never
  // ends early: what is missing is a Failure.
  virtual Task<BytesView> next(Deadline by) = 0;
};

struct SiteReply {
  SiteHead head;
  std::unique_ptr<SiteBody> body;  // null: none (not_modified, directory, SiteWant::head, …)

  // The whole body is in ready(); after using it the reply can be dropped.
  bool complete() const { return !body || body->ready().size() == head.body_size; }
};

class SiteSource {
 public:
  virtual ~SiteSource() = default;
  virtual Task<Result<SiteReply>> get(SiteRequest request, Deadline by) = 0;
};

}  // namespace goop::peer::site
