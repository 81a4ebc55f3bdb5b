// A ByteStream that is encrypted: TLS as a client over another ByteStream.
//
//   auto tcp = co_await network.connect(endpoint, {}, by);
//   auto stream = co_await tls::connect(context, std::move(tcp), "goop.example", by);
//
// An end of the connection that the server did not announce within TLS is Failure(closed): nobody
// can cut an answer short unnoticed.
//
// Owns: the stream below.   Borrows: Context.   Thread: loop only.
// Errors: those of the stream below and of net/tls/session.h; timeout.
#pragma once

#include "net/network.h"
#include "net/tls/context.h"

namespace goop::net::tls {

// `host` is what the certificate must be for. On failure the connection below is closed.
Task<std::unique_ptr<ByteStream>> connect(Context& context, std::unique_ptr<ByteStream> below,
                                          std::string host, Deadline by);

}  // namespace goop::net::tls
