#include "testing/hosts/raw_peer.h"

#include "p2p/select/multistream.h"

namespace goop::sim {
namespace {

using namespace p2p::mux;

}  // namespace

RawPeer::RawPeer(HostWorld& world, SimHost& from, p2p::KeyPair key, const p2p::Host& to,
                 Reading reading)
    : world_(world),
      key_(std::move(key)),
      queued_(world.rt),
      flushed_(world.rt),
      tasks_(world.rt, "raw peer") {
  const auto target = to.addresses().front().tcp_endpoint().value();
  const net::Endpoint at{std::get<p2p::IpAddress>(target.host), target.port};
  world.rt.wait(upgrade(from, at, to.id(), world.soon()));
  auto over = [this](std::optional<Error>) { heard_.over = true; };
  if (reading == Reading::on) tasks_.spawn(read(), over);
  tasks_.spawn(pump(), over);
  world.rt.run_for(std::chrono::milliseconds(50));  // the host has us now
}

RawPeer::~RawPeer() {
  channel_->abort();
  world_.rt.wait(tasks_.close());
}

Task<> RawPeer::upgrade(SimHost& from, net::Endpoint to, p2p::PeerId expected, Deadline by) {
  auto raw = co_await from.connect(to, std::nullopt, by);
  p2p::UpgradeOptions options{key_, std::make_shared<p2p::BlockPool>()};
  auto upgraded =
      co_await p2p::upgrade_outbound(world_.rt, std::move(raw), std::move(options), expected, by);
  channel_.emplace(std::move(upgraded.channel));
}

void RawPeer::frame(const FrameHeader& header, BytesView body) {
  channel_->append(encode(header), body);
}
void RawPeer::syn(std::uint32_t stream) { frame({FrameType::window_update, flag_syn, stream, 0}); }
void RawPeer::fin(std::uint32_t stream) { frame({FrameType::window_update, flag_fin, stream, 0}); }
void RawPeer::rst(std::uint32_t stream) { frame({FrameType::window_update, flag_rst, stream, 0}); }

void RawPeer::data(std::uint32_t stream, BytesView body) {
  frame({FrameType::data, 0, stream, static_cast<std::uint32_t>(body.size())}, body);
}

void RawPeer::ask(std::uint32_t stream, const p2p::ProtocolId& protocol) {
  syn(stream);
  const Bytes preamble = p2p::lazy_preamble(protocol);
  data(stream, preamble);
}

bool RawPeer::send(Duration patience) {
  queued_.notify_all();
  const Instant end = world_.rt.now() + patience;
  while (channel_->pending() > 0 && !heard_.over && world_.rt.now() < end) {
    world_.rt.run_for(std::chrono::milliseconds(1));
  }
  return channel_->pending() == 0 && !heard_.over;
}

Task<> RawPeer::pump() {
  for (;;) {
    while (channel_->has_queued()) co_await channel_->flush();
    co_await queued_.wait_until(Deadline::never());
  }
}

Task<> RawPeer::read() {
  for (;;) {
    while (auto piece = or_raise(channel_->next())) take(piece->view());
    const bool more = co_await channel_->receive();
    if (!more) co_return;
  }
}

void RawPeer::take(BytesView bytes) {
  append(unread_, bytes);
  BytesView rest = unread_;
  while (rest.size() >= header_bytes) {
    const auto header = decode_header(rest.first<header_bytes>()).value();
    const std::size_t body = header.type == FrameType::data ? header.length : 0;
    if (rest.size() < header_bytes + body) break;
    take_frame(header, rest.subspan(header_bytes, body));
    rest = rest.subspan(header_bytes + body);
  }
  unread_ = to_bytes(rest);
}

void RawPeer::take_frame(const FrameHeader& header, BytesView body) {
  ++heard_.frames;
  if (header.type == FrameType::go_away) heard_.go_away = header.length;
  if (header.type == FrameType::ping && header.has(flag_ack)) ++heard_.pongs;
  if (header.type == FrameType::ping && header.has(flag_syn) && answer_pings_) {
    frame({FrameType::ping, flag_ack, 0, header.length});
    queued_.notify_all();
  }
  if (header.stream == 0) return;
  if (header.type == FrameType::data) append(heard_.data[header.stream], body);
  if (header.type == FrameType::window_update && !header.has(flag_rst)) {
    heard_.credit[header.stream] += header.length;
  }
  if (header.has(flag_ack)) ++heard_.acks;
  if (header.has(flag_fin)) heard_.ended.insert(header.stream);
  if (header.has(flag_rst)) {
    ++heard_.resets;
    heard_.reset[header.stream] = header.length;
  }
}

}  // namespace goop::sim
