// The data phase of Noise: a byte pipe becomes a pipe of authenticated pieces.
//
// Sending is append, append, flush: small pieces are gathered into one frame, a large body is
// encrypted straight from the caller's memory into the frame that goes out, and everything queued
// leaves in one gathered write. Receiving decrypts each frame into a block of its own, which the
// muxer shares with the stream's reader. Idle channels hold no large buffer.
//
// Spec:   libp2p/specs noise (2-byte big-endian length, 64-bit counters, no rekey).
// Owns:   the byte stream, both cipher states.   Borrows: nothing.   Thread: loop only.
// Limits: limits::noise_frame_bytes, limits::receive_buffer_bytes
// Errors: violation (a frame that does not authenticate, or is too short), closed.
#pragma once

#include <memory>
#include <optional>

#include "crypto/aead.h"
#include "net/network.h"
#include "p2p/duplex.h"
#include "p2p/secure/segment.h"

namespace goop::p2p {

class NoiseChannel {
 public:
  struct Keys {
    crypto::Secret<32> send, receive;
  };

  // `surplus`: bytes that were read behind the handshake.
  NoiseChannel(std::unique_ptr<net::ByteStream> below, const Keys& keys, BytesView surplus,
               std::shared_ptr<BlockPool> pool);

  // --- receiving: one reader ---

  // The next piece out of what has been received; nullopt when another receive() is needed.
  // Empty frames are legal and skipped.
  Result<std::optional<Segment>> next();

  // Waits for more bytes; false at the end of the stream.
  Task<bool> receive();

  // --- sending ---

  // Queues `header` and `body` as neighbouring plaintext; may be called while a flush is running.
  void append(BytesView header, BytesView body);

  // Bytes that are queued or being written.
  std::size_t pending() const { return queued_bytes_ + staged_.size() + writing_bytes_; }
  bool has_queued() const { return queued_bytes_ + staged_.size() > 0; }

  // Writes what is queued; one flush at a time.
  Task<> flush();

  void shutdown_write() noexcept { below_->shutdown_write(); }
  void abort() noexcept { below_->abort(); }
  const net::ByteStream& below() const { return *below_; }

  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t bytes_out() const { return bytes_out_; }
  std::uint64_t frames_in() const { return receive_nonce_; }  // empty ones too

 private:
  void seal(std::span<const BytesView> parts, std::size_t size);
  void seal_staged();
  void make_room(std::size_t frame_bytes);

  std::unique_ptr<net::ByteStream> below_;
  std::shared_ptr<BlockPool> pool_;
  crypto::ChaChaPoly sealing_, opening_;
  std::uint64_t send_nonce_ = 0, receive_nonce_ = 0;

  // Received ciphertext, [begin, end) of the buffer; it grows while reads fill it.
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
  std::size_t small_reads_ = 0;

  Bytes staged_;                  // plaintext of the frame being gathered
  std::vector<Segment> queue_;    // sealed frames
  std::vector<Segment> writing_;  // those the running flush sends
  std::vector<BytesView> parts_;
  std::size_t queued_bytes_ = 0, writing_bytes_ = 0;
  std::uint64_t bytes_in_ = 0, bytes_out_ = 0;
};

// A NoiseChannel as Duplex, for negotiating the muxer when the handshake did not.
class ChannelDuplex final : public Duplex {
 public:
  ChannelDuplex(Runtime& runtime, NoiseChannel& channel) : runtime_(runtime), channel_(channel) {}

  Task<BytesView> fill(Deadline by) override;
  void consume(std::size_t count) override { unread_.remove_prefix(count); }
  Task<> write(BytesView bytes, Deadline by) override;

  Segment release_unread() { return std::move(unread_); }

 private:
  Task<> receive_one();

  Runtime& runtime_;
  NoiseChannel& channel_;
  Segment unread_;
  bool ended_ = false;
};

}  // namespace goop::p2p
