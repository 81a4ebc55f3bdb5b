#include "net/http/client.h"

#include "net/http/limits.h"

namespace goop::net::http {

Client::Client(Runtime& runtime, std::unique_ptr<ByteStream> stream)
    : stream_(std::move(stream)),
      buffer_(limits::client_buffer_bytes),
      timer_(runtime.timers(), [this] {
        expired_ = true;
        stream_->abort();
      }) {}

Task<std::unique_ptr<Client>> Client::connect(Runtime& runtime, Network& network, Endpoint to,
                                              Deadline by) {
  auto stream = co_await network.connect(to, std::nullopt, by);
  co_return std::make_unique<Client>(runtime, std::move(stream));
}

Task<const ResponseHead*> Client::send(ClientRequest request, Deadline by) {
  std::string head = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  const auto field = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  field("Host", request.host.empty() ? to_string(stream_->remote()) : request.host);
  for (const auto& [name, value] : request.fields) field(name, value);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    field("Content-Length", std::to_string(request.body.size()));
  }
  head += "\r\n";

  timer_.arm(by);
  const std::array<BytesView, 2> parts{as_bytes(head), as_bytes(request.body)};
  co_await stream_->write(parts);
  do {
    parser_.start(head_, request.method == "HEAD" ? ResponseParser::Answers::head_request
                                                  : ResponseParser::Answers::any);
    while (!parser_.head_done()) {
      if (at_ < end_) {
        const auto fed = or_raise(parser_.feed(BytesView(buffer_).subspan(at_, end_ - at_)));
        at_ += fed.taken;
        if (fed.taken > 0) continue;
      }
      const bool more = co_await read_more(by);
      if (!more) or_raise(parser_.end_of_stream());
    }
  } while (head_.status == 100);
  timer_.disarm();
  co_return &head_;
}

Task<bool> Client::read_more(Deadline by) {
  if (at_ == end_) {
    at_ = end_ = 0;
  } else if (end_ == buffer_.size()) {
    if (at_ == 0) raise(Errc::violation, "answer head over its limit");
    std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
    end_ -= at_;
    at_ = 0;
  }
  timer_.arm(by);
  std::size_t got = 0;
  try {
    got = co_await stream_->read_some(MutBytes(buffer_).subspan(end_));
  } catch (...) {
    timer_.disarm();
    if (expired_) raise(Errc::timeout, "no answer in time");
    throw;
  }
  timer_.disarm();
  end_ += got;
  co_return got > 0;
}

Task<BytesView> Client::next(Deadline by) {
  while (!parser_.done()) {
    if (at_ < end_) {
      const auto fed = or_raise(parser_.feed(BytesView(buffer_).subspan(at_, end_ - at_)));
      at_ += fed.taken;
      if (!fed.body.empty()) co_return fed.body;
      if (fed.taken > 0) continue;
    }
    const bool more = co_await read_more(by);
    if (!more) or_raise(parser_.end_of_stream());
  }
  co_return BytesView{};
}

Handover Client::release() {
  timer_.disarm();
  Handover handover{std::move(stream_), to_bytes(BytesView(buffer_).subspan(at_, end_ - at_))};
  at_ = end_ = 0;
  return handover;
}

Task<Bytes> Client::read_body(std::size_t max_bytes, Deadline by) {
  Bytes all;
  for (;;) {
    const auto part = co_await next(by);
    if (part.empty()) co_return all;
    if (part.size() > max_bytes - all.size()) raise(Errc::too_large, "answer over {}", max_bytes);
    append(all, part);
  }
}

}  // namespace goop::net::http
