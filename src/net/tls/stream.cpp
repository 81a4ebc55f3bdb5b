#include "net/tls/stream.h"

#include "base/signal.h"
#include "base/task_scope.h"
#include "net/tls/limits.h"
#include "net/tls/session.h"

namespace goop::net::tls {
namespace {

class TlsStream final : public ByteStream {
 public:
  TlsStream(Context& context, std::unique_ptr<ByteStream> below, std::string host)
      : below_(std::move(below)), session_(context, std::move(host)), turn_(context.runtime()) {}

  Task<> handshake() {
    std::size_t got = 0;
    for (;;) {
      const auto done = session_.handshake();
      auto flushing = flush();
      if (!done) {  // they are told why
        co_await attempt(std::move(flushing));
        throw Failure(done.error());
      }
      co_await std::move(flushing);
      if (*done) co_return;
      got += co_await fetch();
      if (got > limits::handshake_bytes) raise(Errc::violation, "TLS handshake over its limit");
    }
  }

  Task<std::size_t> read_some(MutBytes into) override {
    for (;;) {
      auto got = session_.read(into);
      if (!got) throw Failure(std::move(got.error()));
      // The answer to a key update; a writer under way takes it along.
      if (session_.has_output() && !writing_) co_await flush();
      if (got->bytes > 0 || got->ended) co_return got->bytes;
      co_await fetch();
    }
  }

  Task<> write(std::span<const BytesView> parts) override {
    for (auto part : parts) {
      while (!part.empty()) {
        auto taken = session_.write(part);
        if (!taken) throw Failure(std::move(taken.error()));
        part = part.subspan(*taken);
        co_await flush();
      }
    }
  }

  // Without close_notify, which would have to wait: HTTP and WebSocket say their own end.
  void shutdown_write() noexcept override { below_->shutdown_write(); }
  void abort() noexcept override { below_->abort(); }

  Endpoint local() const override { return below_->local(); }
  Endpoint remote() const override { return below_->remote(); }

 private:
  // Sends what is ready, and what becomes ready meanwhile; one task at a time.
  Task<> flush() {
    while (writing_) co_await turn_.wait_until(Deadline::never());
    struct Turn {
      explicit Turn(TlsStream& owner) : stream(owner) { stream.writing_ = true; }
      ~Turn() {
        stream.writing_ = false;
        stream.turn_.notify_all();
      }
      TlsStream& stream;
    };
    const Turn turn(*this);
    while (session_.has_output()) {
      const Bytes out = session_.output();
      const BytesView part(out);
      co_await below_->write(std::span(&part, 1));
    }
  }

  Task<std::size_t> fetch() {
    Bytes buffer(limits::read_bytes);
    const auto got = co_await below_->read_some(buffer);
    if (got == 0) session_.input_ended();
    session_.input(BytesView(buffer).first(got));
    co_return got;
  }

  std::unique_ptr<ByteStream> below_;
  Session session_;
  bool writing_ = false;
  Signal turn_;
};

}  // namespace

Task<std::unique_ptr<ByteStream>> connect(Context& context, std::unique_ptr<ByteStream> below,
                                          std::string host, Deadline by) {
  auto stream = std::make_unique<TlsStream>(context, std::move(below), std::move(host));
  bool late = false;
  Timer timer(context.runtime().timers(), [&stream, &late] {
    late = true;
    stream->abort();
  });
  timer.arm(by);
  std::exception_ptr thrown;
  try {
    co_await stream->handshake();
  } catch (...) {
    thrown = std::current_exception();
  }
  if (late) raise(Errc::timeout, "no TLS handshake in time");
  if (thrown) std::rethrow_exception(thrown);
  co_return std::move(stream);
}

}  // namespace goop::net::tls
