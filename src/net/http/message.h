// Requests and responses as the rest of the program sees them; Beast stays behind them.
//
// A Request is filled by the parser and reused for the next one of its connection: its views live
// until the handler has returned its Response. Its body is pulled, with a cap, by whoever knows
// how large it may be; a handler that refuses never reads it.
//
// A Response has one of two bodies: bytes that are shared, not copied, or a source that is pulled
// chunk by chunk as the client takes them (a file, a remote stream, an event stream). Or it is the
// last one of its connection, which then leaves HTTP: a Takeover.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/runtime.h"
#include "net/http/target.h"
#include "net/network.h"

namespace goop::net::http {

enum class Version { http10, http11 };

enum class Method { get, head, post, put, patch, del, options, other };
Method parse_method(std::string_view text);
std::string_view name(Method method);

std::string_view reason(int status);  // "Not Found"

// ASCII letters compare without case, as field names and many values do.
bool iequals(std::string_view a, std::string_view b);

// Bytes that come when asked for.
class BodySource {
 public:
  virtual ~BodySource() = default;

  // The next bytes, valid until the next call; empty at the end. Throws as ByteStream does.
  virtual Task<BytesView> next(Deadline by) = 0;
};

// Header fields in one block of text, in order; lookups ignore case.
class Fields {
 public:
  void clear();
  void add(std::string_view name, std::string_view value);
  std::optional<std::string_view> find(std::string_view name) const;  // the first
  std::size_t count(std::string_view name) const;
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return text_.size(); }
  std::pair<std::string_view, std::string_view> at(std::size_t index) const;

 private:
  struct Entry {
    std::uint32_t at, name, value;  // where the name starts, and both lengths
  };
  std::string text_;
  std::vector<Entry> entries_;
};

// A connection that has left HTTP, with the bytes that were read beyond the last message.
struct Handover {
  std::unique_ptr<ByteStream> stream;
  Bytes unread;
};

class Request {
 public:
  Endpoint remote;  // who sent it, as the socket says; a proxy in front is seen here
  PeerUser user;    // whose program sent it; unknown unless ServerOptions::users says to ask
  Version version = Version::http11;
  Method method = Method::other;
  std::string method_text;
  std::string target_text;  // as sent, but for slashes that follow each other
  Target target;            // views into target_text
  Fields fields;
  bool keep_alive = true;
  bool has_body = false;
  std::optional<std::uint64_t> content_length;
  BodySource* body = nullptr;  // of the connection; null without a body

  std::optional<std::string_view> field(std::string_view name) const { return fields.find(name); }
  std::string_view host() const;  // authority of the target, else the Host field

  // The whole body. Errors: too_large (nothing more is read). Throws as body->next does.
  Task<Result<Bytes>> read_body(std::size_t max_bytes, Deadline by);
};

struct Response {
  explicit Response(int code = 200) : status(code) {}

  // Adds a field; control characters of the value are dropped.
  void add(std::string_view name, std::string_view value);
  std::optional<std::string_view> field(std::string_view name) const;  // the first
  void remove(std::string_view name);
  // Adds ready-made lines, each ended by CRLF: constants only.
  void add_lines(std::string_view lines) { fields += lines; }

  void text(std::string_view type, std::string content);
  void shared(std::string_view type, std::shared_ptr<const Bytes> content);

  struct Borrowed {  // `owner` keeps `bytes` alive; null for what lives as long as the program
    std::shared_ptr<const void> owner;
    BytesView bytes;
  };
  struct Pulled {  // without a length: sent chunked
    std::unique_ptr<BodySource> source;
    std::optional<std::uint64_t> length;
    bool endless = false;  // nobody waits for its end
  };
  // After the head, which is sent exactly as `status` and `fields` say (the framing of what follows
  // is the taker's), `taken` gets the connection: for protocols of their own (WebSocket) and for
  // what many clients hold open at little memory each (event streams). From then on the server
  // neither counts nor ends it: the taker has a cap and a stop of its own. After Server::stop()
  // has returned nothing is handed over any more, and while it runs the answer is 503.
  // The answer to HEAD is the head alone. A request whose body was not read is answered 400.
  struct Takeover {
    std::move_only_function<void(Handover)> taken;
  };
  using Body = std::variant<std::monostate, std::string, Borrowed, Pulled, Takeover>;

  int status;
  std::string fields;
  Body body;
  bool close = false;  // end the connection after this answer
};

}  // namespace goop::net::http
