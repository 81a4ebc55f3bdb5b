// libcurl, loaded when the first mail is to be sent. The only place that knows its header.
//
// Linked in, it and the thirty libraries behind it would cost every peer and every server four
// megabytes and ten milliseconds at start; hardly one of them sends mail.
//
// Thread: any.   Errors: unsupported: it is not installed; the text says how to get it.
#pragma once

#include <curl/curl.h>

#include "base/error.h"

namespace goop::net::mail {

struct Curl {
  decltype(&curl_easy_init) init;
  decltype(&curl_easy_setopt) setopt;
  decltype(&curl_easy_perform) perform;
  decltype(&curl_easy_getinfo) getinfo;
  decltype(&curl_easy_cleanup) cleanup;
  decltype(&curl_easy_strerror) strerror;
  decltype(&curl_slist_append) append;
  decltype(&curl_slist_free_all) free_all;

  static const Result<Curl>& loaded();
};

}  // namespace goop::net::mail
