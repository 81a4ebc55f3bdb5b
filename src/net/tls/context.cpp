#include "net/tls/context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/tls/limits.h"

namespace goop::net::tls {

void Context::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Context::Context(Runtime& runtime, ContextOptions options)
    : runtime_(runtime), options_(std::move(options)) {}

Context::~Context() = default;

ssl_ctx_st* Context::native() {
  if (context_) return context_.get();
  std::unique_ptr<ssl_ctx_st, Free> made(SSL_CTX_new(TLS_client_method()));
  auto* context = made.get();
  GOOP_ASSERT(context != nullptr);
  GOOP_ASSERT(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_verify_depth(context, limits::chain_depth);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  const bool loaded = options_.ca_file
                          ? SSL_CTX_load_verify_file(context, options_.ca_file->c_str()) == 1
                          : SSL_CTX_set_default_verify_paths(context) == 1;
  ERR_clear_error();
  if (!loaded) {
    raise(Errc::storage, "no certificates can be read from {}",
          options_.ca_file ? options_.ca_file->string() : "the system's store");
  }
  context_ = std::move(made);
  return context_.get();
}

}  // namespace goop::net::tls
