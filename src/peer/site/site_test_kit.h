// What the tests of server and client share: an owner whose files are in memory, two peers, and
// the bytes that go between them.
#pragma once

#include <map>

#include "net/http/mime.h"
#include "p2p/multi/varint.h"
#include "peer/site/server.h"
#include "testing/sim/sim_runtime.h"
#include "testing/site/narrow_pipe.h"
#include "wire/site_v2.h"

namespace goop::peer::site {

inline p2p::PeerId test_peer(std::uint8_t number) {
  Bytes id(34, number);
  id[0] = 0x12;  // sha2-256
  id[1] = 32;
  return p2p::PeerId::from_bytes(id).value();
}

inline SiteRequest request_for(std::string_view path) {
  SiteRequest request;
  request.path = SitePath::parse(path).value();
  return request;
}

inline Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8));
  return bytes;
}

// A head as it travels in 2.0.0.
inline Bytes framed(std::string_view head) {
  Bytes bytes;
  p2p::append_prefixed(bytes, as_bytes(head));
  return bytes;
}

// Gives `content` in chunks; fails after `breaks_at` bytes as a file that changes does.
class ChunkedBody final : public SiteBody {
 public:
  ChunkedBody(Bytes content, std::size_t breaks_at)
      : content_(std::move(content)), breaks_at_(breaks_at) {}
  BytesView ready() const override { return {}; }
  Task<BytesView> next(Deadline) override {
    if (given_ >= breaks_at_) raise(Errc::conflict, "the file has changed");
    const std::size_t count = std::min<std::size_t>(content_.size() - given_, 100'000);
    const BytesView part = BytesView(content_).subspan(given_, count);
    given_ += count;
    co_return part;
  }

 private:
  Bytes content_;
  std::size_t breaks_at_, given_ = 0;
};

// The whole body at once.
class WholeBody final : public SiteBody {
 public:
  explicit WholeBody(Bytes content) : content_(std::move(content)) {}
  BytesView ready() const override { return given_ ? BytesView() : BytesView(content_); }
  Task<BytesView> next(Deadline) override {
    const BytesView rest = ready();
    given_ = true;
    co_return rest;
  }

 private:
  Bytes content_;
  bool given_ = false;
};

class MemorySite final : public SiteSource {
 public:
  std::map<std::string, Bytes> files;
  std::map<std::string, Bytes> packed;  // with brotli
  std::map<std::string, Error> errors;
  std::size_t breaks_at = ~std::size_t{0};
  std::vector<SiteRequest> asked;

  Task<Result<SiteReply>> get(SiteRequest request, Deadline) override {
    asked.push_back(request);
    if (errors.contains(request.path.text()))
      co_return std::unexpected(errors[request.path.text()]);
    SiteReply reply;
    if (files.contains(request.path.text() + "/")) {
      reply.head.status = SiteStatus::directory;
      co_return reply;
    }
    const auto found = files.find(request.path.text());
    if (found == files.end()) co_return fail(Errc::not_found, "no {}", request.path.text());
    Bytes content = found->second;
    reply.head.mime =
        net::http::mime_by_name(request.path.text()).value_or("text/plain; charset=utf-8");
    reply.head.etag = "v1";
    reply.head.total_size = content.size();
    if (!request.if_none_match.empty() && request.if_none_match == reply.head.etag) {
      reply.head = {};
      reply.head.status = SiteStatus::not_modified;
      reply.head.etag = "v1";
      co_return reply;
    }
    if (request.range) {
      const auto span = wire::resolve(*request.range, content.size());
      if (!span) {
        reply.head = {};
        reply.head.status = SiteStatus::unsatisfiable;
        reply.head.total_size = content.size();
        co_return reply;
      }
      reply.head.status = SiteStatus::partial;
      reply.head.range = span;
      content = to_bytes(BytesView(content).subspan(span->first, span->size));
    }
    if (request.accept.br && packed.contains(request.path.text())) {
      content = packed[request.path.text()];
      reply.head.encoding = SiteEncoding::br;
      reply.head.etag += "-br";
    }
    reply.head.body_size = content.size();
    if (request.want == wire::SiteWant::head) co_return reply;
    if (content.size() <= 1000) {
      reply.body = std::make_unique<WholeBody>(std::move(content));
    } else {
      reply.body = std::make_unique<ChunkedBody>(std::move(content), breaks_at);
    }
    co_return reply;
  }
};

inline Task<Bytes> drain(std::unique_ptr<SiteBody> body) {
  Bytes all;
  if (!body) co_return all;
  for (;;) {
    const BytesView part = co_await body->next(Deadline::never());
    if (part.empty()) co_return all;
    append(all, part);
  }
}

}  // namespace goop::peer::site
