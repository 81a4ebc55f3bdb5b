// How far an address reaches: decides what is advertised, and who may make us dial what.
//
// Spec: the IANA special-purpose registries, grouped as go-libp2p groups them.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string_view>

namespace goop::p2p {

using IpAddress = boost::asio::ip::address;

enum class AddressScope {
  public_net,   // the internet
  private_net,  // a home or company network, and names such as printer.local
  link_local,   // one cable
  loopback,     // this machine
  unroutable,   // documentation, multicast, reserved, unspecified: nobody is there
};
std::string_view name(AddressScope scope);

AddressScope scope_of(const IpAddress& ip);         // IPv4 inside IPv6 counts as IPv4
AddressScope scope_of_name(std::string_view host);  // by its last labels; nothing is resolved

}  // namespace goop::p2p
