#include "net/tls/session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <limits>

#include "net/tls/limits.h"

namespace goop::net::tls {
namespace {

constexpr std::array<unsigned char, 9> alpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

bool is_address(const std::string& host) {
  boost::system::error_code code;
  asio::ip::make_address(host, code);
  return !code;
}

int clamped(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

// What OpenSSL put into its queue last, as text; empties the queue.
std::string last_error() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  // What OpenSSL makes of a server that answers in HTTP.
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER) {
    return "the other side does not speak TLS (https:// in place of http://?)";
  }
  const char* text = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return text ? text : "no reason given";
}

std::string one_line(const X509_NAME* name) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return printable({data, static_cast<std::size_t>(size)});
}

std::string date_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

// "a.example, b.example": whom the certificate is for.
std::string names_of(const X509* certificate) {
  std::string out;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::size_t shown = 0;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names) && shown < limits::named_hosts; ++i) {
    const auto* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS) continue;
    const auto* text = name->d.dNSName;
    out += fmt::format("{}{}", shown++ > 0 ? ", " : "",
                       printable({reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                  static_cast<std::size_t>(ASN1_STRING_length(text))}));
  }
  GENERAL_NAMES_free(names);
  return out.empty() ? "no host name" : out;
}

}  // namespace

void Session::Free::operator()(ssl_st* session) const { SSL_free(session); }

Session::Session(Context& context, std::string host)
    : host_(std::move(host)), session_(SSL_new(context.native())) {
  auto* ssl = session_.get();
  GOOP_ASSERT(ssl != nullptr);
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl);
  SSL_set_app_data(ssl, this);
  SSL_set_verify(ssl, SSL_VERIFY_PEER, on_verdict);
  auto* rules = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_time(rules, to_ms(context.runtime().wall()) / 1000);
  if (is_address(host_)) {
    GOOP_ASSERT(X509_VERIFY_PARAM_set1_ip_asc(rules, host_.c_str()) == 1);
  } else {
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    GOOP_ASSERT(X509_VERIFY_PARAM_set1_host(rules, host_.data(), host_.size()) == 1);
    GOOP_ASSERT(SSL_set_tlsext_host_name(ssl, host_.c_str()) == 1);
  }
  SSL_set_alpn_protos(ssl, alpn.data(), alpn.size());
}

Session::~Session() = default;

void Session::input(BytesView ciphertext) {
  while (!ciphertext.empty()) {
    const int taken =
        BIO_write(SSL_get_rbio(session_.get()), ciphertext.data(), clamped(ciphertext.size()));
    GOOP_ASSERT(taken > 0);
    ciphertext = ciphertext.subspan(static_cast<std::size_t>(taken));
  }
}

bool Session::has_output() const { return BIO_ctrl_pending(SSL_get_wbio(session_.get())) > 0; }

Bytes Session::output() {
  auto* from = SSL_get_wbio(session_.get());
  Bytes out(BIO_ctrl_pending(from));
  if (!out.empty()) {
    const int got = BIO_read(from, out.data(), clamped(out.size()));
    out.resize(static_cast<std::size_t>(std::max(got, 0)));
  }
  return out;
}

Result<bool> Session::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(session_.get());
  if (result == 1) return true;
  if (SSL_get_error(session_.get(), result) == SSL_ERROR_WANT_READ && !input_ended_) return false;
  if (!complaint_.empty()) {
    ERR_clear_error();
    return fail(Errc::unverified, "{}", complaint_);
  }
  return std::unexpected(failure(result));
}

Result<Session::Got> Session::read(MutBytes into) {
  ERR_clear_error();
  const int result = SSL_read(session_.get(), into.data(), clamped(into.size()));
  if (result > 0) return Got{static_cast<std::size_t>(result), false};
  const int error = SSL_get_error(session_.get(), result);
  if (error == SSL_ERROR_ZERO_RETURN) return Got{0, true};
  if (error == SSL_ERROR_WANT_READ && !input_ended_) return Got{};
  return std::unexpected(failure(result));
}

Result<std::size_t> Session::write(BytesView plain) {
  if (plain.empty()) return 0;
  plain = plain.first(std::min(plain.size(), limits::plain_bytes));
  ERR_clear_error();
  const int result = SSL_write(session_.get(), plain.data(), clamped(plain.size()));
  if (result > 0) return static_cast<std::size_t>(result);
  return std::unexpected(failure(result));
}

Error Session::failure(int result) {
  const int error = SSL_get_error(session_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_ZERO_RETURN ||
      error == SSL_ERROR_SYSCALL) {
    ERR_clear_error();
    return {Errc::closed, fmt::format("TLS with {} ended in the middle", host_)};
  }
  return {Errc::violation, fmt::format("TLS with {} failed: {}", host_, last_error())};
}

// Asked by OpenSSL about each certificate of the chain; afterwards it no longer knows them.
int Session::on_verdict(int fine, x509_store_ctx_st* about) {
  if (fine == 1) return 1;
  const auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(about, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* self = static_cast<Session*>(SSL_get_app_data(ssl));
  self->complaint_ = self->complaint(about);
  return 0;
}

// What is wrong, and who can do what about it.
std::string Session::complaint(x509_store_ctx_st* about) const {
  const auto* certificate = X509_STORE_CTX_get_current_cert(about);
  const auto verdict = X509_STORE_CTX_get_error(about);
  const std::string_view whose = X509_STORE_CTX_get_error_depth(about) > 0
                                     ? "an issuer of the certificate"
                                     : "the certificate";
  switch (certificate ? verdict : X509_V_ERR_UNSPECIFIED) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fmt::format(
          "{} of {} expired on {}: whoever runs it must renew it; if that day is still to come, "
          "set this computer's clock",
          whose, host_, date_of(X509_get0_notAfter(certificate)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format(
          "{} of {} is valid from {}: set this computer's clock, or tell whoever runs it", whose,
          host_, date_of(X509_get0_notBefore(certificate)));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format("the certificate is for {}, not for {}: check the address",
                         names_of(certificate), host_);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_UNTRUSTED:
      return fmt::format(
          "the certificate of {} was issued by {}, whom this computer does not trust: if that is "
          "your own authority, add its root certificate to the system's store; otherwise somebody "
          "may be in between",
          host_, one_line(X509_get_issuer_name(certificate)));
    default:
      return fmt::format("{} of {} was refused: {}", whose, host_,
                         X509_verify_cert_error_string(verdict));
  }
}

}  // namespace goop::net::tls
