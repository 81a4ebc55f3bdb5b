// deps: p2p_mux
//
// yamux sessions of both roles. The first byte chooses: bytes of a stranger, whole and in pieces;
// the same with a reader that consumes, closes and resets meanwhile; or two sessions that talk to
// each other, honestly or with a damaged byte here and there. Windows add up at any time, memory
// stays within them, and honest sessions never accuse each other.
#include "p2p/mux/yamux_session.h"

namespace goop::p2p::mux {
namespace {

constexpr Instant start{std::chrono::hours(1)};

SessionOptions options_of(Role role) {
  SessionOptions options;
  options.role = role;
  return options;
}

// Takes bytes off the input; zeros once it is used up.
struct Choices {
  BytesView rest;
  bool empty() const { return rest.empty(); }
  std::uint8_t next() {
    if (rest.empty()) return 0;
    const auto byte = rest.front();
    rest = rest.subspan(1);
    return byte;
  }
};

void check(Session& session) {
  std::size_t unread = 0, streams = 0;
  session.for_each([&](StreamState& stream) {
    ++streams;
    unread += stream.unread;
    GOOP_ASSERT(stream.send_window <= limits::send_window_most);
    GOOP_ASSERT(stream.window <= limits::window_most);
    GOOP_ASSERT(!stream.finished());
    std::size_t held = 0, footprint = 0;
    for (const Segment& piece : stream.inbox) {
      held += piece.size();
      footprint += piece.footprint();
    }
    GOOP_ASSERT(held == stream.unread);
    // The front piece may have been read in part.
    GOOP_ASSERT(footprint <= 2 * limits::sharing_waste * held + BlockPool::block_bytes + 4096);
    if (stream.discarding) return;
    // Credit is given for what was consumed, never for more.
    GOOP_ASSERT(stream.receive_window + stream.unread + stream.consumed <= stream.window);
  });
  // Streams that both sides have ended are gone from the table, not always read to their end.
  GOOP_ASSERT(unread <= session.unread_bytes());
  GOOP_ASSERT(streams == session.streams());
  GOOP_ASSERT(session.inbound() <= limits::inbound_streams);
}

// When every stream is closed nothing is held.
void check_end(Session& session, const std::vector<StreamPtr>& streams, Instant now) {
  for (const auto& event : session.take_events()) session.close(*event.stream, now);
  for (const auto& stream : streams) session.close(*stream, now);
  GOOP_ASSERT(session.unread_bytes() == 0);
}

Bytes control_of(Session& session) {
  Bytes bytes;
  session.drain_control([&](const FrameHeader& header) { append(bytes, encode(header)); });
  return bytes;
}

// What a session makes of `input` in pieces of `piece` bytes.
std::string outcome_of(Role role, BytesView input, std::size_t piece) {
  Session session(options_of(role));
  Result<void> result;
  for (BytesView rest = input; result && !rest.empty();) {
    const auto part = rest.first(std::min(piece, rest.size()));
    rest = rest.subspan(part.size());
    result = session.on_piece(Segment::copy_of(part), start);
    check(session);
  }
  std::string outcome = result ? "fine" : result.error().detail;
  outcome += fmt::format(" {} {} {} ", session.streams(), session.unread_bytes(),
                         session.take_events().size());
  return outcome + to_hex(control_of(session));
}

std::vector<StreamPtr> streams_of(const std::vector<StreamEvent>& events) {
  std::vector<StreamPtr> streams;
  for (const auto& event : events) streams.push_back(event.stream);
  return streams;
}

// A reader does something to a stream, as `choice` says.
void act(Session& session, StreamState& stream, std::uint8_t choice, Instant now) {
  switch (choice % 8) {
    case 0:
      return session.reset(stream, choice);
    case 1:
      return session.close(stream, now);
    case 2:
      return session.close_write(stream);
    case 3:
      return session.consume(stream, stream.unread / 2, now);
    default:
      return session.consume(stream, stream.unread, now);
  }
}

void read_meanwhile(Role role, Choices choices) {
  Session session(options_of(role));
  Instant now = start;
  std::vector<StreamPtr> known;
  while (!choices.empty()) {
    const std::size_t size = std::min<std::size_t>(choices.next() + 1u, choices.rest.size());
    if (size == 0) break;
    if (!session.on_piece(Segment::copy_of(choices.rest.first(size)), now)) break;
    choices.rest = choices.rest.subspan(size);
    for (auto& stream : streams_of(session.take_events())) known.push_back(std::move(stream));
    const auto what = choices.next();
    if (!known.empty()) act(session, *known[what % known.size()], choices.next(), now);
    if (what % 4 == 0) (void)session.open();
    if (what % 8 == 0) control_of(session);
    if (what % 16 == 0) session.ping(now);
    now += std::chrono::milliseconds(what) + session.pause(now);
    if (what % 32 == 0) session.expire(now);
    check(session);
  }
  check_end(session, known, now);
}

// One of two sessions that talk, and what is under way to it.
struct End {
  explicit End(Role role) : session(options_of(role)) {}
  Session session;
  Bytes arriving;
  std::vector<StreamPtr> streams;
};

void send_body(End& from, End& to, StreamState& stream, std::size_t wanted) {
  if (stream.reset || stream.sent_fin) return;
  append(to.arriving, control_of(from.session));  // an opening goes ahead of its data
  const auto header = from.session.begin_body(stream, wanted);
  if (!header) return;
  append(to.arriving, encode(*header));
  to.arriving.resize(to.arriving.size() + header->length, 7);
}

void talk(Choices choices, bool honest) {
  End ends[2] = {End(Role::client), End(Role::server)};
  Instant now = start;
  while (!choices.empty()) {
    const auto what = choices.next();
    End& from = ends[what & 1];
    End& to = ends[~what & 1];
    now += std::chrono::milliseconds(what >> 4);
    if (what % 16 < 4) {
      if (auto opened = from.session.open()) from.streams.push_back(*opened);
    } else if (!from.streams.empty() && what % 16 < 12) {
      auto& stream = *from.streams[choices.next() % from.streams.size()];
      const auto how = choices.next();
      if (how % 2 == 0) send_body(from, to, stream, std::size_t{how} << 9);
      if (how % 2 == 1) act(from.session, stream, static_cast<std::uint8_t>(how / 2), now);
    } else {
      append(to.arriving, control_of(from.session));
      if (!honest && !to.arriving.empty()) {
        to.arriving[choices.next() * 13u % to.arriving.size()] ^= choices.next();
      }
      const auto size = std::min<std::size_t>(to.arriving.size(), choices.next() * 256u + 1);
      const auto result =
          to.session.on_piece(Segment::copy_of(BytesView(to.arriving).first(size)), now);
      GOOP_ASSERT(result || !honest);
      if (!result) return;
      to.arriving.erase(to.arriving.begin(),
                        to.arriving.begin() + static_cast<std::ptrdiff_t>(size));
      for (auto& stream : streams_of(to.session.take_events())) {
        to.streams.push_back(std::move(stream));
      }
    }
    for (End& end : ends) check(end.session);
  }
  for (End& end : ends) check_end(end.session, end.streams, now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView input(data + 1, std::min<std::size_t>(size - 1, 16 * 1024));
  const Role role = data[0] % 2 == 0 ? Role::client : Role::server;
  switch (data[0] / 2 % 4) {
    case 0: {
      const auto whole = outcome_of(role, input, input.size() + 1);
      for (const std::size_t piece : {1, 5, 12, 333}) {
        GOOP_ASSERT(outcome_of(role, input, piece) == whole);
      }
      return 0;
    }
    case 1:
      read_meanwhile(role, {input});
      return 0;
    default:
      talk({input}, data[0] / 2 % 4 == 2);
      return 0;
  }
}

}  // namespace goop::p2p::mux
