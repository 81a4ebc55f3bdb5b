// What a browser posts from a form: application/x-www-form-urlencoded.
//
//   auto form = Form::parse(text);          // email=ann%40example.org&next=1
//   form->value("email");                   // "ann@example.org"
//
// Values are UTF-8 without control characters but line ends and tabs: what a form field can hold.
//
// Spec:   WHATWG URL, section 5.1. Stricter: a bad escape, which no browser sends, is an error.
// Pure.   Limits: limits::form_bytes, limits::form_fields.   Errors: invalid, too_large.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http/message.h"

namespace goop::net::http {

class Form {
 public:
  static Result<Form> parse(std::string_view text);

  // The first field of that name; empty where there is none.
  std::string_view value(std::string_view name) const;

  struct Field {
    std::string name, value;
  };
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

// The form in a request's body. Errors: unsupported: it is of another type.
Task<Result<Form>> read_form(Request& request, Deadline by);

}  // namespace goop::net::http
