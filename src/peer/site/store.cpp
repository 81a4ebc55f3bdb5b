#include "peer/site/store.h"

#include <algorithm>
#include <array>

#include "codec/compress.h"
#include "net/http/mime.h"
#include "peer/site/file_body.h"
#include "peer/site/limits.h"

namespace goop::peer::site {
namespace {

constexpr std::string_view index_file = "index.html";

using FilePtr = std::shared_ptr<const store::File>;

std::string_view suffix(SiteEncoding encoding) {
  switch (encoding) {
    case SiteEncoding::identity:
      return "";
    case SiteEncoding::gzip:
      return "-gz";
    case SiteEncoding::br:
      return "-br";
  }
  return "";
}

// Whether `etag` names any form of the file whose plain form is `plain`.
bool names(std::string_view etag, std::string_view plain) {
  return etag.starts_with(plain) &&
         (etag.size() == plain.size() || etag.substr(plain.size()) == suffix(SiteEncoding::gzip) ||
          etag.substr(plain.size()) == suffix(SiteEncoding::br));
}

bool is_text(std::string_view mime) {
  const std::string_view type = mime.substr(0, mime.find(';'));
  constexpr auto others = std::to_array<std::string_view>(
      {"application/json", "application/javascript", "application/xml", "application/wasm"});
  return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
         std::ranges::find(others, type) != others.end();
}

bool worth_encoding(std::uint64_t size, std::string_view mime) {
  return size > limits::encode_min_bytes && size <= limits::encode_max_bytes && is_text(mime);
}

// All bits depend on all bits (splitmix64): an inode's number stays with us.
std::uint64_t spread(std::uint64_t mixed) {
  mixed += 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

// The whole of `file`; null when it was written to meanwhile.
std::shared_ptr<Bytes> read_whole(const store::File& file) {
  auto bytes = std::make_shared<Bytes>(file.info().size);
  if (file.read_at(0, *bytes) != bytes->size()) return nullptr;
  if (!file.current_info().unwritten_since(file.info())) return nullptr;
  return bytes;
}

SharedBytes encode_whole(const store::File& file, SiteEncoding encoding) {
  const auto plain = read_whole(file);
  if (!plain) return nullptr;
  Bytes packed =
      codec::pack(encoding == SiteEncoding::br ? codec::Coding::br : codec::Coding::gzip, *plain);
  if (packed.size() >= plain->size()) packed.clear();
  return std::make_shared<const Bytes>(std::move(packed));
}

void set_body(SiteReply& reply, SharedBytes bytes, wire::SiteSpan part) {
  const BytesView view = BytesView(*bytes).subspan(part.first, part.size);
  reply.body = std::make_unique<SharedBody>(std::move(bytes), view);
}

// Holds the place of the one who packs; who comes second is not the first.
class Packing {
 public:
  Packing(PackingSet& set, PackingSet::key_type key) : set_(set) {
    const auto [place, inserted] = set.insert(std::move(key));
    place_ = place;
    first_ = inserted;
  }
  Packing(const Packing&) = delete;
  Packing& operator=(const Packing&) = delete;
  ~Packing() {
    if (first_) set_.erase(place_);
  }
  bool first() const { return first_; }

 private:
  PackingSet& set_;
  PackingSet::iterator place_;
  bool first_ = false;
};

}  // namespace

std::string etag_of(const store::FileInfo& info) {
  std::uint64_t mixed = 0;
  for (const std::uint64_t part :
       {static_cast<std::uint64_t>(info.mtime_ns), static_cast<std::uint64_t>(info.ctime_ns),
        info.device, info.inode}) {
    mixed = spread(mixed ^ part);
  }
  return fmt::format("{:x}-{:016x}", info.size, mixed);
}

Task<Result<SiteReply>> SiteStore::get(SiteRequest request, Deadline) {
  const auto place = co_await root_.open();
  if (!place) co_return std::unexpected(place.error());
  if (!place->rules->readable(request.path)) co_return fail(Errc::forbidden, "a private name");
  std::string path = request.path.text();
  if (request.path.directory()) path += index_file;
  for (int i = 0; i < limits::changing_file_tries; ++i) {
    Result<FilePtr> file = co_await open(*place, path);
    if (file) {
      Result<SiteReply> reply = co_await reply_unless_stale(std::move(*file), path, request);
      if (reply || reply.error().code != Errc::conflict) co_return reply;
      continue;  // written to while we looked
    }
    if (file.error().code == Errc::conflict && !request.path.directory()) {
      SiteReply directory;
      directory.head.status = SiteStatus::directory;
      co_return directory;
    }
    const bool forbidden = file.error().code == Errc::forbidden;
    co_return fail(forbidden ? Errc::forbidden : Errc::not_found, "{}", file.error().detail);
  }
  raise(Errc::conflict, "the file changes all the time");
}

Task<Result<FilePtr>> SiteStore::open(const SiteRoot::Place& place, std::string path) {
  std::optional<Result<store::File>> opened = place.folder.try_open_file_cached(path);
  if (!opened) {
    auto job = [&folder = place.folder, path] { return folder.open_file(path); };
    opened = co_await runtime_.offload(std::move(job));
  }
  if (!*opened) co_return std::unexpected(std::move(*opened).error());
  co_return std::make_shared<const store::File>(std::move(**opened));
}

// On a network disk a file that is open may be gone (ESTALE): then it is opened once more.
Task<Result<SiteReply>> SiteStore::reply_unless_stale(FilePtr file, std::string path,
                                                      SiteRequest request) {
  try {
    co_return co_await reply_with(std::move(file), std::move(path), std::move(request));
  } catch (const Failure& failure) {
    if (failure.code() != Errc::conflict) throw;
    co_return std::unexpected(failure.error());
  }
}

Task<Result<SiteReply>> SiteStore::reply_with(FilePtr file, std::string path, SiteRequest request) {
  const store::FileInfo& info = file->info();
  const std::string etag = etag_of(info);
  SiteReply reply;
  SiteHead& head = reply.head;
  const std::int64_t now = to_ms(runtime_.wall()) / 1000;
  if (info.mtime_ns >= 0) head.modified = std::min(info.mtime_ns / 1'000'000'000, now);
  if (names(request.if_none_match, etag)) {
    head.status = SiteStatus::not_modified;
    head.etag = request.if_none_match;
    co_return reply;
  }
  head.mime = co_await type_of(file, path);
  head.etag = etag;
  head.total_size = info.size;
  wire::SiteSpan part{0, info.size};
  if (request.range && (request.if_range.empty() || request.if_range == etag)) {
    head.range = wire::resolve(*request.range, info.size);
    head.status = head.range ? SiteStatus::partial : SiteStatus::unsatisfiable;
    if (!head.range) co_return reply;
    part = *head.range;
  } else if (worth_encoding(info.size, head.mime) && (request.accept.br || request.accept.gzip)) {
    const auto wanted = request.accept.br ? SiteEncoding::br : SiteEncoding::gzip;
    if (SharedBytes packed = co_await encoded_file(file, path, head.mime, wanted)) {
      head.encoding = wanted;
      head.etag += suffix(wanted);
      head.body_size = packed->size();
      if (request.want == wire::SiteWant::content) {
        set_body(reply, std::move(packed), {0, head.body_size});
      }
      co_return reply;
    }
  }
  head.body_size = part.size;
  if (request.want == wire::SiteWant::head || part.size == 0) co_return reply;
  if (info.size <= limits::cached_file_bytes) {
    SharedBytes whole = co_await small_file(file, path, head.mime);
    if (!whole) co_return fail(Errc::conflict, "the file changed while it was read");
    set_body(reply, std::move(whole), part);
  } else {
    reply.body = std::make_unique<FileBody>(runtime_, std::move(file), part);
  }
  co_return reply;
}

Task<std::string> SiteStore::type_of(FilePtr file, std::string path) {
  if (const auto known = net::http::mime_by_name(path)) co_return std::string(*known);
  if (const auto* entry = cache_.find(path, file->info())) co_return entry->mime;
  std::array<std::uint8_t, limits::sniffed_bytes> start;
  std::optional<std::size_t> got = file->try_read_cached(0, start);
  if (!got) {
    auto job = [file] {
      Bytes bytes(limits::sniffed_bytes);
      bytes.resize(file->read_at(0, bytes));
      return bytes;
    };
    const Bytes bytes = co_await runtime_.offload(std::move(job));
    co_return std::string(net::http::mime_by_content(bytes));
  }
  co_return std::string(net::http::mime_by_content(BytesView(start).first(*got)));
}

Task<SharedBytes> SiteStore::small_file(FilePtr file, std::string path, std::string mime) {
  const auto* entry = cache_.find(path, file->info());
  if (entry && entry->plain) co_return entry->plain;
  auto bytes = std::make_shared<Bytes>(file->info().size);
  const std::optional<std::size_t> got = file->try_read_cached(0, *bytes);
  if (got != bytes->size()) {
    auto job = [file] { return read_whole(*file); };
    bytes = co_await runtime_.offload(std::move(job));
  } else if (!file->current_info().unwritten_since(file->info())) {
    bytes = nullptr;
  }
  if (!bytes) co_return nullptr;
  FileCache::Entry fresh = entry_of(*file, std::move(path), std::move(mime));
  fresh.plain = bytes;
  keep(*file, std::move(fresh));
  co_return bytes;
}

Task<SharedBytes> SiteStore::encoded_file(FilePtr file, std::string path, std::string mime,
                                          SiteEncoding encoding) {
  const auto index = static_cast<std::size_t>(encoding);
  SharedBytes packed;
  if (const auto* entry = cache_.find(path, file->info())) packed = entry->encoded[index];
  if (!packed) {
    // While one request waits for the pool, others get the file as it is.
    const Packing packing(packing_, std::pair(path, encoding));
    if (!packing.first()) co_return nullptr;
    auto job = [file, encoding] { return encode_whole(*file, encoding); };
    packed = co_await runtime_.offload(std::move(job));
    if (!packed) co_return nullptr;
    FileCache::Entry fresh = entry_of(*file, std::move(path), std::move(mime));
    fresh.encoded[index] = packed;
    keep(*file, std::move(fresh));
  }
  co_return packed->empty() ? nullptr : packed;
}

// Disks count time in grains (of some milliseconds, FAT of two seconds): what was written just now
// may be written again without any sign of it.
void SiteStore::keep(const store::File& file, FileCache::Entry fresh) {
  const auto grain = std::chrono::nanoseconds(limits::settled).count();
  const auto age = to_ms(runtime_.wall()) * 1'000'000 - file.info().ctime_ns;
  if (age < 0 || age >= grain) cache_.put(std::move(fresh));
}

FileCache::Entry SiteStore::entry_of(const store::File& file, std::string path, std::string mime) {
  if (const auto* old = cache_.find(path, file.info())) return *old;
  FileCache::Entry entry;
  entry.path = std::move(path);
  entry.info = file.info();
  entry.mime = std::move(mime);
  return entry;
}

}  // namespace goop::peer::site
