// For the operator: who is here, and what was logged.
#include "base/log.h"
#include "rendezvous/context.h"

namespace goop::rendezvous::routes {
namespace {

int rank(wire::PresenceType type) {
  return type == wire::PresenceType::online ? 0 : type == wire::PresenceType::update ? 1 : 2;
}

// Keys and their order as the reference program's; what is empty is left out where it does.
json::Object row_of(const Context& context, const Row& row) {
  const auto& presence = row.message->presence;
  json::Object told{{"peer_id", presence.peer.to_string()},
                    {"type", wire::name(presence.type)},
                    {"content", presence.label}};
  const auto text = [&told](std::string_view key, const std::string& value) {
    if (!value.empty()) told[key] = value;
  };
  text("email", presence.email);
  text("avatar_hash", presence.avatar_hash);
  text("active_template", presence.active_template);
  text("public_key", presence.public_key);
  if (presence.encryption_supported) told["encryption_supported"] = true;
  if (!presence.addresses.empty()) {
    json::Array list;
    for (const auto& address : presence.addresses) list.emplace_back(address.to_string());
    told["addrs"] = std::move(list);
  }
  told["ts"] = presence.ts;
  told["last_seen"] = to_ms(row.last_seen);
  told["bytes_sent"] = row.bytes_in;
  told["bytes_received"] = context.board.bytes_told() - row.bytes_base;
  told["verified"] = context.is_verified(row);
  if (context.sockets.has(presence.peer)) told["ws_connected"] = true;
  if (row.is_signed) told["signed"] = true;  // ours
  return told;
}

}  // namespace

Response peers(Context& context, Exchange&) {
  std::vector<const Row*> rows;
  for (const auto& [peer, row] : context.board.rows()) rows.push_back(&row);
  std::ranges::sort(rows, [](const Row* a, const Row* b) {
    const auto x = rank(a->message->presence.type), y = rank(b->message->presence.type);
    return x != y ? x < y : a->last_seen > b->last_seen;
  });
  json::Array list;
  list.reserve(rows.size());
  for (const auto* row : rows) list.push_back(row_of(context, *row));
  return json_answer(std::move(list));
}

Response logs(Context&, Exchange&) {
  auto lines = log::recent();
  const auto surplus = lines.size() - std::min(lines.size(), limits::log_lines);
  json::Array list;
  for (auto i = surplus; i < lines.size(); ++i) {
    const auto second = lines[i].ms / 1000 % 86'400;
    list.emplace_back(fmt::format("[{:02}:{:02}:{:02}] {}", second / 3600, second / 60 % 60,
                                  second % 60, lines[i].text));
  }
  return json_answer(std::move(list));
}

}  // namespace goop::rendezvous::routes
