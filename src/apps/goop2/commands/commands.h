// The commands, a file each. An add_… declares its command; when the line names it, `chosen`
// becomes what runs it and gives the exit code. Nothing runs while the line is still being read.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace goop::apps {

using Action = std::function<int()>;

// What `goop2 rendezvous DIR` does; also the way of a peer that is to be a server alone.
int run_rendezvous(const std::string& dir);

void add_init(CLI::App& app, Action& chosen);
void add_peer(CLI::App& app, Action& chosen);
void add_rendezvous(CLI::App& app, Action& chosen);
void add_id(CLI::App& app, Action& chosen);
void add_open(CLI::App& app, Action& chosen);
void add_status(CLI::App& app, Action& chosen);
void add_peers(CLI::App& app, Action& chosen);
void add_visit(CLI::App& app, Action& chosen);
void add_ping(CLI::App& app, Action& chosen);
void add_perf(CLI::App& app, Action& chosen);
void add_config(CLI::App& app, Action& chosen);
void add_completion(CLI::App& app, Action& chosen);
void add_version(CLI::App& app, Action& chosen);

}  // namespace goop::apps
