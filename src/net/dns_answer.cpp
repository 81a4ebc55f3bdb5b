#include "net/dns_answer.h"

#include <arpa/nameser.h>
#include <netdb.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstring>

#include "net/limits.h"

namespace goop::net {

std::vector<IpAddress> addresses_of(const addrinfo* found) {
  std::vector<IpAddress> addresses;
  for (; found && addresses.size() < limits::resolved_addresses; found = found->ai_next) {
    boost::asio::ip::tcp::endpoint endpoint;
    if (found->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), found->ai_addr, found->ai_addrlen);
    endpoint.resize(found->ai_addrlen);
    addresses.push_back(endpoint.address());
  }
  return addresses;
}

std::vector<std::string> texts_of(BytesView buffer, int size) {
  std::vector<std::string> texts;
  ns_msg message;
  if (size < 0 || size > static_cast<int>(buffer.size()) ||
      ::ns_initparse(buffer.data(), size, &message) != 0) {
    return texts;
  }
  const int records = ns_msg_count(message, ns_s_an);
  for (int i = 0; i < records && texts.size() < limits::txt_records; ++i) {
    ns_rr record;
    if (::ns_parserr(&message, ns_s_an, i, &record) != 0 || ns_rr_type(record) != ns_t_txt)
      continue;
    BytesView data(ns_rr_rdata(record), ns_rr_rdlen(record));
    std::string text;
    while (!data.empty()) {  // character strings: one length byte each
      const std::size_t length = data[0];
      if (length + 1 > data.size()) break;
      text += as_text(data.subspan(1, length));
      data = data.subspan(length + 1);
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace goop::net
