#include "net/http/form.h"

#include <algorithm>

#include "net/http/limits.h"
#include "net/http/target.h"

namespace goop::net::http {
namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";

bool is_text(std::string_view text) {
  const auto fits = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= ' ' && byte != 0x7f) || c == '\t' || c == '\r' || c == '\n';
  };
  return std::ranges::all_of(text, fits) && is_utf8(text);
}

Result<std::string> decode(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  GOOP_TRY(auto decoded, percent_decode(spaced));
  if (!is_text(decoded)) return fail(Errc::invalid, "a field of the form is no text");
  return decoded;
}

bool is_form(const Request& request) {
  auto type = request.field("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return iequals(type, form_type);
}

}  // namespace

Result<Form> Form::parse(std::string_view text) {
  if (text.size() > limits::form_bytes) {
    return fail(Errc::too_large, "a form has at most {} bytes", limits::form_bytes);
  }
  Form form;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (form.fields_.size() == limits::form_fields) {
      return fail(Errc::too_large, "a form has at most {} fields", limits::form_fields);
    }
    const auto equals = std::min(pair.find('='), pair.size());
    GOOP_TRY(auto name, decode(pair.substr(0, equals)));
    GOOP_TRY(auto value, decode(pair.substr(std::min(equals + 1, pair.size()))));
    form.fields_.push_back({std::move(name), std::move(value)});
  }
  return form;
}

std::string_view Form::value(std::string_view name) const {
  const auto at = std::ranges::find(fields_, name, &Field::name);
  return at == fields_.end() ? std::string_view{} : at->value;
}

Task<Result<Form>> read_form(Request& request, Deadline by) {
  if (!is_form(request)) co_return fail(Errc::unsupported, "a form is expected: {}", form_type);
  const auto body = co_await request.read_body(limits::form_bytes, by);
  if (!body) co_return std::unexpected(body.error());
  co_return Form::parse(as_text(*body));
}

}  // namespace goop::net::http
