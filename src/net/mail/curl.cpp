#include "net/mail/curl.h"

#include <dlfcn.h>

namespace goop::net::mail {
namespace {

constexpr const char* library_name = "libcurl.so.4";

template <class Function>
bool find(void* library, const char* name, Function& into) {
  into = reinterpret_cast<Function>(::dlsym(library, name));
  return into != nullptr;
}

// It stays loaded until the program ends.
Result<Curl> load() {
  void* library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
  const auto missing = [] {
    const char* why = ::dlerror();
    return fail(Errc::unsupported, "mail needs libcurl (apt install libcurl4): {}",
                why ? why : library_name);
  };
  if (!library) return missing();
  Curl curl{};
  decltype(&curl_global_init) global_init = nullptr;
  const bool whole = find(library, "curl_global_init", global_init) &&
                     find(library, "curl_easy_init", curl.init) &&
                     find(library, "curl_easy_setopt", curl.setopt) &&
                     find(library, "curl_easy_perform", curl.perform) &&
                     find(library, "curl_easy_getinfo", curl.getinfo) &&
                     find(library, "curl_easy_cleanup", curl.cleanup) &&
                     find(library, "curl_easy_strerror", curl.strerror) &&
                     find(library, "curl_slist_append", curl.append) &&
                     find(library, "curl_slist_free_all", curl.free_all);
  if (!whole) return missing();
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return fail(Errc::unsupported, "libcurl does not start");
  }
  return curl;
}

}  // namespace

const Result<Curl>& Curl::loaded() {
  static const Result<Curl> curl = load();
  return curl;
}

}  // namespace goop::net::mail
