#include "wire/site_v2.h"

#include <charconv>
#include <iterator>

#include "base/bytes.h"
#include "wire/site_limits.h"

namespace goop::wire::site_v2 {
namespace {

// Sizes stay below 2^63, so that nobody's signed numbers overflow.
constexpr std::uint64_t number_max = (std::uint64_t{1} << 63) - 1;

Result<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
      value > number_max) {
    return fail(Errc::invalid, "not a number: {}", printable(text, 40));
  }
  return value;
}

// --- the lines of a head ---

struct Field {
  std::string_view name, value;
};

// Walks the lines of a head: the first as it is, then "name: value".
class Lines {
 public:
  explicit Lines(std::string_view head) : rest_(head) {}

  bool done() const { return rest_.empty(); }

  Result<std::string_view> line() {
    const std::size_t end = rest_.find('\n');
    if (end == rest_.npos) return fail(Errc::invalid, "a head without an end of line");
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }

  Result<Field> field() {
    if (++fields_ > limits::site_head_fields) return fail(Errc::invalid, "too many fields");
    GOOP_TRY(const std::string_view text, line());
    const std::size_t colon = text.find(": ");
    if (colon == text.npos || colon == 0) {
      return fail(Errc::invalid, "not a field: {}", printable(text, 40));
    }
    return Field{text.substr(0, colon), text.substr(colon + 2)};
  }

 private:
  std::string_view rest_;
  std::size_t fields_ = 0;
};

// Each known field at most once.
class Seen {
 public:
  Result<void> once(std::size_t index) {
    if (mask_ & (1u << index)) return fail(Errc::invalid, "a field given twice");
    mask_ |= 1u << index;
    return {};
  }
  bool has(std::size_t index) const { return mask_ & (1u << index); }

 private:
  unsigned mask_ = 0;
};

template <std::size_t N>
std::size_t index_of(const std::string_view (&names)[N], std::string_view name) {
  return static_cast<std::size_t>(std::find(names, names + N, name) - names);
}

// --- values ---

Result<SiteRange> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return fail(Errc::invalid, "not a range: {}", printable(text, 40));
  SiteRange range;
  const std::string_view first = text.substr(0, dash), last = text.substr(dash + 1);
  if (first.empty()) {
    GOOP_TRY(range.suffix, parse_number(last));
    return range;
  }
  GOOP_TRY(range.first, parse_number(first));
  if (!last.empty()) {
    GOOP_TRY(range.last, parse_number(last));
    if (*range.last < *range.first)
      return fail(Errc::invalid, "a range that ends before it begins");
  }
  return range;
}

std::string format_range(const SiteRange& range) {
  if (range.suffix) return fmt::format("-{}", *range.suffix);
  if (range.last) return fmt::format("{}-{}", range.first.value_or(0), *range.last);
  return fmt::format("{}-", range.first.value_or(0));
}

Result<std::string> parse_etag(std::string_view text) {
  if (!is_etag(text)) return fail(Errc::invalid, "not an etag: {}", printable(text, 40));
  return std::string(text);
}

// Encodings that nobody here knows are passed over.
SiteEncodings parse_accept(std::string_view text) {
  SiteEncodings accept;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (word == name(SiteEncoding::gzip)) accept.gzip = true;
    if (word == name(SiteEncoding::br)) accept.br = true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return accept;
}

Result<SiteEncoding> parse_encoding(std::string_view text) {
  for (const auto encoding : {SiteEncoding::identity, SiteEncoding::gzip, SiteEncoding::br}) {
    if (text == name(encoding)) return encoding;
  }
  return fail(Errc::invalid, "an unknown encoding: {}", printable(text, 40));
}

// --- the first lines ---

struct Word {
  std::string_view text;
  std::expected<SiteStatus, SiteRefusal> meaning;
};
const Word words[] = {
    {"ok", SiteStatus::ok},
    {"partial", SiteStatus::partial},
    {"not_modified", SiteStatus::not_modified},
    {"directory", SiteStatus::directory},
    {"range_not_satisfiable", SiteStatus::unsatisfiable},
    {"bad_request", std::unexpected(SiteRefusal::bad_request)},
    {"not_found", std::unexpected(SiteRefusal::not_found)},
    {"forbidden", std::unexpected(SiteRefusal::forbidden)},
    {"busy", std::unexpected(SiteRefusal::busy)},
    {"disabled", std::unexpected(SiteRefusal::disabled)},
};

constexpr std::string_view request_fields[] = {"accept", "range", "if-none-match", "if-range"};

constexpr std::string_view answer_fields[] = {"type",     "etag",     "size", "length",
                                              "encoding", "modified", "range"};
enum AnswerField : std::size_t { type, etag, size, length, encoding, modified, range };

bool has_sizes(SiteStatus status) {
  return status == SiteStatus::ok || status == SiteStatus::partial;
}

Result<void> check_sizes(const SiteHead& head, const Seen& seen) {
  const bool plain = head.encoding == SiteEncoding::identity;
  switch (head.status) {
    case SiteStatus::ok:
      if (!seen.has(size) || !seen.has(length)) return fail(Errc::invalid, "ok without sizes");
      if (head.range) return fail(Errc::invalid, "ok with a range");
      if (plain && head.body_size != head.total_size) {
        return fail(Errc::invalid, "a body of {} bytes for {}", head.body_size, head.total_size);
      }
      return {};
    case SiteStatus::partial:
      if (!seen.has(size) || !seen.has(length) || !head.range) {
        return fail(Errc::invalid, "partial without range and sizes");
      }
      if (!plain) return fail(Errc::invalid, "partial and encoded");
      if (head.range->size != head.body_size || head.body_size > head.total_size ||
          head.range->first > head.total_size - head.body_size) {
        return fail(Errc::invalid, "a range outside of the file");
      }
      return {};
    case SiteStatus::unsatisfiable:
      if (!seen.has(size)) return fail(Errc::invalid, "range_not_satisfiable without a size");
      [[fallthrough]];
    case SiteStatus::not_modified:
    case SiteStatus::directory:
      if (head.body_size != 0 || head.range || !plain) {
        return fail(Errc::invalid, "an answer without body that describes one");
      }
      return {};
  }
  return fail(Errc::invalid, "no status");
}

}  // namespace

std::string encode_request(const SiteRequest& request) {
  std::string head =
      fmt::format("{} /{}\n", request.want == SiteWant::head ? "HEAD" : "GET", request.path.text());
  if (request.accept.br || request.accept.gzip) {
    head += request.accept.br && request.accept.gzip ? "accept: br gzip\n"
            : request.accept.br                      ? "accept: br\n"
                                                     : "accept: gzip\n";
  }
  const auto to = std::back_inserter(head);
  if (request.range) fmt::format_to(to, "range: {}\n", format_range(*request.range));
  if (!request.if_none_match.empty()) {
    fmt::format_to(to, "if-none-match: {}\n", request.if_none_match);
  }
  if (!request.if_range.empty()) fmt::format_to(to, "if-range: {}\n", request.if_range);
  return head;
}

Result<SiteRequest> decode_request(std::string_view head) {
  if (head.size() > limits::site_head_bytes) return fail(Errc::invalid, "a head too long");
  Lines lines(head);
  SiteRequest request;
  GOOP_TRY(std::string_view first, lines.line());
  if (first.starts_with("GET /")) {
    first.remove_prefix(4);
  } else if (first.starts_with("HEAD /")) {
    request.want = SiteWant::head;
    first.remove_prefix(5);
  } else {
    return fail(Errc::invalid, "no request: {}", printable(first, 40));
  }
  GOOP_TRY(request.path, SitePath::parse(first));

  Seen seen;
  while (!lines.done()) {
    GOOP_TRY(const Field field, lines.field());
    const std::size_t known = index_of(request_fields, field.name);
    if (known == std::size(request_fields)) continue;
    GOOP_CHECK(seen.once(known));
    switch (known) {
      case 0:
        request.accept = parse_accept(field.value);
        break;
      case 1: {
        GOOP_TRY(request.range, parse_range(field.value));
        break;
      }
      case 2: {
        GOOP_TRY(request.if_none_match, parse_etag(field.value));
        break;
      }
      case 3: {
        GOOP_TRY(request.if_range, parse_etag(field.value));
        break;
      }
    }
  }
  return request;
}

std::string encode_answer(const SiteAnswer& answer) {
  std::string head;
  const auto to = std::back_inserter(head);
  for (const Word& word : words) {
    const bool same = answer ? word.meaning == answer->status
                             : !word.meaning && word.meaning.error() == answer.error();
    if (same) {
      head = word.text;
      head += '\n';
      break;
    }
  }
  if (!answer) return head;
  if (!answer->mime.empty()) fmt::format_to(to, "type: {}\n", answer->mime);
  if (!answer->etag.empty()) fmt::format_to(to, "etag: {}\n", answer->etag);
  if (has_sizes(answer->status) || answer->status == SiteStatus::unsatisfiable) {
    fmt::format_to(to, "size: {}\n", answer->total_size);
  }
  if (has_sizes(answer->status)) fmt::format_to(to, "length: {}\n", answer->body_size);
  if (answer->encoding != SiteEncoding::identity) {
    fmt::format_to(to, "encoding: {}\n", name(answer->encoding));
  }
  if (answer->modified) fmt::format_to(to, "modified: {}\n", *answer->modified);
  if (answer->range) {
    fmt::format_to(to, "range: {}-{}\n", answer->range->first,
                   answer->range->first + answer->range->size - 1);
  }
  return head;
}

Result<SiteAnswer> decode_answer(std::string_view text) {
  if (text.size() > limits::site_head_bytes) return fail(Errc::invalid, "a head too long");
  Lines lines(text);
  GOOP_TRY(const std::string_view first, lines.line());
  const Word* word = std::ranges::find(words, first, &Word::text);
  if (word == std::end(words)) {
    return fail(Errc::invalid, "an unknown status: {}", printable(first, 40));
  }

  SiteHead head;
  Seen seen;
  while (!lines.done()) {
    GOOP_TRY(const Field field, lines.field());
    const std::size_t known = index_of(answer_fields, field.name);
    if (known == std::size(answer_fields)) continue;
    GOOP_CHECK(seen.once(known));
    switch (static_cast<AnswerField>(known)) {
      case type:
        if (!is_mime(field.value)) return fail(Errc::invalid, "not a type");
        head.mime = field.value;
        break;
      case etag: {
        GOOP_TRY(head.etag, parse_etag(field.value));
        break;
      }
      case size: {
        GOOP_TRY(head.total_size, parse_number(field.value));
        break;
      }
      case length: {
        GOOP_TRY(head.body_size, parse_number(field.value));
        break;
      }
      case encoding: {
        GOOP_TRY(head.encoding, parse_encoding(field.value));
        break;
      }
      case modified: {
        GOOP_TRY(const std::uint64_t seconds, parse_number(field.value));
        head.modified = static_cast<std::int64_t>(seconds);
        break;
      }
      case range: {
        GOOP_TRY(const SiteRange span, parse_range(field.value));
        if (!span.first || !span.last || *span.last == number_max) {
          return fail(Errc::invalid, "a range without ends");
        }
        head.range = SiteSpan{*span.first, *span.last - *span.first + 1};
        break;
      }
    }
  }
  if (!word->meaning) return SiteAnswer(std::unexpected(word->meaning.error()));
  head.status = *word->meaning;
  GOOP_CHECK(check_sizes(head, seen));
  return SiteAnswer(std::move(head));
}

}  // namespace goop::wire::site_v2
