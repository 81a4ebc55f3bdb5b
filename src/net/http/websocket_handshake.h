// How a WebSocket begins: the upgrade of an HTTP request, on both sides. Pure.
//
// RFC 6455 section 4. No extensions are offered or accepted. Origin is not looked at here: who may
// connect is for the route, before it answers.
#pragma once

#include <span>

#include "net/http/parser.h"

namespace goop::net::http {

// The first of `ours` that the request offers; empty when there is none.
std::string_view choose_subprotocol(const Request& request, std::span<const std::string_view> ours);

// 101, after which `taken` gets the connection; or 400 with the reason as text when the request is
// no proper upgrade. `subprotocol` is what choose_subprotocol gave.
Response accept_websocket(const Request& request, std::string_view subprotocol,
                          std::move_only_function<void(Handover)> taken);

// The fields that a client adds to its GET. `key` is sixteen random bytes.
std::vector<std::pair<std::string, std::string>> upgrade_fields(
    BytesView key, std::span<const std::string_view> subprotocols);

// The subprotocol that a 101 chose, maybe empty. Errors: violation (not an answer to `key`, or a
// protocol or extension that was not asked for).
Result<std::string> check_upgrade(const ResponseHead& answer, BytesView key,
                                  std::span<const std::string_view> subprotocols);

// Whether a comma-separated list of tokens, maybe in several fields, has this one (without case).
bool has_token(const Fields& fields, std::string_view name, std::string_view token);

}  // namespace goop::net::http
