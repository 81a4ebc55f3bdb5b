// What all TLS connections of a program share: whom it trusts, and how old a protocol may be.
//
// TLS 1.2 or later. The server's certificate must lead to a root of the system's store (or of
// `ca_file`) and name the host. There is no switch that turns this off: a private server is made
// trusted by adding its root. The date that certificates are judged by is the Runtime's.
//
// The store is read when the first connection needs it.
// Thread: loop only.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/runtime.h"

struct ssl_ctx_st;

namespace goop::net::tls {

struct ContextOptions {
  std::optional<std::filesystem::path> ca_file;  // PEM; instead of the system's store
};

class Context {
 public:
  explicit Context(Runtime& runtime, ContextOptions options = {});
  ~Context();

  // Throws Failure(storage) when `ca_file` cannot be read.
  ssl_ctx_st* native();
  Runtime& runtime() { return runtime_; }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  Runtime& runtime_;
  ContextOptions options_;
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace goop::net::tls
