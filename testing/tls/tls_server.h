// A certificate authority and a TLS server for tests.
//
//   TestAuthority ca;
//   auto identity = ca.issue({.names = {"DNS:goop.example"}});
//   auto stream = co_await serve_tls(identity, std::move(tcp), {});   // the server's side
#pragma once

#include <filesystem>

#include "net/network.h"

struct evp_pkey_st;
struct x509_st;

namespace goop::testing {

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
struct FreeCertificate {
  void operator()(x509_st* certificate) const;
};

struct Identity {
  std::unique_ptr<evp_pkey_st, FreeKey> key;
  std::unique_ptr<x509_st, FreeCertificate> certificate;
};

struct CertificateWish {
  std::vector<std::string> names;  // "DNS:a.example", "IP:192.0.2.1"
  WallTime from, until;
};

class TestAuthority {
 public:
  explicit TestAuthority(std::string_view name = "Test Root");
  Identity issue(const CertificateWish& wish) const;
  void write_pem(const std::filesystem::path& to) const;

 private:
  Identity root_;
};

struct ServerTls {
  int max_version = 0;  // OpenSSL's number; 0: the newest
};

// Does the handshake and gives the plain text side; throws Failure(violation) when it fails.
// `identity` must outlive the stream.
Task<std::unique_ptr<net::ByteStream>> serve_tls(const Identity& identity,
                                                 std::unique_ptr<net::ByteStream> below,
                                                 ServerTls how);

}  // namespace goop::testing
