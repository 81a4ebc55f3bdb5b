#include "p2p/discovery/dns_name.h"

#include <algorithm>

#include "p2p/discovery/limits.h"

namespace goop::p2p::discovery {
namespace {

constexpr std::uint8_t pointer_mark = 0xc0;  // the two highest bits of a length byte

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

Result<void> check_label(std::string_view label) {
  if (label.empty()) return fail(Errc::invalid, "an empty label");
  if (label.size() > limits::dns_label_bytes)
    return fail(Errc::invalid, "a label of {} bytes", label.size());
  return {};
}

void append_label(std::string& wire, std::string_view label) {
  wire += static_cast<char>(label.size());
  wire += label;
}

Result<void> check_size(std::string_view wire) {
  if (wire.size() > limits::dns_name_wire_bytes)
    return fail(Errc::invalid, "a name of over {} bytes", limits::dns_name_wire_bytes);
  return {};
}

}  // namespace

Result<Name> Name::parse(std::string_view text) {
  std::string wire;
  if (text.ends_with('.')) text.remove_suffix(1);
  while (!text.empty()) {
    const auto dot = text.find('.');
    const auto label = text.substr(0, dot);
    GOOP_CHECK(check_label(label));
    append_label(wire, label);
    if (dot == text.size() - 1) return fail(Errc::invalid, "an empty label");
    text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
  }
  wire += '\0';
  GOOP_CHECK(check_size(wire));
  return Name(std::move(wire));
}

Result<Name> Name::under(std::string_view label) const {
  GOOP_CHECK(check_label(label));
  std::string wire;
  append_label(wire, label);
  wire += wire_;
  GOOP_CHECK(check_size(wire));
  return Name(std::move(wire));
}

Result<Name> Name::read(BytesView message, std::size_t& at) {
  std::string wire;
  std::size_t here = at, hops = 0;
  std::size_t least = at;  // a pointer must lead before everything read so far
  for (;;) {
    if (here >= message.size()) return fail(Errc::invalid, "a name without an end");
    const std::uint8_t length = message[here];
    if ((length & pointer_mark) == pointer_mark) {
      if (here + 2 > message.size()) return fail(Errc::invalid, "half a pointer");
      const std::size_t target = (length & 0x3fu) << 8 | message[here + 1];
      if (hops == 0) at = here + 2;
      if (target >= least) return fail(Errc::invalid, "a pointer that does not lead backwards");
      if (++hops > limits::dns_pointer_hops) return fail(Errc::invalid, "too many pointers");
      here = least = target;
      continue;
    }
    if ((length & pointer_mark) != 0) return fail(Errc::invalid, "an unknown kind of label");
    if (here + 1 + length > message.size()) return fail(Errc::invalid, "a label without an end");
    wire += as_text(message.subspan(here, 1u + length));
    GOOP_CHECK(check_size(wire));
    here += 1u + length;
    if (length == 0) break;
  }
  if (hops == 0) at = here;
  return Name(std::move(wire));
}

std::string Name::to_string() const {
  std::string text;
  for (std::string_view rest = wire_; rest.front() != 0;) {
    const std::size_t length = static_cast<std::uint8_t>(rest.front());
    text += rest.substr(1, length);
    text += '.';
    rest.remove_prefix(1 + length);
  }
  return text.empty() ? "." : printable(text, limits::dns_name_wire_bytes);
}

// Length bytes are below 'A', so that lower() leaves them alone.
bool Name::operator==(const Name& other) const {
  return std::ranges::equal(wire_, other.wire_, {}, lower, lower);
}

std::string Name::key() const {
  std::string key = wire_;
  std::ranges::transform(key, key.begin(), lower);
  return key;
}

}  // namespace goop::p2p::discovery
