#include "p2p/discovery/dns.h"

#include <optional>
#include <unordered_map>

#include "p2p/discovery/limits.h"

namespace goop::p2p::discovery {
namespace {

constexpr std::uint16_t response_flag = 0x8000, authoritative_flag = 0x0400, opcode_mask = 0x7800;
constexpr std::uint16_t class_in = 1, class_any = 255, high_bit = 0x8000;
constexpr std::size_t pointer_reach = 0x3fff;

class Reader {
 public:
  explicit Reader(BytesView message) : message_(message) {}

  Result<std::uint8_t> u8() {
    if (at_ >= message_.size()) return fail(Errc::invalid, "the message is cut");
    return message_[at_++];
  }
  Result<std::uint16_t> u16() {
    GOOP_TRY(const auto high, u8());
    GOOP_TRY(const auto low, u8());
    return static_cast<std::uint16_t>(high << 8 | low);
  }
  Result<std::uint32_t> u32() {
    GOOP_TRY(const std::uint32_t high, u16());
    GOOP_TRY(const std::uint32_t low, u16());
    return high << 16 | low;
  }
  Result<BytesView> take(std::size_t count) {
    if (count > message_.size() - at_) return fail(Errc::invalid, "the message is cut");
    const auto part = message_.subspan(at_, count);
    at_ += count;
    return part;
  }
  Result<Name> name() { return Name::read(message_, at_); }

  // A class we speak: internet, or any. The highest bit has a meaning of its own.
  static bool is_internet(std::uint16_t wire_class) {
    const auto plain = wire_class & ~high_bit;
    return plain == class_in || plain == class_any;
  }

  Result<std::optional<Question>> question() {
    Question question;
    GOOP_TRY(question.name, name());
    GOOP_TRY(question.type, u16());
    GOOP_TRY(const auto wire_class, u16());
    question.unicast = (wire_class & high_bit) != 0;
    if (!is_internet(wire_class)) return std::nullopt;
    return question;
  }

  // Nothing: a record of another kind.
  Result<std::optional<Record>> record() {
    Record record;
    GOOP_TRY(record.name, name());
    GOOP_TRY(const auto type, u16());
    GOOP_TRY(const auto wire_class, u16());
    record.flush = (wire_class & high_bit) != 0;
    GOOP_TRY(record.ttl, u32());
    GOOP_TRY(const auto size, u16());
    if (size > message_.size() - at_) return fail(Errc::invalid, "a record is cut");
    const std::size_t end = at_ + size;
    bool known = is_internet(wire_class);
    if (known) {
      GOOP_TRY(known, data(static_cast<RecordType>(type), size, record));
      if (known && at_ != end) return fail(Errc::invalid, "a record's size is wrong");
    }
    at_ = end;
    if (!known) return std::nullopt;
    return record;
  }

 private:
  Result<bool> data(RecordType type, std::uint16_t size, Record& record) {
    switch (type) {
      case RecordType::ptr: {
        GOOP_TRY(auto target, name());
        record.data = Pointer{std::move(target)};
        return true;
      }
      case RecordType::srv: {
        Service service;
        GOOP_TRY(service.priority, u16());
        GOOP_TRY(service.weight, u16());
        GOOP_TRY(service.port, u16());
        GOOP_TRY(service.target, name());
        record.data = std::move(service);
        return true;
      }
      case RecordType::txt: {
        GOOP_TRY(record.data, texts(size));
        return true;
      }
      case RecordType::a: {
        GOOP_TRY(record.data, address<boost::asio::ip::address_v4>());
        return true;
      }
      case RecordType::aaaa: {
        GOOP_TRY(record.data, address<boost::asio::ip::address_v6>());
        return true;
      }
      case RecordType::any:
        return false;
    }
    return false;
  }

  // What is over the cap of the whole message is passed over: a peer may have many addresses.
  Result<Texts> texts(std::size_t size) {
    Texts texts;
    GOOP_TRY(BytesView rest, take(size));
    while (!rest.empty()) {
      const std::size_t length = rest[0];
      if (length + 1 > rest.size()) return fail(Errc::invalid, "a string is cut");
      if (length > 0 && strings_++ < limits::mdns_txt_strings)
        texts.strings.push_back(to_text(rest.subspan(1, length)));
      rest = rest.subspan(length + 1);
    }
    return texts;
  }

  template <class Address>
  Result<IpAddress> address() {
    typename Address::bytes_type bytes;
    GOOP_TRY(const auto part, take(bytes.size()));
    std::ranges::copy(part, bytes.begin());
    return IpAddress(Address(bytes));
  }

  BytesView message_;
  std::size_t at_ = 0;
  std::size_t strings_ = 0;
};

Result<std::vector<Record>> read_section(Reader& reader, std::size_t count) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    GOOP_TRY(auto record, reader.record());
    if (record) records.push_back(std::move(*record));
  }
  return records;
}

class Writer {
 public:
  void u8(std::size_t value) { out_.push_back(static_cast<std::uint8_t>(value)); }
  void u16(std::size_t value) {
    u8(value >> 8);
    u8(value & 0xff);
  }
  void u32(std::uint32_t value) {
    u16(value >> 16);
    u16(value & 0xffff);
  }

  enum class Compression { allowed, none };
  void name(const Name& name, Compression compression) {
    std::string_view rest = name.wire();
    while (rest.front() != 0) {
      const auto known = names_.find(std::string(rest));
      if (known != names_.end() && compression == Compression::allowed) {
        u16(0xc000 | known->second);
        return;
      }
      if (known == names_.end() && out_.size() <= pointer_reach) names_.emplace(rest, out_.size());
      const std::size_t length = static_cast<std::uint8_t>(rest.front());
      append(out_, rest.substr(0, 1 + length));
      rest.remove_prefix(1 + length);
    }
    u8(0);
  }

  void question(const Question& question) {
    name(question.name, Compression::allowed);
    u16(question.type);
    u16(class_in | (question.unicast ? high_bit : 0));
  }

  void record(const Record& record) {
    name(record.name, Compression::allowed);
    u16(static_cast<std::size_t>(type_of(record)));
    u16(class_in | (record.flush ? high_bit : 0));
    u32(record.ttl);
    const auto size_at = out_.size();
    u16(0);
    std::visit([this](const auto& data) { this->data(data); }, record.data);
    const auto size = out_.size() - size_at - 2;
    GOOP_ASSERT(size <= 0xffff);
    out_[size_at] = static_cast<std::uint8_t>(size >> 8);
    out_[size_at + 1] = static_cast<std::uint8_t>(size & 0xff);
  }

  Bytes take() { return std::move(out_); }

 private:
  static RecordType type_of(const Record& record) {
    switch (record.data.index()) {
      case 0:
        return RecordType::ptr;
      case 1:
        return RecordType::srv;
      case 2:
        return RecordType::txt;
      default:
        return std::get<IpAddress>(record.data).is_v4() ? RecordType::a : RecordType::aaaa;
    }
  }

  void data(const Pointer& pointer) { name(pointer.target, Compression::allowed); }
  void data(const Service& service) {
    u16(service.priority);
    u16(service.weight);
    u16(service.port);
    name(service.target, Compression::none);
  }
  void data(const Texts& texts) {
    if (texts.strings.empty()) u8(0);  // RFC 6763 6.1: no TXT is empty
    for (const auto& text : texts.strings) {
      GOOP_ASSERT(text.size() <= limits::dns_txt_bytes);
      u8(text.size());
      append(out_, text);
    }
  }
  void data(const IpAddress& address) {
    if (address.is_v4()) {
      append(out_, address.to_v4().to_bytes());
    } else {
      append(out_, address.to_v6().to_bytes());
    }
  }

  Bytes out_;
  std::unordered_map<std::string, std::size_t> names_;  // where each (part of a) name stands
};

}  // namespace

Result<Message> read_message(BytesView bytes) {
  Reader reader(bytes);
  Message message;
  GOOP_TRY(message.id, reader.u16());
  GOOP_TRY(const auto flags, reader.u16());
  if ((flags & opcode_mask) != 0) return fail(Errc::invalid, "not a query");
  message.response = (flags & response_flag) != 0;
  message.authoritative = (flags & authoritative_flag) != 0;
  std::array<std::size_t, 4> counts;
  std::size_t all = 0;
  for (auto& count : counts) {
    GOOP_TRY(count, reader.u16());
    all += count;
  }
  if (all > limits::dns_records) return fail(Errc::too_large, "{} records", all);
  for (std::size_t i = 0; i < counts[0]; ++i) {
    GOOP_TRY(auto question, reader.question());
    if (question) message.questions.push_back(std::move(*question));
  }
  GOOP_TRY(message.answers, read_section(reader, counts[1]));
  GOOP_TRY(const auto authorities, read_section(reader, counts[2]));
  message.authorities = counts[2];
  GOOP_TRY(message.additional, read_section(reader, counts[3]));
  return message;
}

Bytes write_message(const Message& message) {
  Writer writer;
  writer.u16(message.id);
  writer.u16((message.response ? response_flag : 0) |
             (message.authoritative ? authoritative_flag : 0));
  writer.u16(message.questions.size());
  writer.u16(message.answers.size());
  writer.u16(0);
  writer.u16(message.additional.size());
  for (const auto& question : message.questions) writer.question(question);
  for (const auto& record : message.answers) writer.record(record);
  for (const auto& record : message.additional) writer.record(record);
  return writer.take();
}

}  // namespace goop::p2p::discovery
