#include "p2p/mux/yamux.h"

#include "base/log.h"
#include "p2p/work_prices.h"

namespace goop::p2p::mux {
namespace {

SessionOptions session_options(Runtime& runtime, std::shared_ptr<Link> link,
                               const YamuxOptions& options) {
  SessionOptions session;
  session.role = options.role;
  session.window_most = options.window_most;
  session.charge = options.charge;
  session.make_stream = [&runtime, link = std::move(link)](std::uint32_t id) -> StreamPtr {
    return std::make_shared<YamuxStream>(id, runtime, link);
  };
  return session;
}

}  // namespace

Yamux::Yamux(Runtime& runtime, NoiseChannel channel, YamuxOptions options)
    : runtime_(runtime),
      channel_(std::move(channel)),
      link_(std::make_shared<Link>(this, options.info, options.work)),
      keep_alive_(options.keep_alive),
      surplus_(std::move(options.surplus)),
      session_(session_options(runtime, link_, options)),
      work_(runtime),
      room_(runtime),
      opened_(runtime),
      accepted_(runtime),
      consumed_(runtime),
      gone_(runtime),
      heard_(runtime.now()),
      tasks_(runtime, "yamux") {}

Yamux::~Yamux() { end_all_streams(); }

Task<> Yamux::run() {
  auto fail_with = [this](std::optional<Error> error) {
    if (error && error->code != Errc::cancelled && !why_) why_ = error;
    abort();
  };
  tasks_.spawn(write_loop(), fail_with);
  tasks_.spawn(keep_alive_loop(), fail_with);
  session_.ping(runtime_.now());  // the first measurement of the round trip
  kick();
  std::exception_ptr thrown;
  try {
    co_await read_loop();
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await cleaning_up();
  const auto why = thrown ? error_of(thrown).code : Errc::cancelled;
  if (why == Errc::busy) session_.drop_unread();
  if (why == Errc::violation || why == Errc::busy) {
    const auto linger = Deadline::after(runtime_.now(), limits::goodbye_linger);
    co_await drain(linger);  // our go away
    channel_.shutdown_write();
    co_await gone_.wait_until(linger);  // cutting at once could lose it
  }
  ended_ = true;
  channel_.abort();
  end_all_streams();
  co_await tasks_.close();
  if (closing_) co_return;
  if (why_) throw Failure(*why_);
  if (thrown) std::rethrow_exception(thrown);
}

Task<> Yamux::read_loop() {
  if (!surplus_.empty()) or_raise(take(std::exchange(surplus_, {})));
  std::uint64_t read = 0;
  for (;;) {
    while (auto piece = or_raise(channel_.next())) or_raise(take(std::move(*piece)));
    dispatch_events();
    if (session_.remote_gone()) co_return;
    while (!aborted_ && session_.holdings().held() >= limits::unread_most) {
      co_await consumed_.wait_until(Deadline::never());
    }
    while (!aborted_ && session_.control_full()) {
      kick();
      co_await room_.wait_until(Deadline::never());
    }
    co_await pause_for_work(read);
    read = channel_.bytes_in();
    const bool more = co_await channel_.receive();
    if (!more) co_return;
  }
}

// Charges what has come in since `read` bytes had; waits while the other side owes for it.
Task<> Yamux::pause_for_work(std::uint64_t read) {
  Duration pause = session_.pause(runtime_.now());
  if (auto& work = link_->work) {
    const auto frames = channel_.frames_in();
    WorkUnits units = session_.take_work();
    units += (frames - std::exchange(charged_frames_, frames)) * price::secure_frame;
    if (channel_.bytes_in() - read < limits::small_read_bytes) units += price::small_read;
    pause = std::max(pause, work->charge(units, runtime_.now()));
    if (work->floods(runtime_.now())) {
      log::info("connection.flood", {{"peer", link_->info.peer}, {"remote", link_->info.remote}});
      flooded_ = true;
      session_.go_away(GoAwayCode::internal_error);
      kick();
      raise(Errc::busy, "it asks for more work than it may, and does not stop");
    }
  }
  if (pause > Duration::zero()) co_await runtime_.sleep_for(pause);
}

Result<void> Yamux::take(Segment piece) {
  heard_ = runtime_.now();
  auto taken = session_.on_piece(std::move(piece), heard_);
  if (!taken) {
    log::debug("yamux.refused", {{"peer", link_->info.peer}, {"error", taken.error()}});
    const bool theirs = taken.error().code == Errc::violation;
    session_.go_away(theirs ? GoAwayCode::protocol_error : GoAwayCode::internal_error);
    kick();
  }
  return taken;
}

void Yamux::dispatch_events() {
  for (auto& event : session_.take_events()) {
    auto stream = std::static_pointer_cast<YamuxStream>(event.stream);
    switch (event.kind) {
      case StreamEvent::Kind::opened:
        backlog_.push_back(std::move(stream));
        accepted_.notify_one();
        break;
      case StreamEvent::Kind::readable:
        stream->readable_.notify_all();
        break;
      case StreamEvent::Kind::writable:
        stream->writable_.notify_all();
        break;
      case StreamEvent::Kind::reset:
        stream->readable_.notify_all();
        stream->writable_.notify_all();
        break;
    }
  }
  if (session_.unacknowledged() < limits::unacknowledged_opens) opened_.notify_all();
  if (session_.has_control()) kick();
}

void Yamux::kick() { work_.notify_one(); }

void Yamux::next_turn() {
  if (!line_.empty() && !full()) line_.front()->writable_.notify_all();
}

// Control frames go to the channel before any further data, unless so much is under way that they
// would only pile up there: then they wait, coalesced and bounded, in the session.
void Yamux::queue_control() {
  if (!session_.has_control() || channel_.pending() >= limits::queued_bytes_most) return;
  session_.drain_control(
      [this](const FrameHeader& header) { channel_.append(encode(header), {}); });
}

Task<> Yamux::write_loop() {
  Timer stalled(runtime_.timers(), [this] {
    if (!why_) why_ = Error{Errc::timeout, "the other side does not read"};
    abort();
  });
  for (;;) {
    // Control frames wait a turn for company: most acknowledge a stream that is just being
    // answered.
    if (session_.has_control() && !channel_.has_queued()) co_await runtime_.yield();
    queue_control();
    if (!channel_.has_queued()) {
      co_await work_.wait_until(Deadline::never());
      continue;
    }
    const auto share = static_cast<int>(channel_.pending() / (64 * 1024)) + 1;
    stalled.arm(saturating_add(runtime_.now(), share * Duration(limits::write_timeout)));
    co_await channel_.flush();
    stalled.disarm();
    room_.notify_all();
    next_turn();
  }
}

Task<> Yamux::keep_alive_loop() {
  Instant measured = runtime_.now();
  for (;;) {
    const auto due = session_.next_look(heard_, keep_alive_);
    const Deadline next{std::min(due, saturating_add(runtime_.now(), keep_alive_))};
    co_await runtime_.sleep_until(next);
    const auto now = runtime_.now();
    session_.expire(now);
    if (session_.ping_overdue(now)) {
      raise(Errc::timeout, "no answer to a ping of {} s ago", limits::pong_timeout.count());
    }
    if (now - heard_ >= keep_alive_ || now - measured >= limits::rtt_interval) {
      measured = now;
      session_.ping(now);
    }
    if (session_.has_control()) kick();
  }
}

Task<std::shared_ptr<YamuxStream>> Yamux::open(Deadline by) {
  while (!ended_ && session_.unacknowledged() >= limits::unacknowledged_opens) {
    co_await opened_.wait(by, "the peer accepts no further streams");
  }
  if (ended_ || closing_) raise(Errc::closed, "the connection has ended");
  auto stream = std::static_pointer_cast<YamuxStream>(or_raise(session_.open()));
  stream->updated = runtime_.now();
  kick();
  co_return stream;
}

Task<std::shared_ptr<YamuxStream>> Yamux::accept() {
  while (backlog_.empty()) {
    if (ended_) co_return nullptr;
    co_await accepted_.wait_until(Deadline::never());
  }
  auto stream = std::move(backlog_.front());
  backlog_.pop_front();
  co_return stream;
}

Task<> Yamux::close(Deadline by) {
  if (std::exchange(closing_, true) || ended_) co_return;
  session_.go_away(GoAwayCode::normal);
  kick();
  co_await drain(by);
  channel_.shutdown_write();
  // The other side reads to our end and closes; cutting earlier could lose what it has not read.
  const auto linger = Deadline::after(runtime_.now(), limits::goodbye_linger);
  if (!ended_) co_await gone_.wait_until(linger.sooner(by));
  abort();
}

Task<> Yamux::drain(Deadline by) {
  while (!ended_ && !aborted_ && (session_.has_control() || channel_.pending() > 0)) {
    const Wake why = co_await room_.wait_until(by);
    if (why == Wake::deadline) break;
  }
}

// Also wakes a reader that pauses: it does not notice the end of the channel by itself.
void Yamux::abort() noexcept {
  aborted_ = true;
  channel_.abort();
  consumed_.notify_all();
  room_.notify_all();
}

ConnectionInfo Yamux::info() const {
  auto info = link_->info;
  info.rtt = session_.rtt();
  info.streams = session_.streams();
  if (link_->work) info.work = link_->work->charged();
  return info;
}

void Yamux::end_all_streams() {
  link_->connection = nullptr;
  session_.for_each([](StreamState& state) {
    auto& stream = static_cast<YamuxStream&>(state);
    stream.reset = true;
    stream.readable_.notify_all();
    stream.writable_.notify_all();
  });
  backlog_.clear();
  line_.clear();
  for (auto* signal : {&room_, &opened_, &accepted_, &consumed_, &gone_}) signal->notify_all();
}

}  // namespace goop::p2p::mux
