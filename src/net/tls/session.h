// One TLS connection without a socket: ciphertext and plain text in, plain text and ciphertext out.
//
// OpenSSL between two memory buffers. Whoever moves the bytes (net/tls/stream.h) takes `output()`
// to the other side after every call. So the handshake and every way in which it can fail is tested
// without a network.
//
// RFC 8446, RFC 5246; names: RFC 6125. ALPN offers http/1.1.
// Pure but for the date of certificates, which is given.
// Errors: unverified (the certificate; the text says what is wrong and what can be done),
// violation (no TLS, or a broken one), closed (an end that the other side did not sign).
#pragma once

#include <memory>
#include <string>

#include "net/tls/context.h"

struct ssl_st;
struct x509_store_ctx_st;

namespace goop::net::tls {

class Session {
 public:
  // `host`: a DNS name, or an IP address as text; what the certificate must be for.
  Session(Context& context, std::string host);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // Goes on with the handshake; true when it is done, false when more input is needed.
  Result<bool> handshake();

  void input(BytesView ciphertext);
  void input_ended() { input_ended_ = true; }
  Bytes output();  // everything that must be sent; empty when there is nothing
  bool has_output() const;

  struct Got {
    std::size_t bytes = 0;
    bool ended = false;  // the other side will say no more
  };
  // Plain text that has arrived; neither bytes nor an end: more input is needed.
  Result<Got> read(MutBytes into);

  // How much of `plain` was encrypted; less than all only when it is large.
  Result<std::size_t> write(BytesView plain);

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  Error failure(int result);
  static int on_verdict(int fine, x509_store_ctx_st* about);
  std::string complaint(x509_store_ctx_st* about) const;

  std::string host_;
  std::unique_ptr<ssl_st, Free> session_;
  std::string complaint_;  // about the certificate
  bool input_ended_ = false;
};

}  // namespace goop::net::tls
