// deps: net_http
// What is read from a form, written again in the strictest spelling, is read as the same.
#include <algorithm>

#include "base/bytes.h"
#include "net/http/form.h"
#include "net/http/limits.h"
#include "net/http/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace goop;
  using namespace goop::net::http;
  const auto form = Form::parse(as_text(BytesView(data, size)));
  if (!form) return 0;
  GOOP_ASSERT(form->fields().size() <= limits::form_fields);
  std::string again;
  for (const auto& [name, value] : form->fields()) {
    GOOP_ASSERT(is_utf8(name) && is_utf8(value));
    GOOP_ASSERT(name.find('\0') == name.npos && value.find('\0') == value.npos);
    again += fmt::format("{}={}&", percent_encode(name), percent_encode(value));
  }
  if (again.size() > limits::form_bytes) return 0;  // the strict spelling is longer
  const auto second = Form::parse(again);
  GOOP_ASSERT(second);
  GOOP_ASSERT(std::ranges::equal(second->fields(), form->fields(), [](auto& a, auto& b) {
    return a.name == b.name && a.value == b.value;
  }));
  return 0;
}
