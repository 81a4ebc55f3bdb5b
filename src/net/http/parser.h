// HTTP/1.1 heads and bodies from bytes, in whatever pieces they come.
//
// Feed bytes; what was taken is gone from the front. When the head is complete, head() is filled;
// from then on each feed may yield one piece of body, a view into the fed bytes. Beast does the
// grammar (chunks, lengths, their contradictions); what it lets through and we do not accept is
// refused here: HTTP/1.0, other transfer codings than chunked, a missing or second Host.
//
// Pure.   Limits: limits::head_bytes, limits::head_fields.
// Errors: invalid (400), too_large (431), unsupported (501: transfer coding, 505: version).
#pragma once

#include <memory>

#include "net/http/message.h"

namespace goop::net::http {

// What is known of a response before its body.
struct ResponseHead {
  int status = 0;
  Fields fields;
  bool keep_alive = false;
  std::optional<std::uint64_t> content_length;
};

struct Fed {
  std::size_t taken = 0;
  BytesView body;  // points into what was fed
};

class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  // Ready for the next request, which will be written into `into`; reuses its memory.
  void start(Request& into);

  // Takes from the front of `bytes`; nothing taken and no body means that more are needed.
  Result<Fed> feed(BytesView bytes);

  bool started() const;  // a byte of the request has come
  bool head_done() const;
  bool done() const;  // head and body

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

class ResponseParser {
 public:
  ResponseParser();
  ~ResponseParser();

  enum class Answers { any, head_request };  // the answer to HEAD has no body
  void start(ResponseHead& into, Answers answers);
  Result<Fed> feed(BytesView bytes);
  Result<void> end_of_stream();  // closed: in the middle of a message

  bool head_done() const;
  bool done() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace goop::net::http
