// What the system's resolver answered, as values: pure, so that its caps can be tested.
// Limits: limits::resolved_addresses, limits::txt_records, limits::dns_answer_bytes.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "net/endpoint.h"

struct addrinfo;

namespace goop::net {

std::vector<IpAddress> addresses_of(const addrinfo* found);

// The texts of a DNS message of `size` bytes, of which `buffer` holds as much as fits. Empty when
// it is larger than the buffer or no message.
std::vector<std::string> texts_of(BytesView buffer, int size);

}  // namespace goop::net
