// One client of a Server: reads heads, hands requests over, writes answers. Only server.cpp and
// connection.cpp know it.
//
// One timer serves every phase. It is pushed back by setting `due_`; only when it rings is it seen
// whether it was pushed back, so that a request costs no timer work at all.
#pragma once

#include "net/http/parser.h"
#include "net/http/server.h"

namespace goop::net::http {

class Connection final : public BodySource, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Server& server, std::unique_ptr<ByteStream> stream, PeerUser user, ClientKey client);
  ~Connection() override;

  Task<> run();
  void abort() { stream_->abort(); }
  void finish();               // no further request; ends at once when idle
  Instant busy_until() const;  // its place is not an idle one until then
  void give_way();  // ends for the sake of another, and says so where an answer is awaited

  // The request's body.
  Task<BytesView> next(Deadline by) override;

 private:
  enum class Phase { idle, head, working, body, writing };
  enum class Framing { length, chunked, to_end, own };  // own: the fields of the response say it

  Task<bool> read_head();
  Task<bool> read_more();  // false: the client ended its direction
  Task<Response> answer_to_request();
  Task<> send(Response& response, bool head_only);
  bool may_hand_over(Response& response) const;
  Task<> hand_over(Response response);
  Task<BytesView> next_part(Response::Pulled& body);
  Task<> send_pulled(Response::Pulled& body);
  Task<> drain_body();
  Task<> linger();
  Task<> refuse(Error error);
  void take_leave(std::string text, Duration span);
  static Task<> farewell(std::shared_ptr<Connection> self, std::string text);
  Response plain(int status) const;
  Response failure(const Error& error) const;
  void write_head(const Response& response, std::optional<std::uint64_t> length, Framing framing);
  Task<> write_parts(std::span<const BytesView> parts);

  void use_place();

  void enter(Phase phase, Duration span);
  void enter(Phase phase, Deadline due);
  void on_timer();
  BytesView unread() const { return BytesView(buffer_).subspan(at_, end_ - at_); }

  Server& server_;
  std::unique_ptr<ByteStream> stream_;
  RequestParser parser_;
  Request request_;
  Bytes buffer_;
  std::size_t at_ = 0, end_ = 0;  // what of the buffer is unread
  std::string out_;               // head of the answer
  BytesView first_;               // of a pulled body
  Phase phase_ = Phase::idle;
  Instant due_ = Instant::max();
  Instant armed_at_ = Instant::max();
  bool keep_ = true;
  bool expect_continue_ = false;
  std::optional<Count> told_;  // that it gives way
  bool leaving_ = false;       // a farewell is being written: the reader must stop
  bool answering_ = false;     // the head of an answer may have gone out
  std::uint64_t requests_ = 0;
  std::uint64_t number_;
  std::string network_;
  Instant active_;  // something came or went
  Timer timer_;
};

}  // namespace goop::net::http
