#include "p2p/secure/noise_channel.h"

#include <array>
#include <cstring>

#include "base/task_scope.h"
#include "p2p/secure/limits.h"

namespace goop::p2p {

NoiseChannel::NoiseChannel(std::unique_ptr<net::ByteStream> below, const Keys& keys,
                           BytesView surplus, std::shared_ptr<BlockPool> pool)
    : below_(std::move(below)),
      pool_(std::move(pool)),
      sealing_(keys.send),
      opening_(keys.receive),
      capacity_(std::max(surplus.size(), limits::receive_buffer_least)) {
  buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_);
  std::ranges::copy(surplus, buffer_.get());
  end_ = surplus.size();
}

Result<std::optional<Segment>> NoiseChannel::next() {
  for (;;) {
    if (end_ - begin_ < 2) return std::nullopt;
    const std::size_t size = static_cast<std::size_t>(buffer_[begin_]) << 8 | buffer_[begin_ + 1];
    if (size < limits::noise_tag_bytes) {
      return fail(Errc::violation, "noise frame of {} bytes is shorter than its tag", size);
    }
    if (end_ - begin_ < 2 + size) return std::nullopt;
    if (receive_nonce_ >= limits::noise_last_nonce) {
      return fail(Errc::violation, "noise nonces are used up");
    }
    const BytesView sealed(buffer_.get() + begin_ + 2, size);
    begin_ += 2 + size;
    Segment piece(*pool_, std::max<std::size_t>(size - limits::noise_tag_bytes, 1));
    piece.shrink(size - limits::noise_tag_bytes);
    if (!opening_.open(receive_nonce_++, {}, sealed, piece.room())) {
      return fail(Errc::violation, "noise frame does not authenticate");
    }
    if (!piece.empty()) return piece;
  }
}

Task<bool> NoiseChannel::receive() {
  const std::size_t wanted =
      end_ - begin_ < 2
          ? 2
          : 2 + (static_cast<std::size_t>(buffer_[begin_]) << 8 | buffer_[begin_ + 1]);
  make_room(wanted);
  const auto room = capacity_ - end_;
  const auto count = co_await below_->read_some({buffer_.get() + end_, room});
  end_ += count;
  bytes_in_ += count;
  if (count == room && capacity_ < limits::receive_buffer_most) {
    small_reads_ = 0;
    make_room(std::min(capacity_ * 4, limits::receive_buffer_most));
  } else {
    small_reads_ = count <= limits::receive_buffer_least ? small_reads_ + 1 : 0;
  }
  co_return count > 0;
}

// Brings the unread bytes to the front of a buffer in which a frame of `frame_bytes` fits.
void NoiseChannel::make_room(std::size_t frame_bytes) {
  const std::size_t unread = end_ - begin_;
  std::size_t capacity = std::max(capacity_, frame_bytes);
  if (unread == 0 && small_reads_ >= limits::receive_small_reads) {
    capacity = std::max(limits::receive_buffer_least, frame_bytes);
  }
  if (capacity == capacity_) {
    if (begin_ > 0) std::memmove(buffer_.get(), buffer_.get() + begin_, unread);
  } else {
    auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    if (unread > 0) std::memcpy(larger.get(), buffer_.get() + begin_, unread);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = unread;
}

void NoiseChannel::append(BytesView header, BytesView body) {
  constexpr auto most = limits::noise_plaintext_bytes;
  GOOP_ASSERT(header.size() < limits::direct_body_bytes);
  if (staged_.size() + header.size() > most) seal_staged();
  if (body.size() < limits::direct_body_bytes) {
    if (staged_.size() + header.size() + body.size() > most) seal_staged();
    goop::append(staged_, header);
    goop::append(staged_, body);
    return;
  }
  if (staged_.size() + header.size() + body.size() > most) seal_staged();
  auto part = body.first(std::min(body.size(), most - header.size() - staged_.size()));
  const std::array<BytesView, 3> first = {BytesView(staged_), header, part};
  seal(first, staged_.size() + header.size() + part.size());
  staged_.clear();
  for (body = body.subspan(part.size()); !body.empty(); body = body.subspan(part.size())) {
    part = body.first(std::min(body.size(), most));
    seal({&part, 1}, part.size());
  }
}

void NoiseChannel::seal_staged() {
  if (staged_.empty()) return;
  const BytesView part = staged_;
  seal({&part, 1}, part.size());
  staged_.clear();
}

void NoiseChannel::seal(std::span<const BytesView> parts, std::size_t size) {
  if (send_nonce_ >= limits::noise_last_nonce) raise(Errc::closed, "noise nonces are used up");
  const std::size_t frame = size + limits::noise_tag_bytes;
  Segment sealed(*pool_, 2 + frame);
  auto room = sealed.room();
  room[0] = static_cast<std::uint8_t>(frame >> 8);
  room[1] = static_cast<std::uint8_t>(frame);
  sealing_.seal(send_nonce_++, {}, parts, room.subspan(2));
  queued_bytes_ += sealed.size();
  queue_.push_back(std::move(sealed));
}

Task<> NoiseChannel::flush() {
  seal_staged();
  std::swap(queue_, writing_);
  writing_bytes_ = std::exchange(queued_bytes_, 0);
  parts_.clear();
  for (const auto& frame : writing_) parts_.push_back(frame.view());
  co_await below_->write(parts_);
  bytes_out_ += std::exchange(writing_bytes_, 0);
  writing_.clear();
}

Task<BytesView> ChannelDuplex::fill(Deadline by) {
  while (unread_.empty() && !ended_) {
    auto receiving = receive_one();
    co_await with_deadline(runtime_, by, "read from the secure channel", std::move(receiving));
  }
  co_return unread_.view();
}

Task<> ChannelDuplex::receive_one() {
  for (;;) {
    if (auto piece = or_raise(channel_.next())) {
      unread_ = std::move(*piece);
      co_return;
    }
    const bool more = co_await channel_.receive();
    if (!more) {
      ended_ = true;
      co_return;
    }
  }
}

Task<> ChannelDuplex::write(BytesView bytes, Deadline by) {
  channel_.append(bytes, {});
  auto flushing = channel_.flush();
  co_await with_deadline(runtime_, by, "write to the secure channel", std::move(flushing));
}

}  // namespace goop::p2p
