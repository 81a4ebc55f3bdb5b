// A peer whose frames are the test's: it proves an identity like any other, and then sends exactly
// what it is told to, within the rules or not.
//
//   RawPeer mallory(world, machine, key_of(9), host);
//   mallory.frame({FrameType::window_update, flag_syn, 1, 0});
//   EXPECT_TRUE(mallory.send());
//   world.rt.run_for(1s);
//   EXPECT_EQ(mallory.heard().resets, 1u);
#pragma once

#include "p2p/mux/yamux_frame.h"
#include "p2p/swarm/upgrader.h"
#include "testing/hosts/host_world.h"

namespace goop::sim {

class RawPeer {
 public:
  enum class Reading { on, off };  // off: it never takes a byte after the handshake

  RawPeer(HostWorld& world, SimHost& from, p2p::KeyPair key, const p2p::Host& to,
          Reading reading = Reading::on);
  ~RawPeer();

  // Queues a frame.
  void frame(const p2p::mux::FrameHeader& header, BytesView body = {});
  void syn(std::uint32_t stream);
  void data(std::uint32_t stream, BytesView body);
  void fin(std::uint32_t stream);
  void rst(std::uint32_t stream);
  void ask(std::uint32_t stream, const p2p::ProtocolId& protocol);  // SYN, header and name

  // Lets what is queued go out; false when the host does not take it within `patience`.
  bool send(Duration patience = std::chrono::seconds(10));

  void end_writing() { channel_->shutdown_write(); }  // the TCP connection is half closed
  void stop_answering_pings() { answer_pings_ = false; }

  // What the host sent.
  struct Heard {
    std::size_t frames = 0, acks = 0, resets = 0, pongs = 0;
    std::map<std::uint32_t, Bytes> data;           // by stream
    std::map<std::uint32_t, std::uint32_t> reset;  // codes by stream
    std::map<std::uint32_t, std::size_t> credit;   // given by stream, beside the initial window
    std::set<std::uint32_t> ended;                 // streams with a FIN
    std::optional<std::uint32_t> go_away;
    bool over = false;  // the connection has ended
  };
  const Heard& heard() const { return heard_; }

 private:
  Task<> upgrade(SimHost& from, net::Endpoint to, p2p::PeerId expected, Deadline by);
  Task<> read();
  Task<> pump();
  void take(BytesView bytes);
  void take_frame(const p2p::mux::FrameHeader& header, BytesView body);

  HostWorld& world_;
  p2p::KeyPair key_;
  std::optional<p2p::NoiseChannel> channel_;
  Bytes unread_;
  Heard heard_;
  bool answer_pings_ = true;
  Signal queued_, flushed_;
  TaskScope tasks_;
};

}  // namespace goop::sim
