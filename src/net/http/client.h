// A small HTTP client over one connection: for the command line, which talks to a running peer,
// and for tests.
//
//   auto client = co_await http::Client::connect(runtime, network, endpoint, by);
//   auto answer = co_await client.send({.target = "/api/self"}, by);
//   while (!(part = co_await client.next(by)).empty()) …
//
// The next request may be sent when the answer before was read to its end and kept the connection.
// Errors: Failure (closed, timeout, violation: no HTTP). Thread: loop only.
#pragma once

#include "net/http/parser.h"
#include "net/network.h"

namespace goop::net::http {

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string host;  // empty: the endpoint
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

class Client final : public BodySource {
 public:
  Client(Runtime& runtime, std::unique_ptr<ByteStream> stream);
  static Task<std::unique_ptr<Client>> connect(Runtime& runtime, Network& network, Endpoint to,
                                               Deadline by);

  Task<const ResponseHead*> send(ClientRequest request, Deadline by);
  Task<BytesView> next(Deadline by) override;                 // of the body; empty at its end
  Task<Bytes> read_body(std::size_t max_bytes, Deadline by);  // Failure(too_large)

  // Behind the head of an answer: the connection itself, for what follows (WebSocket).
  Handover release();

  bool reusable() const { return head_.keep_alive && parser_.done(); }
  ByteStream& stream() { return *stream_; }

 private:
  Task<bool> read_more(Deadline by);

  std::unique_ptr<ByteStream> stream_;
  ResponseParser parser_;
  ResponseHead head_;
  Bytes buffer_;
  std::size_t at_ = 0, end_ = 0;
  bool expired_ = false;
  Timer timer_;
};

}  // namespace goop::net::http
