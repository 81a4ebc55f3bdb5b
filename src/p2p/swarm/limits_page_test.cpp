// docs/dev/protocols/resource-limits.md says what the code does.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "p2p/mux/limits.h"
#include "p2p/swarm/budget.h"
#include "p2p/swarm/limits.h"
#include "p2p/work_budget.h"
#include "p2p/work_prices.h"

namespace goop::p2p {
namespace {

using Values = std::map<std::string, std::string>;

std::string text(std::size_t number) { return fmt::format("{}", number); }
std::string text(double number) { return fmt::format("{}", number); }
std::string in_bytes(std::size_t bytes) {
  return bytes >= 1u << 20 ? fmt::format("{} MiB", bytes >> 20)
                           : fmt::format("{} KiB", bytes >> 10);
}
std::string text(limits::WorkRate rate) {
  return fmt::format("{} M a second, {} M at once", rate.per_second / 1e6, rate.burst / 1e6);
}
std::string text(Duration span) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
  return ms % 1000 == 0 ? fmt::format("{} s", ms / 1000) : fmt::format("{} ms", ms);
}

// The rows "| `name` | value | …" of the page.
Values values_of_page() {
  std::ifstream file(GOOP_SOURCE_DIR "/docs/dev/protocols/resource-limits.md");
  Values values;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    const auto name_end = line.find('`', 3);
    if (line.compare(name_end, 4, "` | ") != 0) continue;  // words of a sentence
    const auto value_end = line.find(" |", name_end + 4);
    if (value_end == std::string::npos) continue;
    values[line.substr(3, name_end - 3)] = line.substr(name_end + 4, value_end - name_end - 4);
  }
  return values;
}

Values values_of_budget() {
  const BudgetLimits budget;
  return {{"connections_in", text(budget.connections_in)},
          {"connections_out", text(budget.connections_out)},
          {"connections_total", text(budget.connections_total)},
          {"handshakes_in", text(budget.handshakes_in)},
          {"handshakes_out", text(budget.handshakes_out)},
          {"handshakes_per_network", text(budget.handshakes_per_network)},
          {"streams_in", text(budget.streams_in)},
          {"streams_out", text(budget.streams_out)},
          {"memory", in_bytes(budget.memory)},
          {"peer_connections", text(budget.peer_connections)},
          {"peer_streams_in", text(budget.peer_streams_in)},
          {"peer_streams_out", text(budget.peer_streams_out)},
          {"peer_memory", in_bytes(budget.peer_memory)},
          {"per_ip4", text(budget.per_ip4)},
          {"per_ip6_56", text(budget.per_ip6_56)},
          {"per_ip6_48", text(budget.per_ip6_48)},
          {"rate_per_ip", text(budget.rate_per_ip)},
          {"burst_per_ip", text(budget.burst_per_ip)},
          {"low_water", text(budget.low_water)},
          {"high_water", text(budget.high_water)}};
}

#define NAMED(constant) {#constant, text(limits::constant)}
#define NAMED_BYTES(constant) {#constant, in_bytes(limits::constant)}

Values values_of_limits() {
  return {NAMED(rate_entries),
          NAMED(growth_share),
          NAMED(handshake_grace),
          NAMED(proven_grace),
          NAMED(busy_time),
          NAMED(use_pace),
          NAMED(displaced_most),
          {"share_least", text(FairPlaces<int, int>::Shape{1}.share_least)},
          {"foothold", text(FairPlaces<int, int>::Shape{1}.foothold)},
          NAMED_BYTES(unread_most),
          NAMED_BYTES(charge_step),
          NAMED_BYTES(charge_slack),
          NAMED(queued_control),
          NAMED(queued_resets),
          NAMED(connection_work),
          NAMED(network_work),
          NAMED(host_work),
          NAMED(share_burst),
          NAMED(work_pause),
          NAMED(flood_time),
          NAMED(flood_rest),
          NAMED(work_networks),
          NAMED(trim_grace),
          NAMED(trim_interval),
          NAMED(interfaces_settle),
          NAMED(redundant_idle),
          NAMED(dial_addresses),
          NAMED(dial_parallel),
          NAMED(dial_timeout_public),
          NAMED(dial_timeout_private),
          NAMED(dial_timeout_peer),
          NAMED(dial_step_public),
          NAMED(dial_step_private),
          NAMED(dial_relay_delay),
          NAMED(simultaneous_pause),
          NAMED(given_life),
          NAMED(close_time),
          NAMED(accept_pause),
          NAMED(backoff_first),
          NAMED(backoff_most),
          NAMED(backoff_entries),
          {"told_port_least", text(std::size_t{limits::told_port_least})},
          NAMED(told_dial_rate),
          NAMED(told_dial_burst),
          NAMED(told_dial_targets),
          NAMED(resolve_depth),
          NAMED(resolve_results),
          NAMED(resolve_queries),
          NAMED(resolve_parallel),
          NAMED(resolve_text_records),
          NAMED(resolve_timeout),
          NAMED(book_peers),
          NAMED(book_addresses_connected),
          NAMED(book_addresses_after),
          NAMED(book_addresses_given),
          NAMED(book_told_address_bytes),
          NAMED(book_life_after),
          NAMED(observers_needed),
          NAMED(observers_kept),
          NAMED(observed_addresses),
          NAMED(observation_life)};
}

#define PRICE(name) {"price::" #name, text(std::size_t{price::name})}

Values values_of_prices() {
  return {PRICE(small_read),   PRICE(secure_frame),   PRICE(mux_frame),  PRICE(mux_ping),
          PRICE(stream),       PRICE(refused_stream), PRICE(byte),       PRICE(ping),
          PRICE(identify),     PRICE(identify_push),  PRICE(request),    PRICE(rpc),
          PRICE(subscription), PRICE(control_entry),  PRICE(message_id), PRICE(message),
          PRICE(signature),    PRICE(delivery)};
}

#undef PRICE
#undef NAMED
#undef NAMED_BYTES

TEST(LimitsPage, says_the_values_of_the_code) {
  Values expected = values_of_budget();
  expected.merge(values_of_limits());
  expected.merge(values_of_prices());
  EXPECT_EQ(values_of_page(), expected);
}

TEST(LimitsPage, says_what_a_handler_gets_without_a_wish_of_its_own) {
  std::ifstream file(GOOP_SOURCE_DIR "/docs/dev/protocols/resource-limits.md");
  std::ostringstream page;
  page << file.rdbuf();
  const HandlerLimits handler;
  EXPECT_NE(
      page.str().find(fmt::format("`per_peer` {} and `total` {}", handler.per_peer, handler.total)),
      std::string::npos);
}

}  // namespace
}  // namespace goop::p2p
