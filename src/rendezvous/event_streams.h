// Event streams: readers of server-sent events, who never say anything themselves.
//
// Thread: loop only.   Borrows: Runtime, Board, Hub.   Owns: the tasks that notice a reader's end.
// Limits: limits::streams_per_address (asked by the route)
#pragma once

#include "net/http/message.h"
#include "rendezvous/hub.h"

namespace goop::rendezvous {

class EventStreams {
 public:
  EventStreams(Runtime& runtime, Board& board, Hub& hub)
      : runtime_(runtime), board_(board), hub_(hub), tasks_(runtime, "event_streams") {}

  void open(net::http::Handover connection, net::IpAddress client, Format format, Audience audience,
            std::optional<std::uint64_t> resume_after);
  Task<> stop() { return tasks_.close(); }

  std::size_t size_at(const net::IpAddress& client) const;

 private:
  Task<> watch(std::shared_ptr<Subscriber> reader);

  Runtime& runtime_;
  Board& board_;
  Hub& hub_;
  std::unordered_map<net::IpAddress, std::size_t> at_client_;
  TaskScope tasks_;
};

}  // namespace goop::rendezvous
