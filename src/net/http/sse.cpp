#include "net/http/sse.h"

#include "net/http/limits.h"

namespace goop::net::http {

void append_event(std::string& to, std::string_view id, std::string_view type,
                  std::string_view data) {
  if (!id.empty()) to.append("id: ").append(id).append("\n");
  if (!type.empty()) to.append("event: ").append(type).append("\n");
  for (;;) {
    const auto end = data.find_first_of("\r\n");
    to.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == data.npos) break;
    data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  to += '\n';
}

EventBody::EventBody(Runtime& runtime, std::unique_ptr<EventFeed> feed)
    : runtime_(runtime), feed_(std::move(feed)) {}

Task<BytesView> EventBody::next(Deadline) {
  text_.clear();
  if (!begun_) text_ = ": open\n\n";  // lets the head go out at once
  begun_ = true;
  if (feed_->over()) co_return BytesView{};
  feed_->append_news(text_);
  if (text_.empty()) {
    co_await feed_->wait(Deadline::after(runtime_.now(), limits::heartbeat));
    if (feed_->over()) co_return BytesView{};
    feed_->append_news(text_);
    if (text_.empty()) text_ = ": alive\n\n";
  }
  co_return as_bytes(text_);
}

Response event_stream(Runtime& runtime, std::unique_ptr<EventFeed> feed) {
  Response response(200);
  response.add_lines("Content-Type: text/event-stream\r\nCache-Control: no-store\r\n");
  response.body = Response::Pulled{std::make_unique<EventBody>(runtime, std::move(feed)), {}, true};
  return response;
}

Result<std::vector<ServerEvent>> EventParser::feed(BytesView bytes) {
  std::vector<ServerEvent> events;
  for (const char c : as_text(bytes)) {
    if (c == '\n' && after_return_) {
      after_return_ = false;
      continue;
    }
    after_return_ = c == '\r';
    if (c == '\n' || c == '\r') {
      take_line(line_, events);
      line_.clear();
      continue;
    }
    if (line_.size() + event_.data.size() >= limits::sse_event_bytes) {
      return fail(Errc::too_large, "event over {} bytes", limits::sse_event_bytes);
    }
    line_ += c;
  }
  return events;
}

void EventParser::take_line(std::string_view line, std::vector<ServerEvent>& events) {
  if (line.empty()) {
    if (has_data_) {
      event_.id = last_id_;
      if (event_.type.empty()) event_.type = "message";
      events.push_back(std::move(event_));
    }
    event_ = {};
    has_data_ = false;
    return;
  }
  const auto colon = line.find(':');
  const auto field = line.substr(0, colon);
  auto value = colon == line.npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    event_.type = value;
  } else if (field == "id" && value.find('\0') == value.npos) {
    last_id_ = value;
  }
}

}  // namespace goop::net::http
