// DNS messages, as far as service discovery needs them. Pure.
//
// Reading takes every well-formed message: records of other kinds are counted and passed over.
// Writing compresses owner names and the targets of PTR records, which every reader has to know;
// the target of SRV is written out, as others do.
//
// Spec:   RFC 1035 4, RFC 2782 (SRV), RFC 3596 (AAAA), RFC 6762 18 (cache-flush and QU bits)
// Limits: limits::dns_*, limits::mdns_txt_strings.
// Errors: invalid; too_large (more records than anybody needs).
#pragma once

#include <boost/asio/ip/address.hpp>
#include <variant>
#include <vector>

#include "p2p/discovery/dns_name.h"

namespace goop::p2p::discovery {

using IpAddress = boost::asio::ip::address;

enum class RecordType : std::uint16_t { a = 1, ptr = 12, txt = 16, aaaa = 28, srv = 33, any = 255 };

struct Question {
  Name name;
  std::uint16_t type = 0;
  bool unicast = false;  // QU: the asker would rather be answered alone

  bool asks_for(RecordType wanted) const {
    return type == static_cast<std::uint16_t>(wanted) ||
           type == static_cast<std::uint16_t>(RecordType::any);
  }
  bool operator==(const Question&) const = default;
};

struct Pointer {
  Name target;
  bool operator==(const Pointer&) const = default;
};
struct Service {
  std::uint16_t priority = 0, weight = 0, port = 0;
  Name target;
  bool operator==(const Service&) const = default;
};
struct Texts {
  std::vector<std::string> strings;  // bytes; at most 255 each
  bool operator==(const Texts&) const = default;
};

struct Record {
  Name name;
  std::variant<Pointer, Service, Texts, IpAddress> data;
  std::uint32_t ttl = 0;  // seconds
  bool flush = false;     // this is all there is of that name and type: forget older ones

  bool operator==(const Record&) const = default;
};

struct Message {
  std::uint16_t id = 0;
  bool response = false;
  bool authoritative = false;
  std::vector<Question> questions;
  std::vector<Record> answers, additional;
  std::size_t authorities = 0;  // that section's records are only counted; none are written

  bool operator==(const Message&) const = default;
};

Result<Message> read_message(BytesView bytes);
Bytes write_message(const Message& message);

}  // namespace goop::p2p::discovery
