#include "wire/presence.h"

#include <array>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/json.h"

namespace goop::wire {
namespace {

// --- keys ---

enum Key : std::size_t {
  type_key,
  peer_key,
  label_key,
  email_key,
  avatar_key,
  video_key,
  template_key,
  target_key,
  addresses_key,
  token_key,
  public_key_key,
  encryption_key,
  version_key,
  ts_key,
  verified_key,
  ttl_key,
  listed_key,
  sig_key,
  key_count
};

// As they are written.
constexpr std::array<std::string_view, key_count> key_names = {"type",
                                                               "peerID",
                                                               "content",
                                                               "email",
                                                               "avatarHash",
                                                               "videoDisabled",
                                                               "activeTemplate",
                                                               "target",
                                                               "addrs",
                                                               "verificationToken",
                                                               "publicKey",
                                                               "encryptionSupported",
                                                               "goopClientVersion",
                                                               "ts",
                                                               "verified",
                                                               "ttlSeconds",
                                                               "listed",
                                                               "sig"};

constexpr std::array<std::string_view, 4> type_names = {"online", "update", "offline", "punch"};

bool same_letters(std::string_view a, std::string_view b) {
  const auto low = [](char c) { return ascii_lower(c); };
  return std::ranges::equal(a, b, {}, low, low);
}

// --- reading ---

// The members that we know, each where it stands; null where a text has none, or says null.
class Fields {
 public:
  static Result<Fields> of(const json::Value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) return fail(Errc::invalid, "a presence message is a JSON object");
    Fields fields;
    for (const auto& [spelling, member] : *object) {
      const std::string_view wanted = spelling;
      const auto known =
          std::ranges::find_if(key_names, [wanted](auto key) { return same_letters(key, wanted); });
      if (known == key_names.end()) continue;
      auto& place = fields.found_[static_cast<std::size_t>(known - key_names.begin())];
      // Readers differ in which of them counts.
      if (place != nullptr) return fail(Errc::invalid, "{} in two spellings", *known);
      place = &member;
    }
    for (auto& place : fields.found_) {
      if (place != nullptr && place->is_null()) place = nullptr;
    }
    return fields;
  }

  const json::Value* operator[](Key key) const { return found_[key]; }

  // As it stands in the value.
  Result<std::string_view> view(Key key, std::size_t max_bytes) const {
    if (found_[key] == nullptr) return std::string_view();
    const auto* text = found_[key]->if_string();
    if (text == nullptr) return wrong(key, "a text is expected");
    if (text->size() > max_bytes) {
      return fail(Errc::too_large, "{}: over {} bytes", key_names[key], max_bytes);
    }
    return std::string_view(text->data(), text->size());
  }

  Result<std::string> text(Key key, std::size_t max_bytes) const {
    GOOP_TRY(const auto text, view(key, max_bytes));
    return std::string(text);
  }

  Result<bool> flag(Key key) const {
    if (found_[key] == nullptr) return false;
    const bool* flag = found_[key]->if_bool();
    if (flag == nullptr) return wrong(key, "true or false is expected");
    return *flag;
  }

  // 0 when it is not there.
  Result<std::int64_t> number(Key key, std::int64_t least, std::int64_t most) const {
    if (found_[key] == nullptr) return 0;
    const auto* number = found_[key]->if_int64();
    if (number == nullptr || *number < least || *number > most) {
      return fail(Errc::invalid, "{}: a whole number from {} to {} is expected", key_names[key],
                  least, most);
    }
    return *number;
  }

  static std::unexpected<Error> wrong(Key key, std::string_view what) {
    return fail(Errc::invalid, "{}: {}", key_names[key], what);
  }

 private:
  std::array<const json::Value*, key_count> found_{};
};

Result<PresenceType> read_type(const Fields& fields) {
  GOOP_TRY(const auto text, fields.view(type_key, limits::presence_text_bytes));
  const auto known = std::ranges::find(type_names, text);
  if (known == type_names.end()) {
    return Fields::wrong(type_key, "online, update, offline or punch is expected");
  }
  return static_cast<PresenceType>(known - type_names.begin());
}

Result<p2p::PeerId> read_peer(const Fields& fields, Key key) {
  GOOP_TRY(const auto text, fields.view(key, limits::presence_text_bytes));
  // Ids are compared as text by other readers: one form only.
  if (!text.starts_with("Qm") && !text.starts_with('1')) {
    return Fields::wrong(key, "a peer id in base58 is expected");
  }
  auto peer = p2p::PeerId::parse(text);
  if (!peer) return Fields::wrong(key, peer.error().detail);
  return *peer;
}

Result<std::vector<p2p::Multiaddr>> read_addresses(const Fields& fields, const p2p::PeerId& peer) {
  std::vector<p2p::Multiaddr> addresses;
  if (fields[addresses_key] == nullptr) return addresses;
  const auto* list = fields[addresses_key]->if_array();
  if (list == nullptr) return Fields::wrong(addresses_key, "a list is expected");
  if (list->size() > limits::presence_addresses) {
    return fail(Errc::too_large, "addrs: over {} addresses", limits::presence_addresses);
  }
  addresses.reserve(list->size());
  for (const auto& item : *list) {
    const auto* text = item.if_string();
    if (text == nullptr) return Fields::wrong(addresses_key, "a list of texts is expected");
    if (text->size() > limits::presence_address_bytes) {
      return fail(Errc::too_large, "addrs: over {} bytes", limits::presence_address_bytes);
    }
    auto address = p2p::Multiaddr::parse({text->data(), text->size()});
    if (!address) continue;  // a protocol of later days
    if (const auto owner = address->peer_id()) {
      if (*owner != peer) continue;  // the way to somebody else
      address = address->without_peer();
      if (address->empty()) continue;
    }
    addresses.push_back(*std::move(address));
  }
  return addresses;
}

Result<std::string> read_public_key(const Fields& fields) {
  GOOP_TRY(std::string text, fields.text(public_key_key, limits::presence_text_bytes));
  if (!text.empty() && !is_public_key(text)) {
    return Fields::wrong(public_key_key, "base64 of 32 bytes is expected");
  }
  return text;
}

Result<Presence> read_presence(const Fields& fields) {
  Presence presence;
  GOOP_TRY(presence.type, read_type(fields));
  GOOP_TRY(presence.peer, read_peer(fields, peer_key));
  GOOP_TRY(presence.label, fields.text(label_key, limits::presence_label_bytes));
  GOOP_TRY(presence.email, fields.text(email_key, limits::presence_email_bytes));
  GOOP_TRY(presence.avatar_hash, fields.text(avatar_key, limits::presence_text_bytes));
  GOOP_TRY(presence.active_template, fields.text(template_key, limits::presence_text_bytes));
  GOOP_TRY(presence.client_version, fields.text(version_key, limits::presence_text_bytes));
  GOOP_TRY(presence.video_disabled, fields.flag(video_key));
  GOOP_TRY(presence.encryption_supported, fields.flag(encryption_key));
  GOOP_TRY(presence.listed, fields.flag(listed_key));
  GOOP_TRY(presence.public_key, read_public_key(fields));
  GOOP_TRY(presence.addresses, read_addresses(fields, presence.peer));
  GOOP_TRY(presence.ts, fields.number(ts_key, 0, limits::presence_ts_most));
  GOOP_TRY(const auto ttl, fields.number(ttl_key, 0, limits::presence_ttl_most.count()));
  if (ttl > 0) presence.ttl = std::chrono::seconds(ttl);
  return presence;
}

Result<json::Value> parse_json(std::string_view text, std::size_t max_bytes, json::Arena& arena) {
  return json::parse(text, {.bytes = max_bytes, .depth = limits::presence_depth}, arena);
}

p2p::EnvelopePurpose purpose() { return {presence_domain, as_bytes(presence_payload_type)}; }

// What a signed message says, from its payload alone.
Result<Presence> read_signed(BytesView envelope) {
  GOOP_TRY(const auto payload, p2p::unchecked_payload(envelope, purpose(), limits::presence_bytes));
  json::Arena arena;
  GOOP_TRY(const auto value, parse_json(as_text(payload), limits::presence_payload_bytes, arena));
  GOOP_TRY(const auto fields, Fields::of(value));
  GOOP_TRY(auto presence, read_presence(fields));
  if (presence.type == PresenceType::punch) return fail(Errc::invalid, "a signed punch");
  if (presence.ts == 0) return fail(Errc::invalid, "a signed message without ts");
  return presence;
}

// --- writing ---

// What cannot stand in a JSON text as it is, and as Go writes it what means something to HTML.
constexpr auto needs_escape = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
  for (const char c : {'"', '\\', '<', '>', '&'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

void append_escaped(std::string& out, char c) {
  static constexpr std::string_view hex = "0123456789abcdef";
  if (c == '"' || c == '\\') {
    out += {'\\', c};
  } else {
    const auto code = static_cast<unsigned char>(c);
    out += "\\u00";
    out += {hex[code >> 4], hex[code & 15]};
  }
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // where what has not been written begins
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape[static_cast<unsigned char>(text[i])]) continue;
    out += text.substr(plain, i - plain);
    append_escaped(out, text[i]);
    plain = i + 1;
  }
  out += text.substr(plain);
  out += '"';
}

class Writer {
 public:
  explicit Writer(std::size_t size_hint) { out_.reserve(size_hint); }

  void name(Key key) {
    out_ += out_.size() == 1 ? "\"" : ",\"";
    out_ += key_names[key];
    out_ += "\":";
  }
  void text(Key key, std::string_view value) {
    if (value.empty()) return;
    name(key);
    append_text(out_, value);
  }
  // Of which nothing needs an escape.
  void base64(Key key, BytesView value) {
    if (value.empty()) return;
    name(key);
    out_ += '"';
    out_ += to_base64(value);
    out_ += '"';
  }
  void flag(Key key, bool value) {
    if (!value) return;
    name(key);
    out_ += "true";
  }
  void number(Key key, std::int64_t value) {
    name(key);
    out_ += std::to_string(value);
  }
  void addresses(const std::vector<p2p::Multiaddr>& list) {
    if (list.empty()) return;
    name(addresses_key);
    char before = '[';
    for (const auto& address : list) {
      out_ += std::exchange(before, ',');
      append_text(out_, address.to_string());
    }
    out_ += ']';
  }
  std::string finish() {
    out_ += '}';
    return std::move(out_);
  }

 private:
  std::string out_ = "{";
};

}  // namespace

bool is_public_key(std::string_view text) {
  const auto key = from_base64(text);
  return key && key->size() == limits::presence_key_bytes;
}

std::string_view name(PresenceType type) { return type_names[static_cast<std::size_t>(type)]; }

Result<PresenceMessage> parse_presence(std::string_view text) {
  json::Arena arena;
  GOOP_TRY(const auto value, parse_json(text, limits::presence_bytes, arena));
  GOOP_TRY(const auto fields, Fields::of(value));
  PresenceMessage message;
  GOOP_TRY(message.verified, fields.flag(verified_key));
  GOOP_TRY(message.verification_token, fields.text(token_key, limits::presence_token_bytes));
  GOOP_TRY(const auto sig, fields.view(sig_key, limits::presence_bytes));
  if (!sig.empty()) {
    auto envelope = from_base64(sig);
    if (!envelope) return Fields::wrong(sig_key, envelope.error().detail);
    message.envelope = *std::move(envelope);
    auto said = read_signed(message.envelope);
    if (!said) return fail(said.error().code, "{}: {}", key_names[sig_key], said.error().detail);
    message.presence = *std::move(said);
    if (!message.verification_token.empty()) {
      GOOP_TRY(auto email, fields.text(email_key, limits::presence_email_bytes));
      if (email != message.presence.email) message.registration_email = std::move(email);
    }
    return message;
  }
  GOOP_TRY(message.presence, read_presence(fields));
  if (message.presence.type == PresenceType::punch) {
    GOOP_TRY(message.target, read_peer(fields, target_key));
  }
  return message;
}

Result<void> check_signature(const PresenceMessage& message) {
  if (!message.is_signed()) return fail(Errc::unverified, "the message is not signed");
  const auto& peer = message.presence.peer;
  if (const auto key = peer.public_key()) {
    GOOP_CHECK(p2p::open_envelope_of(*key, message.envelope, purpose(), limits::presence_bytes));
    return {};
  }
  GOOP_TRY(const auto opened,
           p2p::open_envelope(message.envelope, purpose(), limits::presence_bytes));
  if (!peer.matches(opened.key)) {
    return fail(Errc::unverified, "presence of {} is signed by {}", peer, opened.signer());
  }
  return {};
}

std::string write_presence(const PresenceMessage& message) {
  const Presence& presence = message.presence;
  Writer out(message.envelope.size() * 4 / 3 + limits::presence_usual_bytes);
  out.text(type_key, name(presence.type));
  out.text(peer_key, presence.peer.to_string());
  out.text(label_key, presence.label);
  const bool told = !message.registration_email.empty();
  out.text(email_key, told ? message.registration_email : presence.email);
  out.text(avatar_key, presence.avatar_hash);
  out.flag(video_key, presence.video_disabled);
  out.text(template_key, presence.active_template);
  if (message.target) out.text(target_key, message.target->to_string());
  out.addresses(presence.addresses);
  out.text(token_key, message.verification_token);
  out.text(public_key_key, presence.public_key);
  out.flag(encryption_key, presence.encryption_supported);
  out.text(version_key, presence.client_version);
  out.number(ts_key, presence.ts);
  out.flag(verified_key, message.verified);
  if (presence.ttl) out.number(ttl_key, presence.ttl->count());
  out.flag(listed_key, presence.listed);
  out.base64(sig_key, message.envelope);
  return out.finish();
}

PresenceMessage sign_presence(const p2p::KeyPair& key, Presence presence) {
  GOOP_ASSERT(presence.peer.matches(key.public_key()));
  GOOP_ASSERT(presence.type != PresenceType::punch && presence.ts > 0);
  PresenceMessage message{.presence = std::move(presence)};
  const auto payload = write_presence(message);
  GOOP_ASSERT(payload.size() <= limits::presence_payload_bytes);
  message.envelope = p2p::seal_envelope(key, purpose(), as_bytes(payload));
  return message;
}

}  // namespace goop::wire
