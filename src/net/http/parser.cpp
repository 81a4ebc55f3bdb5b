#include "net/http/parser.h"

#include <boost/beast/http/basic_parser.hpp>

#include "net/http/head_reader.h"
#include "net/http/limits.h"

namespace goop::net::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::string_view;
using ErrorCode = boost::system::error_code;

constexpr std::string_view bad_version = "HTTP version";

// RFC 9112 section 3.2, RFC 3986 section 3.2: the characters that a name, an address and a port
// have.
bool is_host(std::string_view text) {
  constexpr std::string_view harmful = " \t/\\?#@,<>\"";
  return text.find_first_of(harmful) == text.npos;
}

// What both directions share: fields into a Fields with caps, body pieces kept as views.
template <bool is_request>
class Grammar : public beast::basic_parser<is_request> {
 public:
  Grammar(Fields& fields, std::size_t max_bytes) : fields_(fields), max_bytes_(max_bytes) {
    this->header_limit(static_cast<std::uint32_t>(max_bytes));
    this->body_limit(boost::none);
    this->eager(false);
  }

  Result<Fed> feed(BytesView bytes) {
    Fed fed;
    body_ = {};
    // Without `eager` one call ends at each border (head, chunk head, piece of body).
    while (fed.taken < bytes.size() && body_.empty() && !this->is_done()) {
      const auto rest = bytes.subspan(fed.taken);
      // Beast asserts that it is not asked again about a last chunk of which it has less.
      if (in_chunk_head_ && rest.size() < smallest_last_chunk) break;
      ErrorCode error;
      const bool had_head = this->is_header_done();
      fed.taken += this->put(asio::const_buffer(rest.data(), rest.size()), error);
      in_chunk_head_ = error == beast::error::need_more && had_head;
      if (error == beast::error::need_more) break;
      if (error) return std::unexpected(refusal(error));
      if (!had_head && this->is_header_done()) break;
    }
    fed.body = body_;
    return fed;
  }

 protected:
  void refuse(Errc code, std::string_view why, ErrorCode& error) {
    if (!refused_) refused_ = Error{code, std::string(why)};
    error = beast::error::bad_field;
  }

  void on_field_impl(beast::field known, string_view name, string_view value,
                     ErrorCode& error) override {
    if (this->is_header_done()) return;  // a trailer: nobody here wants one
    if (fields_.size() >= limits::head_fields ||
        fields_.bytes() + name.size() + value.size() > max_bytes_) {
      return refuse(Errc::too_large, "too many header fields", error);
    }
    if (known == beast::field::transfer_encoding && !iequals(value, "chunked")) {
      return refuse(Errc::unsupported, "transfer coding", error);
    }
    fields_.add(name, value);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(string_view body, ErrorCode&) override {
    body_ = as_bytes(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, ErrorCode&) override {
    body_ = as_bytes(body);
    return body.size();
  }
  void on_finish_impl(ErrorCode&) override {}

 private:
  Error refusal(const ErrorCode& error) const {
    if (refused_) return *refused_;
    if (error == beast::error::header_limit) return {Errc::too_large, "header over its limit"};
    if (error == beast::error::bad_version) return {Errc::unsupported, std::string(bad_version)};
    return {Errc::invalid, error.message()};
  }

  static constexpr std::size_t smallest_last_chunk = 5;  // "0\r\n\r\n"

  Fields& fields_;
  std::size_t max_bytes_;
  bool in_chunk_head_ = false;  // more of it is needed
  BytesView body_;
  std::optional<Error> refused_;
};

class RequestGrammar final : public Grammar<true> {
 public:
  explicit RequestGrammar(Request& into)
      : Grammar(into.fields, limits::head_bytes), request_(into) {}

 private:
  void on_request_impl(beast::verb, string_view method, string_view target, int version,
                       ErrorCode& error) override {
    request_.method_text.assign(method);
    request_.method = http::parse_method(method);
    request_.target_text.assign(target);
    join_slashes(request_.target_text);
    request_.version = version == 10 ? Version::http10 : Version::http11;
    if (auto parsed = http::parse_target(request_.target_text, request_.target); !parsed) {
      refuse(Errc::invalid, parsed.error().detail, error);
    }
  }
  void on_response_impl(int, string_view, int, ErrorCode&) override {}

  void on_header_impl(ErrorCode& error) override {
    const bool old = request_.version == Version::http10;
    // RFC 9112 section 3.2: exactly one Host; before it there was none.
    const auto hosts = request_.fields.count("Host");
    if (hosts > 1 || (hosts == 0 && !old)) refuse(Errc::invalid, "not one Host field", error);
    if (!is_host(request_.host())) refuse(Errc::invalid, "not a host", error);
    // Section 6.1: what an old client means by it is not known.
    if (old && request_.fields.find("Transfer-Encoding")) {
      refuse(Errc::invalid, "a transfer coding in HTTP/1.0", error);
    }
    request_.keep_alive = keep_alive() && !old;
    request_.content_length.reset();
    if (const auto length = content_length()) request_.content_length = *length;
    request_.has_body = chunked() || request_.content_length.value_or(0) > 0;
  }

  Request& request_;
};

class ResponseGrammar final : public Grammar<false> {
 public:
  explicit ResponseGrammar(ResponseHead& into)
      : Grammar(into.fields, limits::response_head_bytes), head_(into) {}

 private:
  void on_request_impl(beast::verb, string_view, string_view, int, ErrorCode&) override {}
  void on_response_impl(int status, string_view, int, ErrorCode&) override {
    head_.status = status;
  }
  void on_header_impl(ErrorCode&) override {
    head_.keep_alive = keep_alive();
    head_.content_length.reset();
    if (const auto length = content_length()) head_.content_length = *length;
  }

  ResponseHead& head_;
};

}  // namespace

class RequestParser::Impl {
 public:
  HeadReader head;
  std::optional<RequestGrammar> grammar;
};

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {}
RequestParser::~RequestParser() = default;

void RequestParser::start(Request& into, std::span<const std::string> cookies) {
  into.fields.clear();
  into.body = nullptr;
  into.has_body = false;
  impl_->head.start(cookies);
  impl_->grammar.emplace(into);
}

Result<Fed> RequestParser::feed(BytesView bytes) {
  auto& [head, grammar] = *impl_;
  if (grammar->is_header_done()) return grammar->feed(bytes);
  Fed fed;
  GOOP_TRY(fed.taken, head.feed(bytes));
  if (!head.done()) return fed;
  GOOP_CHECK(grammar->feed(as_bytes(head.text())));
  if (!grammar->is_header_done()) return fail(Errc::invalid, "not a head");
  return fed;
}

int RequestParser::refusal_status(const Error& error) const {
  if (error.code == Errc::too_large) return impl_->head.in_request_line() ? 414 : 431;
  if (error.code == Errc::unsupported) return error.detail == bad_version ? 505 : 501;
  return 400;
}

bool RequestParser::too_many_cookies() const { return impl_->head.too_many_cookies(); }
bool RequestParser::started() const { return impl_->head.started(); }
bool RequestParser::head_done() const { return impl_->grammar->is_header_done(); }
bool RequestParser::done() const { return impl_->grammar->is_done(); }

class ResponseParser::Impl {
 public:
  std::optional<ResponseGrammar> grammar;
};

ResponseParser::ResponseParser() : impl_(std::make_unique<Impl>()) {}
ResponseParser::~ResponseParser() = default;

void ResponseParser::start(ResponseHead& into, Answers answers) {
  into.fields.clear();
  impl_->grammar.emplace(into);
  impl_->grammar->skip(answers == Answers::head_request);
}

Result<Fed> ResponseParser::feed(BytesView bytes) { return impl_->grammar->feed(bytes); }

Result<void> ResponseParser::end_of_stream() {
  auto& grammar = *impl_->grammar;
  if (grammar.is_done()) return {};
  if (!grammar.got_some()) return fail(Errc::closed, "no answer");
  boost::system::error_code error;
  grammar.put_eof(error);
  if (error) return fail(Errc::closed, "answer cut short: {}", error.message());
  return {};
}

bool ResponseParser::head_done() const { return impl_->grammar->is_header_done(); }
bool ResponseParser::done() const { return impl_->grammar->is_done(); }

}  // namespace goop::net::http
