// The frame of the server's own pages: navigation, look, headers.
//
//   co_return page_answer(context, {.title = "Thank you", .body = "<h1>…</h1>"});
//
// A page is plain HTML. What is not ours goes through net/http/escape.h before it is put into
// `body`; the Content-Security-Policy keeps anything that slipped through from running. Style,
// script and pictures are files below /assets/; nothing is inline. Classes that the style sheet
// knows: card, lead, quiet, problem, button, copy (web/public/README.md).
//
// Pure.
#pragma once

#include <string>

#include "rendezvous/context.h"

namespace goop::rendezvous {

struct Page {
  std::string title;
  std::string body;  // HTML, inside <main>
  int status = 200;
  std::string language = "en";
  std::string_view part = {};  // of the navigation: "/docs/", "/register"
};

net::http::Response page_answer(const Context& context, const Page& page);

// A line of text, as HTML, with a button that copies it where there is script.
std::string line_to_copy(std::string_view line, std::string_view button);

// "nl" or "en", as the reader prefers.
std::string_view language_of(const net::http::Request& request);

}  // namespace goop::rendezvous
