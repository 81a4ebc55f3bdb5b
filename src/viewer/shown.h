// How the API spells what it shows: the objects of docs/dev/protocols/viewer-api.md, and cursors.
#pragma once

#include "viewer/context.h"

namespace goop::viewer {

json::Object self_object(const Context& context);
json::Object connection_object(const Context& context, const ConnectionView& connection);
json::Object known_peer_object(const Context& context, const KnownPeerView& peer);

json::Array connection_list(const Context& context);
json::Array known_peer_list(const Context& context);

// Event ids and cursors: the run they belong to, and the number in its feed.
std::string cursor_text(const Context& context, std::uint64_t number);
std::optional<std::uint64_t> cursor_number(const Context& context, std::string_view text);

}  // namespace goop::viewer
