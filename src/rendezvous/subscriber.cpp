#include "rendezvous/subscriber.h"

namespace goop::rendezvous {
namespace {

std::size_t size_of(const std::vector<Chunk>& chunks) {
  std::size_t sum = 0;
  for (const auto& chunk : chunks) sum += chunk->size();
  return sum;
}

// The chunks without their first `skip` bytes.
std::vector<BytesView> parts_of(const std::vector<Chunk>& chunks, std::size_t skip) {
  std::vector<BytesView> parts;
  for (const auto& chunk : chunks) {
    const auto here = std::min(skip, chunk->size());
    skip -= here;
    if (here < chunk->size()) parts.push_back(BytesView(*chunk).subspan(here));
  }
  return parts;
}

}  // namespace

void Subscriber::follow(StreamLog* log) {
  if (finishing_) return;
  log_ = log;
  lags_ = false;
  if (log_) next_ = log_->end();
}

bool Subscriber::send(Chunk chunk) {
  if (over_ || finishing_ || own_bytes_ + chunk->size() > limits::own_bytes) return false;
  own_bytes_ += chunk->size();
  own_.push_back(std::move(chunk));
  return true;
}

void Subscriber::send_all(const std::vector<Chunk>& chunks) {
  own_.insert(own_.end(), chunks.begin(), chunks.end());
  own_bytes_ += size_of(chunks);
}

// What goes out with the next write: what is its own, then news.
std::vector<Chunk> Subscriber::take() {
  std::vector<Chunk> taken;
  std::size_t bytes = 0, own = 0;
  while (own < own_.size() && own < limits::gather && bytes < limits::write_bytes) {
    bytes += own_[own]->size();
    taken.push_back(std::move(own_[own++]));
  }
  own_bytes_ -= bytes;
  own_.erase(own_.begin(), own_.begin() + static_cast<std::ptrdiff_t>(own));
  if (own_.empty()) own_ = {};  // an idle reader holds no buffer
  if (!log_ || lags_) return taken;
  if (next_ < log_->first()) {
    lags_ = true;
    shared_.lagging();
    return taken;
  }
  while (taken.size() < limits::gather && bytes < limits::write_bytes && next_ < log_->end()) {
    bytes += log_->at(next_)->size();
    taken.push_back(log_->at(next_++));
  }
  return taken;
}

void Subscriber::pump() {
  while (!writing_ && !over_ && anything()) {
    auto chunks = take();
    if (chunks.empty()) break;
    const auto parts = parts_of(chunks, 0);
    const auto written = stream_->try_write(parts);
    if (written == size_of(chunks)) continue;
    writing_ = true;
    shared_.tasks.spawn(drain(shared_from_this(), std::move(chunks), written));
  }
  if (finishing_ && !writing_ && !over_) stream_->shutdown_write();
}

Task<> Subscriber::drain(std::shared_ptr<Subscriber> self, std::vector<Chunk> chunks,
                         std::size_t written) {
  const auto parts = parts_of(chunks, written);
  const auto by = Deadline::after(self->shared_.runtime.now(), limits::write_time);
  auto writing = self->stream_->write(parts);
  auto bounded =
      with_deadline(self->shared_.runtime, by, "the reader of a stream", std::move(writing));
  const auto done = co_await attempt(std::move(bounded));
  self->writing_ = false;
  if (!done) co_return self->end();
  if (!self->over_) self->pump();
}

void Subscriber::end() noexcept {
  over_ = true;
  stream_->abort();
}

void Subscriber::finish() {
  finishing_ = true;
  log_ = nullptr;
  pump();
}

}  // namespace goop::rendezvous
