#include "rendezvous/own_urls.h"

namespace goop::rendezvous {
namespace {

// Bridges to containers and virtual machines.
bool is_virtual(std::string_view interface) {
  constexpr std::string_view starts[] = {"docker", "veth", "br-", "virbr"};
  return std::ranges::any_of(starts, [&](auto start) { return interface.starts_with(start); });
}

std::string url_of(const net::IpAddress& address, std::uint16_t port) {
  return fmt::format("http://{}", net::Endpoint{address, port});
}

}  // namespace

std::string own_url(const Options& options, std::uint16_t port) {
  return options.external_url.empty() ? url_of(options.bind.address, port) : options.external_url;
}

std::vector<std::string> own_urls(const Options& options, std::uint16_t port,
                                  net::Network& network) {
  if (!options.external_url.empty() || !options.bind.address.is_unspecified()) {
    return {own_url(options, port)};
  }
  std::vector<std::string> urls;
  for (const auto& interface : network.interfaces()) {
    if (interface.loopback || is_virtual(interface.name)) continue;
    if (interface.address.is_v4()) urls.push_back(url_of(interface.address, port));
  }
  if (urls.empty()) urls.push_back(url_of(asio::ip::address_v4::loopback(), port));
  return urls;
}

}  // namespace goop::rendezvous
