#include "net/http/message.h"

#include <array>

#include "base/ascii.h"

namespace goop::net::http {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> methods{
    {{Method::get, "GET"},
     {Method::head, "HEAD"},
     {Method::post, "POST"},
     {Method::put, "PUT"},
     {Method::patch, "PATCH"},
     {Method::del, "DELETE"},
     {Method::options, "OPTIONS"}}};

// Where the line of a field begins and ends (behind its CRLF) in lines of fields; both the size of
// `lines` where there is none.
std::pair<std::size_t, std::size_t> find_line(std::string_view lines, std::string_view name) {
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = std::min(lines.find("\r\n", at), lines.size() - 2) + 2;
    const auto line = lines.substr(at, end - at);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        iequals(line.substr(0, name.size()), name)) {
      return {at, end};
    }
    at = end;
  }
  return {lines.size(), lines.size()};
}

}  // namespace

Method parse_method(std::string_view text) {
  for (const auto& [method, spelling] : methods) {
    if (spelling == text) return method;
  }
  return Method::other;
}

std::string_view name(Method method) {
  for (const auto& [known, spelling] : methods) {
    if (known == method) return spelling;
  }
  return "?";
}

std::string_view reason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 421:
      return "Misdirected Request";
    case 425:
      return "Too Early";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  }
  return true;
}

void Fields::clear() {
  text_.clear();
  entries_.clear();
}

void Fields::add(std::string_view name, std::string_view value) {
  entries_.push_back({static_cast<std::uint32_t>(text_.size()),
                      static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
  text_ += name;
  text_ += value;
}

std::pair<std::string_view, std::string_view> Fields::at(std::size_t index) const {
  const auto& entry = entries_[index];
  const std::string_view text = text_;
  return {text.substr(entry.at, entry.name), text.substr(entry.at + entry.name, entry.value)};
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  const std::string_view text = text_;
  for (const auto& entry : entries_) {
    if (entry.name == name.size() && iequals(text.substr(entry.at, entry.name), name)) {
      return text.substr(entry.at + entry.name, entry.value);
    }
  }
  return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const {
  std::size_t found = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) found += iequals(at(i).first, name);
  return found;
}

std::string_view Request::host() const {
  if (!target.authority.empty()) return target.authority;
  return field("Host").value_or("");
}

Task<Result<Bytes>> Request::read_body(std::size_t max_bytes, Deadline by) {
  Bytes all;
  if (!body) co_return all;
  if (content_length && *content_length > max_bytes) {
    co_return fail(Errc::too_large, "body of {} bytes, at most {}", *content_length, max_bytes);
  }
  for (;;) {
    const auto chunk = co_await body->next(by);
    if (chunk.empty()) co_return all;
    if (chunk.size() > max_bytes - all.size()) {
      co_return fail(Errc::too_large, "body over {} bytes", max_bytes);
    }
    append(all, chunk);
  }
}

void Response::add(std::string_view name, std::string_view value) {
  fields += name;
  fields += ": ";
  for (const char c : value) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) fields += c;
  }
  fields += "\r\n";
}

std::optional<std::string_view> Response::field(std::string_view name) const {
  const auto [at, end] = find_line(fields, name);
  if (at == end) return std::nullopt;
  auto value = std::string_view(fields).substr(at + name.size() + 1, end - at - name.size() - 3);
  while (value.starts_with(' ')) value.remove_prefix(1);
  return value;
}

void Response::remove(std::string_view name) {
  for (;;) {
    const auto [at, end] = find_line(fields, name);
    if (at == end) return;
    fields.erase(at, end - at);
  }
}

void Response::text(std::string_view type, std::string content) {
  add("Content-Type", type);
  body = std::move(content);
}

void Response::shared(std::string_view type, std::shared_ptr<const Bytes> content) {
  add("Content-Type", type);
  const BytesView bytes(*content);
  body = Borrowed{std::move(content), bytes};
}

}  // namespace goop::net::http
