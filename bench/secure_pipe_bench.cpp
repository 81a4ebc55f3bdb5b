// deps: base net crypto p2p_multi p2p_secure p2p_mux
// libs: OpenSSL::Crypto
// One stream through yamux and Noise over a pipe in memory, both ends on one thread, against
// OpenSSL encrypting and decrypting the same bytes in 16 KiB blocks. Target: at least 0.6.
#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <deque>

#include "base/os_runtime.h"
#include "p2p/mux/yamux.h"

namespace goop {
namespace {

constexpr std::size_t total_bytes = 2ull << 30;
constexpr std::size_t block_bytes = 16 * 1024;
constexpr std::size_t pipe_bytes = 512 * 1024;

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// One direction of the pipe: a ring, as the kernel's socket buffer is one.
struct Ring {
  explicit Ring(Runtime& runtime) : changed(runtime) {}
  Bytes bytes = Bytes(pipe_bytes);
  std::size_t head = 0, size = 0;
  bool ended = false;
  Signal changed;
};

class MemoryStream final : public net::ByteStream {
 public:
  MemoryStream(std::shared_ptr<Ring> in, std::shared_ptr<Ring> out) : in_(in), out_(out) {}

  Task<std::size_t> read_some(MutBytes into) override {
    while (in_->size == 0) {
      if (in_->ended) co_return 0;
      co_await in_->changed.wait_until(Deadline::never());
    }
    const auto count = std::min({into.size(), in_->size, pipe_bytes - in_->head});
    std::memcpy(into.data(), in_->bytes.data() + in_->head, count);
    in_->head = (in_->head + count) % pipe_bytes;
    in_->size -= count;
    in_->changed.notify_all();
    co_return count;
  }

  Task<> write(std::span<const BytesView> parts) override {
    for (auto part : parts) {
      while (!part.empty()) {
        while (out_->size == pipe_bytes) co_await out_->changed.wait_until(Deadline::never());
        const auto tail = (out_->head + out_->size) % pipe_bytes;
        const auto count = std::min({part.size(), pipe_bytes - out_->size, pipe_bytes - tail});
        std::memcpy(out_->bytes.data() + tail, part.data(), count);
        out_->size += count;
        part = part.subspan(count);
        out_->changed.notify_all();
      }
    }
  }

  void shutdown_write() noexcept override { abort(); }
  void abort() noexcept override {
    for (auto& ring : {in_, out_}) {
      ring->ended = true;
      ring->changed.notify_all();
    }
  }
  net::Endpoint local() const override { return {}; }
  net::Endpoint remote() const override { return {}; }

 private:
  std::shared_ptr<Ring> in_, out_;
};

Task<> send_all(p2p::mux::Yamux& yamux) {
  auto stream = co_await yamux.open(Deadline::never());
  const Bytes chunk(256 * 1024, 7);
  const BytesView part = chunk;
  for (std::size_t sent = 0; sent < total_bytes; sent += chunk.size()) {
    co_await stream->write_all({&part, 1}, Deadline::never());
  }
  stream->end();
}

Task<> receive_all(p2p::mux::Yamux& yamux, std::size_t& received) {
  auto stream = co_await yamux.accept();
  for (;;) {
    const auto view = co_await stream->fill(Deadline::never());
    if (view.empty()) break;
    received += view.size();
    stream->consume_bytes(view.size());
  }
}

Task<> run_both(Runtime& runtime, double& seconds) {
  auto there = std::make_shared<Ring>(runtime), back = std::make_shared<Ring>(runtime);
  std::array<std::uint8_t, 32> one{}, two{};
  one.fill(1);
  two.fill(2);
  const p2p::NoiseChannel::Keys keys_a{crypto::Secret<32>(one), crypto::Secret<32>(two)};
  const p2p::NoiseChannel::Keys keys_b{crypto::Secret<32>(two), crypto::Secret<32>(one)};
  auto pool = std::make_shared<p2p::BlockPool>();
  p2p::mux::YamuxOptions client, server;
  server.role = p2p::mux::Role::server;
  p2p::mux::Yamux a(runtime, {std::make_unique<MemoryStream>(back, there), keys_a, {}, pool},
                    std::move(client));
  p2p::mux::Yamux b(runtime, {std::make_unique<MemoryStream>(there, back), keys_b, {}, pool},
                    std::move(server));
  TaskScope scope(runtime, "bench");
  const auto quiet = [](std::optional<Error>) {};
  scope.spawn(a.run(), quiet);
  scope.spawn(b.run(), quiet);
  const double start = now_seconds();
  scope.spawn(send_all(a), quiet);
  std::size_t received = 0;
  co_await receive_all(b, received);
  seconds = now_seconds() - start;
  GOOP_ASSERT(received == total_bytes);
  co_await scope.close();
}

double ours() {
  OsRuntime runtime(1);
  TaskScope scope(runtime, "main");
  double seconds = 0;
  scope.spawn(run_both(runtime, seconds));
  runtime.run();
  return static_cast<double>(total_bytes) / 1e6 / seconds;
}

double openssl() {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  EVP_CIPHER_CTX* seal = EVP_CIPHER_CTX_new();
  EVP_CIPHER_CTX* open = EVP_CIPHER_CTX_new();
  std::array<std::uint8_t, 32> key{};
  std::array<std::uint8_t, 12> iv{};
  std::array<std::uint8_t, 16> tag;
  Bytes plain(block_bytes, 7), sealed(block_bytes), opened(block_bytes);
  EVP_EncryptInit_ex2(seal, cipher, key.data(), iv.data(), nullptr);
  EVP_DecryptInit_ex2(open, cipher, key.data(), iv.data(), nullptr);
  int size = 0;
  const double start = now_seconds();
  for (std::size_t done = 0; done < total_bytes; done += block_bytes) {
    EVP_EncryptInit_ex2(seal, nullptr, nullptr, iv.data(), nullptr);
    EVP_EncryptUpdate(seal, sealed.data(), &size, plain.data(), static_cast<int>(block_bytes));
    EVP_EncryptFinal_ex(seal, sealed.data() + size, &size);
    EVP_CIPHER_CTX_ctrl(seal, EVP_CTRL_AEAD_GET_TAG, 16, tag.data());
    EVP_DecryptInit_ex2(open, nullptr, nullptr, iv.data(), nullptr);
    EVP_DecryptUpdate(open, opened.data(), &size, sealed.data(), static_cast<int>(block_bytes));
    EVP_CIPHER_CTX_ctrl(open, EVP_CTRL_AEAD_SET_TAG, 16, tag.data());
    EVP_DecryptFinal_ex(open, opened.data() + size, &size);
    iv[4] = static_cast<std::uint8_t>(iv[4] + 1);
  }
  const double seconds = now_seconds() - start;
  EVP_CIPHER_CTX_free(seal);
  EVP_CIPHER_CTX_free(open);
  EVP_CIPHER_free(cipher);
  return static_cast<double>(total_bytes) / 1e6 / seconds;
}

}  // namespace
}  // namespace goop

int main() {
  std::printf("%-44s %10s %10s %8s\n", "one thread, both ends", "ours MB/s", "OpenSSL", "ratio");
  for (int round = 0; round < 3; ++round) {
    const double other = goop::openssl(), own = goop::ours();
    std::printf("%-44s %10.0f %10.0f %8.2f\n", "Noise + yamux over an in-memory pipe", own, other,
                own / other);
  }
}
