#include "apps/goop2/metrics.h"

#include "net/http/metrics.h"

namespace goop::apps {

std::string metrics_text(peer::Peer& peer) {
  const auto p2p = peer.host().counters();
  const auto site = peer.site_counters();
  const auto started = static_cast<std::uint64_t>(to_ms(peer.started()) / 1000);
  const std::uint64_t connections = peer.host().connections().size();
  const std::uint64_t known = peer.known().list().size();
  const net::http::Metric metrics[] = {
      {"start_time_seconds", "gauge", "When the peer started.", started},
      {"p2p_connections", "gauge", "Open connections to peers.", connections},
      {"known_peers", "gauge", "Peers that are remembered.", known},
      {"p2p_dials_total", "counter", "Addresses that were dialled.", p2p.dials},
      {"p2p_dial_failures_total", "counter", "Dials that failed.", p2p.dial_failures},
      {"p2p_accepted_total", "counter", "Connections that came in.", p2p.accepted},
      {"p2p_refused_total", "counter", "Connections refused at a cap.", p2p.refused},
      {"p2p_displaced_total", "counter", "Connections that made room for others.", p2p.displaced},
      {"p2p_handshake_failures_total", "counter", "Handshakes that failed.",
       p2p.handshake_failures},
      {"p2p_streams_in_total", "counter", "Streams that peers opened.", p2p.streams_in},
      {"p2p_streams_out_total", "counter", "Streams that we opened.", p2p.streams_out},
      {"p2p_streams_refused_total", "counter", "Streams refused at a cap.", p2p.streams_refused},
      {"p2p_work_units_total", "counter", "Work for peers, in nanoseconds by its price.", p2p.work},
      {"p2p_slowed_total", "counter", "Times that a peer was slowed for its work.", p2p.slowed},
      {"p2p_floods_total", "counter", "Connections closed for their work.", p2p.floods},
      {"p2p_received_bytes_total", "counter", "Bytes from peers.", p2p.bytes_in},
      {"p2p_sent_bytes_total", "counter", "Bytes to peers.", p2p.bytes_out},
      {"site_served_requests_total", "counter", "Requests of peers for our site.",
       site.served.requests},
      {"site_served_refused_total", "counter", "Of them, refused.", site.served.refused},
      {"site_served_broken_off_total", "counter", "Of them, broken off.", site.served.broken_off},
      {"site_served_bytes_total", "counter", "Bytes of our site sent to peers.",
       site.served.body_bytes},
      {"site_fetched_requests_total", "counter", "Requests for sites of others.",
       site.fetched.requests},
      {"site_fetched_bytes_total", "counter", "Bytes received of sites of others.",
       site.fetched.body_bytes},
  };
  return net::http::metrics_text("goop_", metrics);
}

}  // namespace goop::apps
