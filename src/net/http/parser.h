// HTTP/1.1 heads and bodies from bytes, in whatever pieces they come. HTTP/1.0 is read too.
//
// Feed bytes; what was taken is gone from the front. When the head is complete, what start() was
// given is filled; from then on each feed may yield one piece of body, a view into the fed bytes. A
// HeadReader puts the lines of a request together; Beast does the grammar (chunks, lengths, their
// contradictions); what it lets through and we do not accept is refused here: other transfer
// codings than chunked, any of HTTP/1.0, a Host that is missing, doubled or none.
//
// Pure.   Limits: limits::head_bytes, limits::head_fields, and those of head_reader.h.
// Errors: invalid, too_large, unsupported; of a request, refusal_status() says which answer it
// gets.
#pragma once

#include <memory>
#include <span>

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

  // Ready for the next request, which will be written into `into`; reuses its memory. Of its
  // cookies those of these names are kept.
  void start(Request& into, std::span<const std::string> cookies = {});

  // Takes from the front of `bytes`; nothing taken and no body means that more are needed.
  Result<Fed> feed(BytesView bytes);

  // 400, 414, 431, 501 or 505: the answer after `error` of feed().
  int refusal_status(const Error& error) const;
  bool too_many_cookies() const;  // why it was refused

  bool started() const;  // a byte of the request has come, not only of empty lines before it
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
