// Server-sent events: the text of one, a body that sends them, a parser that reads them.
//
// WHATWG HTML, "Server-sent events". Event ids let a reader continue where it broke off; a comment
// line as heartbeat tells both sides that the other is still there.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http/message.h"

namespace goop::net::http {

struct ServerEvent {
  std::string id, type, data;
  bool operator==(const ServerEvent&) const = default;
};

// Appends the event's text; line ends in `data` become several data lines.
void append_event(std::string& to, std::string_view id, std::string_view type,
                  std::string_view data);

// What an event stream is fed from.
class EventFeed {
 public:
  virtual ~EventFeed() = default;
  virtual void append_news(std::string& to) = 0;  // the text of everything that is new, may be none
  virtual Task<> wait(Deadline by) = 0;           // until there is news, or the deadline
  virtual bool over() const { return false; }     // the stream ends here
};

// A body of events, with heartbeats, until the feed is over.
class EventBody final : public BodySource {
 public:
  EventBody(Runtime& runtime, std::unique_ptr<EventFeed> feed);
  Task<BytesView> next(Deadline by) override;

 private:
  Runtime& runtime_;
  std::unique_ptr<EventFeed> feed_;
  std::string text_;
  bool begun_ = false;
};

Response event_stream(Runtime& runtime, std::unique_ptr<EventFeed> feed);

// Reads a stream in pieces of any size. Limits: limits::sse_event_bytes.
class EventParser {
 public:
  Result<std::vector<ServerEvent>> feed(BytesView bytes);  // too_large

 private:
  void take_line(std::string_view line, std::vector<ServerEvent>& events);

  std::string line_;
  ServerEvent event_;
  std::string last_id_;
  bool has_data_ = false;
  bool after_return_ = false;
};

}  // namespace goop::net::http
