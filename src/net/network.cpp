#include "net/network.h"

namespace goop::net {

std::string to_string(const Endpoint& endpoint) {
  const auto host = endpoint.address.to_string();
  return endpoint.address.is_v6() ? fmt::format("[{}]:{}", host, endpoint.port)
                                  : fmt::format("{}:{}", host, endpoint.port);
}

}  // namespace goop::net
