// For machines: is the server there, is it fit, what has it counted.
#include "net/http/metrics.h"
#include "rendezvous/backplane/service.h"
#include "rendezvous/context.h"

namespace goop::rendezvous::routes {
namespace {

std::string_view shown(const backplane::State& state, bool alone) {
  if (alone) return "none";
  if (!state.connected) return "away";
  return state.whole ? "whole" : "joining";
}

backplane::State others_of(const Context& context) {
  return context.others ? context.others->state() : backplane::State();
}

}  // namespace

Response health(Context&, Exchange&) { return text_answer(200, "ok"); }

Response ready(Context& context, Exchange&) {
  const bool works = !context.journal || context.journal->works();
  const auto uptime = context.runtime.wall() - context.started;
  const auto others = others_of(context);
  const json::Object state{
      {"ready", works && !context.full()},
      {"uptimeSeconds", std::chrono::duration_cast<std::chrono::seconds>(uptime).count()},
      {"peers", context.board.size()},
      {"eventStreams", context.hub.size() - context.sockets.size()},
      {"sockets", context.sockets.size()},
      {"capacity", context.capacity},
      {"database", !context.journal ? "none"
                   : works          ? "ok"
                                    : "failing"},
      {"backplane", shown(others, !context.others)},
      {"otherServers", others.servers},
      {"version", context.options.version},
  };
  const int status = works && !context.full() ? 200 : 503;
  return json_answer(json::Value(state), status);
}

Response metrics(Context& context, Exchange&) {
  const auto& in = context.ingest.counters();
  const auto& hub = context.hub.counters();
  const auto& sockets = context.sockets.counters();
  const auto& http = context.http->counters();
  const auto others = others_of(context);
  const auto joint =
      context.others ? context.others->joint().counters() : backplane::JointCounters();
  const auto& known = context.registration->registry();
  const auto& registration = context.registration->counters();
  const auto mail = context.registration->mail_counters();
  const auto webhook = context.registration->webhook_counters();
  const net::http::Metric list[] = {
      {"peers", "gauge", "Peers on the board.", context.board.size()},
      {"peers_unsigned", "gauge", "Of them, without a signature.", context.board.unsigned_size()},
      {"sockets", "gauge", "Open WebSockets.", context.sockets.size()},
      {"event_streams", "gauge", "Open event streams.",
       context.hub.size() - context.sockets.size()},
      {"capacity", "gauge", "Connections that are taken at most.", context.capacity},
      {"messages_total", "counter", "Messages taken.", in.accepted},
      {"messages_duplicate_total", "counter", "Messages that were known.", in.duplicates},
      {"messages_malformed_total", "counter", "Messages that made no sense.", in.malformed},
      {"messages_refused_total", "counter",
       "Messages refused, those that made no sense among them.", in.refused},
      {"messages_over_budget_total", "counter", "Messages over a budget.", in.over_budget},
      {"messages_unregistered_total", "counter", "Messages of peers that have not registered.",
       in.unregistered},
      {"signatures_checked_total", "counter", "Signatures checked.",
       context.ingest.signatures_checked()},
      {"changes_total", "counter", "Changes told.", hub.told},
      {"beats_total", "counter", "Heartbeats passed on.", hub.beats},
      {"deliveries_total", "counter", "News times their readers.", hub.deliveries},
      {"gaps_total", "counter", "Readers that missed something.", hub.gaps},
      {"resumed_total", "counter", "Readers that went on where they were.", hub.resumed},
      {"snapshots_total", "counter", "Snapshots made.", hub.snapshots},
      {"sockets_opened_total", "counter", "WebSockets opened.", sockets.opened},
      {"sockets_proven_total", "counter", "Of them, proven by a signature.", sockets.proven},
      {"sockets_replaced_total", "counter", "Of them, replaced by a newer one.", sockets.replaced},
      {"sockets_dead_total", "counter", "Of them, ended for silence.", sockets.dead},
      {"frames_total", "counter", "Messages over WebSockets.", sockets.frames},
      {"frames_dropped_total", "counter", "Of them, dropped at the socket's rate.",
       sockets.dropped},
      {"punches_total", "counter", "Punch hints sent.", sockets.punches},
      {"commits_total", "counter", "Commits of the peer database.",
       context.journal ? context.journal->commits() : 0},
      {"registrations", "gauge", "E-mail addresses, confirmed or not.", known.size()},
      {"registrations_unverified", "gauge", "Of them, not confirmed.", known.unverified()},
      {"registrations_asked_total", "counter", "Links asked for.", registration.asked},
      {"registrations_verified_total", "counter", "Addresses confirmed.", registration.verified},
      {"mails_sent_total", "counter", "Mails that a mail server took.", mail.sent},
      {"mails_failed_total", "counter", "Tries that failed.", mail.failed_tries},
      {"mails_given_up_total", "counter", "Mails that were not sent.", mail.given_up},
      {"webhook_told_total", "counter", "Confirmations that the webhook took.", webhook.told},
      {"webhook_failed_total", "counter", "Confirmations that it was not told, or refused.",
       webhook.failed + webhook.refused + webhook.dropped},
      {"other_servers", "gauge", "Other servers of the board that are heard.", others.servers},
      {"backplane_connected", "gauge", "1: NATS is there.", others.connected},
      {"backplane_connections_total", "counter", "Connections to NATS.", others.connections},
      {"backplane_frames_in_total", "counter", "Frames of other servers.", joint.frames_in},
      {"backplane_frames_out_total", "counter", "Frames to other servers.", joint.frames_out},
      {"backplane_taken_total", "counter", "Messages taken of other servers.", joint.taken},
      {"backplane_signatures_total", "counter", "Of them, checked.", others.signatures},
      {"backplane_forged_total", "counter", "Of them, with a bad signature.", joint.forged},
      {"backplane_malformed_total", "counter", "Frames that made no sense.", joint.malformed},
      {"backplane_asked_total", "counter", "Times that a server was asked to say its share again.",
       joint.asked},
      {"http_requests_total", "counter", "Requests.", http.requests},
      {"http_connections_total", "counter", "Connections taken.", http.connections},
      {"http_refused_total", "counter", "Connections refused at the cap.", http.refused},
      {"http_open_connections", "gauge", "Connections that speak HTTP.",
       context.http->open_connections()},
  };
  Response response;
  response.add_lines("X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n");
  response.text(net::http::metrics_type, net::http::metrics_text("goop_rendezvous_", list));
  return response;
}

}  // namespace goop::rendezvous::routes
