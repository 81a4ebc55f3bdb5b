// deps: crypto
// libs: OpenSSL::Crypto
//
// Frames sealed and opened by ours, against a bare loop over OpenSSL's EVP calls in the same run.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include "crypto/aead.h"

namespace goop::crypto {
namespace {

constexpr std::size_t tag_bytes = ChaChaPoly::tag_bytes;

void set_bytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

void ours_seal(benchmark::State& state) {
  ChaChaPoly aead{Secret<32>()};
  Bytes plain(static_cast<std::size_t>(state.range(0))), sealed(plain.size() + tag_bytes);
  std::uint64_t nonce = 0;
  for (auto _ : state) benchmark::DoNotOptimize(aead.seal(nonce++, {}, plain, sealed));
  set_bytes(state);
}

// As the secure channel does it: a 12-byte frame header and a body from elsewhere, one ciphertext.
void ours_seal_two_parts(benchmark::State& state) {
  ChaChaPoly aead{Secret<32>()};
  const Bytes header(12), body(static_cast<std::size_t>(state.range(0)) - header.size());
  Bytes sealed(static_cast<std::size_t>(state.range(0)) + tag_bytes);
  const BytesView parts[] = {header, body};
  std::uint64_t nonce = 0;
  for (auto _ : state) benchmark::DoNotOptimize(aead.seal(nonce++, {}, parts, sealed));
  set_bytes(state);
}

void ours_open(benchmark::State& state) {
  ChaChaPoly aead{Secret<32>()};
  Bytes plain(static_cast<std::size_t>(state.range(0))), sealed(plain.size() + tag_bytes);
  aead.seal(0, {}, plain, sealed);
  for (auto _ : state) {
    if (!aead.open(0, {}, sealed, plain)) state.SkipWithError("not opened");
  }
  set_bytes(state);
}

struct BareCipher {
  explicit BareCipher(int encrypt) {
    EVP_CipherInit_ex(context, EVP_chacha20_poly1305(), nullptr, key, nullptr, encrypt);
  }
  ~BareCipher() { EVP_CIPHER_CTX_free(context); }

  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  std::uint8_t key[32] = {}, iv[12] = {};
};

void bare_seal(benchmark::State& state) {
  BareCipher bare(1);
  Bytes plain(static_cast<std::size_t>(state.range(0))), sealed(plain.size() + tag_bytes);
  for (auto _ : state) {
    int size = 0;
    EVP_EncryptInit_ex(bare.context, nullptr, nullptr, nullptr, bare.iv);
    EVP_EncryptUpdate(bare.context, sealed.data(), &size, plain.data(),
                      static_cast<int>(plain.size()));
    EVP_EncryptFinal_ex(bare.context, sealed.data() + size, &size);
    EVP_CIPHER_CTX_ctrl(bare.context, EVP_CTRL_AEAD_GET_TAG, tag_bytes,
                        sealed.data() + plain.size());
    ++bare.iv[4];
  }
  set_bytes(state);
}

void bare_open(benchmark::State& state) {
  ChaChaPoly aead{Secret<32>()};
  Bytes plain(static_cast<std::size_t>(state.range(0))), sealed(plain.size() + tag_bytes);
  aead.seal(0, {}, plain, sealed);
  BareCipher bare(0);
  for (auto _ : state) {
    int size = 0;
    EVP_DecryptInit_ex(bare.context, nullptr, nullptr, nullptr, bare.iv);
    EVP_CIPHER_CTX_ctrl(bare.context, EVP_CTRL_AEAD_SET_TAG, tag_bytes,
                        sealed.data() + plain.size());
    EVP_DecryptUpdate(bare.context, plain.data(), &size, sealed.data(),
                      static_cast<int>(plain.size()));
    if (EVP_DecryptFinal_ex(bare.context, plain.data(), &size) != 1) {
      state.SkipWithError("not opened");
    }
  }
  set_bytes(state);
}

void sizes(benchmark::internal::Benchmark* bench) { bench->Arg(256)->Arg(16 << 10)->Arg(65519); }
BENCHMARK(ours_seal)->Apply(sizes);
BENCHMARK(ours_seal_two_parts)->Apply(sizes);
BENCHMARK(bare_seal)->Apply(sizes);
BENCHMARK(ours_open)->Apply(sizes);
BENCHMARK(bare_open)->Apply(sizes);

}  // namespace
}  // namespace goop::crypto

BENCHMARK_MAIN();
