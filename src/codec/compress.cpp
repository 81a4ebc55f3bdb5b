#include "codec/compress.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "codec/limits.h"

namespace goop::codec {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib: the largest window, in gzip's wrapping
constexpr std::size_t step_bytes = 64 * 1024;

Bytes pack_br(BytesView bytes) {
  Bytes packed(BrotliEncoderMaxCompressedSize(bytes.size()) + 1);
  std::size_t size = packed.size();
  const auto done =
      BrotliEncoderCompress(limits::brotli_quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT,
                            bytes.size(), bytes.data(), &size, packed.data());
  GOOP_ASSERT(done);  // the buffer has the size that suffices
  packed.resize(size);
  packed.shrink_to_fit();
  return packed;
}

Bytes pack_gzip(BytesView bytes) {
  z_stream stream{};
  const int ready =
      deflateInit2(&stream, limits::gzip_level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY);
  if (ready != Z_OK) raise(Errc::busy, "no memory to compress with");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closing(&stream, ::deflateEnd);
  Bytes packed(deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = ::deflate(&stream, Z_FINISH);
  GOOP_ASSERT(done == Z_STREAM_END);  // the buffer has the size that suffices
  packed.resize(packed.size() - stream.avail_out);
  packed.shrink_to_fit();
  return packed;
}

// How much may come out of `packed` bytes.
std::size_t allowance(BytesView packed, std::size_t max_bytes) {
  return std::min(max_bytes, packed.size() * limits::unpacked_ratio + limits::unpacked_slack);
}

// Room for the next bytes of `unpacked`, one more than is allowed so that excess is noticed.
MutBytes make_room(Bytes& unpacked, std::size_t filled, std::size_t allowed) {
  unpacked.resize(std::min(filled + step_bytes, allowed + 1));
  return MutBytes(unpacked).subspan(filled);
}

Result<Bytes> unpack_br(BytesView packed, std::size_t allowed) {
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
  if (!state) raise(Errc::busy, "no memory to unpack with");
  Bytes unpacked;
  std::size_t filled = 0, in_size = packed.size();
  const std::uint8_t* in = packed.data();
  for (;;) {
    const MutBytes room = make_room(unpacked, filled, allowed);
    std::uint8_t* out = room.data();
    std::size_t out_size = room.size();
    const auto step =
        BrotliDecoderDecompressStream(state.get(), &in_size, &in, &out_size, &out, nullptr);
    filled += room.size() - out_size;
    if (filled > allowed) return fail(Errc::too_large, "more than {} bytes unpacked", allowed);
    if (step == BROTLI_DECODER_RESULT_SUCCESS) break;
    if (step != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
      return fail(Errc::invalid, "not brotli, or not all of it");
    }
  }
  if (in_size != 0) return fail(Errc::invalid, "{} bytes behind the end", in_size);
  unpacked.resize(filled);
  return unpacked;
}

Result<Bytes> unpack_gzip(BytesView packed, std::size_t allowed) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window) != Z_OK) raise(Errc::busy, "no memory to unpack with");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closing(&stream, ::inflateEnd);
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  Bytes unpacked;
  std::size_t filled = 0;
  for (;;) {
    const MutBytes room = make_room(unpacked, filled, allowed);
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(room.size());
    const int step = ::inflate(&stream, Z_NO_FLUSH);
    filled += room.size() - stream.avail_out;
    if (filled > allowed) return fail(Errc::too_large, "more than {} bytes unpacked", allowed);
    if (step == Z_STREAM_END) break;
    if (step != Z_OK || (stream.avail_out > 0 && stream.avail_in == 0)) {
      return fail(Errc::invalid, "not gzip, or not all of it");
    }
  }
  if (stream.avail_in != 0) return fail(Errc::invalid, "{} bytes behind the end", stream.avail_in);
  unpacked.resize(filled);
  return unpacked;
}

}  // namespace

Bytes pack(Coding coding, BytesView bytes) {
  return coding == Coding::br ? pack_br(bytes) : pack_gzip(bytes);
}

Result<Bytes> unpack(Coding coding, BytesView packed, std::size_t max_bytes) {
  const std::size_t allowed = allowance(packed, max_bytes);
  return coding == Coding::br ? unpack_br(packed, allowed) : unpack_gzip(packed, allowed);
}

}  // namespace goop::codec
