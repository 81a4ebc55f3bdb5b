#include "apps/goop2/peer_process.h"

#include <charconv>

#include "apps/goop2/browser.h"
#include "apps/goop2/local_users.h"
#include "apps/goop2/rendezvous_setup.h"
#include "assets/manual.h"
#include "assets/viewer.h"
#include "base/log.h"
#include "peer/setup/control_file.h"
#include "peer/setup/viewer_address.h"

namespace goop::apps {
namespace {

namespace setup = peer::setup;

peer::PeerOptions peer_options(std::filesystem::path dir, setup::Prepared prepared) {
  return {std::move(dir), std::move(prepared), "goop2/" GOOP_VERSION};
}

std::unique_ptr<rendezvous::Server> hosted_server(Runtime& runtime, net::Network& network,
                                                  const std::filesystem::path& dir,
                                                  setup::Prepared& prepared) {
  auto& config = prepared.config;
  if (!config.values().presence.rendezvous_host) return nullptr;
  hash_admin_password(prepared.folder, config);
  auto options = or_raise(rendezvous_options(config, dir, std::nullopt));
  return std::make_unique<rendezvous::Server>(runtime, network, std::move(options));
}

std::string new_token(Runtime& runtime) {
  std::array<std::uint8_t, 16> bytes;
  runtime.random(bytes);
  return to_hex(bytes);
}

viewer::ViewerOptions viewer_options(const setup::Config& config, const std::string& token,
                                     KeptFile& sessions) {
  viewer::ViewerOptions options;
  options.assets = &assets::viewer();
  options.manual = &assets::manual();
  options.control_token = token;
  options.users = owners(config.viewer.users);
  options.sessions.content = sessions.read();
  options.sessions.save = [&sessions](std::string content) { sessions.put(std::move(content)); };
  return options;
}

std::uint16_t port_in(std::string_view text) {
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

}  // namespace

PeerProcess::PeerProcess(Runtime& runtime, net::Network& network, std::filesystem::path dir,
                         setup::Prepared prepared)
    : runtime_(runtime),
      hosted_(hosted_server(runtime, network, dir, prepared)),
      peer_(runtime, network, peer_options(std::move(dir), std::move(prepared))),
      control_token_(new_token(runtime)),
      sessions_(runtime, peer_.folder(), "data/sessions.json",
                "after a restart everybody logs in again"),
      port_(runtime, peer_.folder(), "data/viewer.port",
            "after a restart the viewer may have another address"),
      control_(runtime, peer_.folder(), std::string(setup::control_name),
               "until it is there goop2 status, open and other commands do not find this peer"),
      shown_(runtime, peer_),
      viewer_(runtime, network, shown_, viewer_options(peer_.config(), control_token_, sessions_)) {
}

void PeerProcess::listen() {
  const auto wanted = or_raise(setup::parse_viewer_address(peer_.config().viewer.http_addr));
  if (wanted.kind == setup::ViewerAddress::Kind::off) return;
  const auto before = port_.read();
  if (auto listening = viewer_.listen(wanted.port, port_in(before)); !listening) {
    raise(listening.error().code,
          "the viewer cannot listen on port {}: {}\n"
          "Stop what uses it, or choose another: goop2 config set {} viewer.http_addr "
          "127.0.0.1:PORT (or \"\" for a free one)",
          wanted.port, listening.error().detail, peer_.path().string());
  }
  viewer_port_ = viewer_.port();
  const auto now = fmt::format("{}\n", viewer_port_);
  if (wanted.kind == setup::ViewerAddress::Kind::free_port && now != before) port_.put(now);
}

// The command line finds a running peer by this file. A peer whose disk is full runs without it,
// says so, and writes it when there is room.
Task<> PeerProcess::tell_command_line() {
  setup::ControlFile control;
  control.url = fmt::format("http://127.0.0.1:{}", viewer_port_);
  control.token = control_token_;
  control_.put(setup::control_text(std::move(control)));
  co_await control_.tried();
}

Task<> PeerProcess::start_hosted() {
  try {
    co_await hosted_->start();
  } catch (const Failure& failure) {
    if (failure.code() != Errc::conflict) throw;
    raise(Errc::conflict,
          "the rendezvous server cannot listen: {}\n"
          "Stop what uses the port, or choose another: goop2 config set {} "
          "presence.rendezvous_port PORT",
          failure.error().detail, peer_.path().string());
  }
}

Task<> PeerProcess::start() {
  listen();
  if (hosted_) co_await start_hosted();
  peer_started_ = true;
  try {
    co_await peer_.start();
  } catch (const Failure& failure) {
    if (failure.code() != Errc::conflict) throw;
    raise(Errc::conflict,
          "{}\nStop what uses it, or choose another port: goop2 config set {} p2p.listen_port PORT "
          "(0 for a free one)",
          failure.error().detail, peer_.path().string());
  }
  if (has_viewer()) co_await tell_command_line();
}

Task<> PeerProcess::stop(Deadline by) {
  abandon();
  if (has_viewer()) co_await viewer_.stop(by);
  co_await shown_.stop();
  if (peer_started_) co_await peer_.stop(by);
  if (hosted_) co_await hosted_->stop(by);
  co_await sessions_.close();
  co_await port_.close();
  co_await control_.close();
  abandon();  // a late try may have written it
}

void PeerProcess::abandon() {
  setup::remove_control(peer_.folder());
  remove_open_page(peer_.folder());
}

}  // namespace goop::apps
