#include "testing/tls/tls_server.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace goop::testing {
namespace {

using net::ByteStream;

struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};

void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  GOOP_ASSERT(extension != nullptr);
  X509_add_ext(to, extension, -1);
  X509_EXTENSION_free(extension);
}

Identity make(std::string_view name, WallTime from, WallTime until) {
  Identity made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  auto* certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate), to_ms(from) / 1000);
  ASN1_TIME_set(X509_getm_notAfter(certificate), to_ms(until) / 1000);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.data()),
                             static_cast<int>(name.size()), -1, 0);
  return made;
}

// The server's side: plain text above, records below.
class Served final : public ByteStream {
 public:
  Served(const Identity& identity, std::unique_ptr<ByteStream> below, ServerTls how)
      : below_(std::move(below)) {
    auto* context = SSL_CTX_new(TLS_server_method());
    if (how.max_version != 0) {
      SSL_CTX_set_min_proto_version(context, how.max_version);
      SSL_CTX_set_max_proto_version(context, how.max_version);
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
    }
    GOOP_ASSERT(SSL_CTX_use_PrivateKey(context, identity.key.get()) == 1);
    GOOP_ASSERT(SSL_CTX_use_certificate(context, identity.certificate.get()) == 1);
    session_.reset(SSL_new(context));
    SSL_CTX_free(context);
    SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(session_.get());
  }

  Task<> handshake() {
    for (;;) {
      const int result = SSL_do_handshake(session_.get());
      const int error = SSL_get_error(session_.get(), result);
      co_await flush();
      if (result == 1) co_return;
      if (error != SSL_ERROR_WANT_READ) raise(Errc::violation, "the TLS handshake failed");
      co_await fetch();
    }
  }

  Task<std::size_t> read_some(MutBytes into) override {
    for (;;) {
      const int result = SSL_read(session_.get(), into.data(), static_cast<int>(into.size()));
      if (result > 0) co_return static_cast<std::size_t>(result);
      if (SSL_get_error(session_.get(), result) != SSL_ERROR_WANT_READ) co_return 0;
      co_await fetch();
    }
  }

  Task<> write(std::span<const BytesView> parts) override {
    for (const auto& part : parts) {
      if (!part.empty()) SSL_write(session_.get(), part.data(), static_cast<int>(part.size()));
    }
    co_await flush();
  }

  void shutdown_write() noexcept override { below_->shutdown_write(); }
  void abort() noexcept override { below_->abort(); }
  net::Endpoint local() const override { return below_->local(); }
  net::Endpoint remote() const override { return below_->remote(); }

 private:
  Task<> flush() {
    auto* from = SSL_get_wbio(session_.get());
    Bytes out(BIO_ctrl_pending(from));
    if (out.empty()) co_return;
    BIO_read(from, out.data(), static_cast<int>(out.size()));
    const BytesView part(out);
    co_await below_->write(std::span(&part, 1));
  }

  Task<> fetch() {
    Bytes buffer(16 * 1024);
    const auto got = co_await below_->read_some(buffer);
    if (got == 0) raise(Errc::closed, "ended");
    BIO_write(SSL_get_rbio(session_.get()), buffer.data(), static_cast<int>(got));
  }

  std::unique_ptr<ByteStream> below_;
  std::unique_ptr<SSL, FreeSession> session_;
};

}  // namespace

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void FreeCertificate::operator()(x509_st* certificate) const { X509_free(certificate); }

TestAuthority::TestAuthority(std::string_view name)
    : root_(make(name, WallTime{}, WallTime{std::chrono::days(80 * 365)})) {
  auto* certificate = root_.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate, root_.key.get(), EVP_sha256());
}

Identity TestAuthority::issue(const CertificateWish& wish) const {
  auto made = make("a server", wish.from, wish.until);
  auto* certificate = made.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(root_.certificate.get()));
  add_extension(certificate, root_.certificate.get(), NID_subject_alt_name,
                fmt::format("{}", fmt::join(wish.names, ",")));
  X509_sign(certificate, root_.key.get(), EVP_sha256());
  return made;
}

void TestAuthority::write_pem(const std::filesystem::path& to) const {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new_file(to.c_str(), "w"), BIO_free);
  GOOP_ASSERT(out && PEM_write_bio_X509(out.get(), root_.certificate.get()) == 1);
}

Task<std::unique_ptr<ByteStream>> serve_tls(const Identity& identity,
                                            std::unique_ptr<ByteStream> below, ServerTls how) {
  auto stream = std::make_unique<Served>(identity, std::move(below), how);
  co_await stream->handshake();
  co_return std::move(stream);
}

}  // namespace goop::testing
