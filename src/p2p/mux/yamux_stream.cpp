#include "p2p/mux/yamux.h"

namespace goop::p2p::mux {

YamuxStream::YamuxStream(std::uint32_t stream_id, Runtime& runtime, std::shared_ptr<Link> link)
    : StreamState(stream_id),
      runtime_(runtime),
      link_(std::move(link)),
      readable_(runtime),
      writable_(runtime) {}

void YamuxStream::raise_reset() const {
  if (!link_->connection) raise(Errc::closed, "the connection has ended");
  raise(Errc::closed, "the stream was reset (code {:#x})", reset_code);
}

Task<BytesView> YamuxStream::fill(Deadline by) {
  const auto self = shared_from_this();  // another task may drop the last handle meanwhile
  for (;;) {
    if (!inbox.empty()) co_return inbox.front().view();
    if (got_fin) co_return BytesView{};
    if (reset || discarding) raise_reset();
    co_await readable_.wait(by, "read from the stream");
  }
}

void YamuxStream::consume_bytes(std::size_t count) {
  if (counted_) link_->used_bytes += count;
  if (link_->connection) {
    link_->connection->session_.consume(*this, count, runtime_.now());
    if (update_queued) link_->connection->kick();
    link_->connection->consumed_.notify_all();
    return;
  }
  drop(count);  // the session has gone: nobody to grant credit to
}

// A place in the line of writers, left on every path.
class YamuxStream::Place {
 public:
  explicit Place(YamuxStream& stream) : stream_(stream) {
    stream_.link_->connection->line_.push_back(&stream_);
  }
  ~Place() {
    if (Yamux* connection = stream_.link_->connection) {
      std::erase(connection->line_, &stream_);
      connection->next_turn();
    }
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  YamuxStream& stream_;
};

// Until this stream is the first in line and there is room; or the stream has ended.
Task<> YamuxStream::wait_for_turn(Deadline by) {
  const Place place(*this);
  while (link_->connection && !reset && !sent_fin && !link_->connection->turn_of(*this)) {
    co_await writable_.wait(by, "the connection is congested");
  }
}

Task<> YamuxStream::write_all(std::span<const BytesView> parts, Deadline by) {
  const auto self = shared_from_this();
  bool our_turn = false;
  for (const auto& part : parts) {
    for (BytesView rest = part; !rest.empty();) {
      if (reset || sent_fin || !link_->connection) raise_reset();
      Yamux& connection = *link_->connection;  // looked up again after each wait
      if (!std::exchange(our_turn, false) && connection.must_queue()) {
        co_await wait_for_turn(by);
        our_turn = true;
        continue;
      }
      const auto header = connection.session_.begin_body(*this, rest.size());
      if (!header) {
        co_await writable_.wait(by, "the peer does not read the stream");
        continue;
      }
      if (counted_ && !ours) link_->used_bytes += header->length;
      connection.queue_control();
      connection.channel_.append(encode(*header), rest.first(header->length));
      connection.kick();
      connection.next_turn();
      rest = rest.subspan(header->length);
    }
  }
  if (reset) raise_reset();
}

void YamuxStream::end_write() {
  if (!link_->connection) return;
  link_->connection->session_.close_write(*this);
  link_->connection->kick();
}

void YamuxStream::end() {
  if (!link_->connection) return;
  link_->connection->session_.close(*this, runtime_.now());
  link_->connection->consumed_.notify_all();  // what was unread is gone
  link_->connection->kick();
}

void YamuxStream::abort(std::uint32_t code) {
  if (!link_->connection) return;
  link_->connection->session_.reset(*this, code);
  link_->connection->consumed_.notify_all();
  readable_.notify_all();
  writable_.notify_all();
  link_->connection->kick();
}

Duration YamuxStream::charge(WorkUnits units) {
  return link_->work ? link_->work->charge(units, runtime_.now()) : Duration::zero();
}

ConnectionInfo YamuxStream::snapshot() const {
  return link_->connection ? link_->connection->info() : link_->info;
}

}  // namespace goop::p2p::mux
