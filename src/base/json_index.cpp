#include "base/json_index.h"

#include "base/json.h"

namespace goop::json {
namespace {

class Scanner {
 public:
  Scanner(std::string_view text, std::size_t depth) : text_(text), depth_(depth) {}

  std::vector<Member> run() {
    skip_blanks();
    value();
    return std::move(members_);
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  void string() {
    for (++at_; at_ < text_.size() && here() != '"'; ++at_) at_ += here() == '\\';
    at_ = std::min(at_ + 1, text_.size());
  }

  void value() {
    if (here() == '{' && path_.size() < depth_) return object();
    // Whatever it is: to the comma or bracket that ends it.
    for (std::size_t open = 0; at_ < text_.size();) {
      switch (here()) {
        case '"':
          string();
          continue;
        case '{':
        case '[':
          ++open;
          break;
        case '}':
        case ']':
          if (open == 0) return;
          --open;
          break;
        case ',':
          if (open == 0) return;
          break;
        default:
          break;
      }
      ++at_;
    }
  }

  void object() {
    ++at_;
    for (skip_blanks(); here() == '"'; skip_blanks()) {
      const std::size_t key_begin = at_;
      string();
      const auto key = parse_as<std::string>(text_.substr(key_begin, at_ - key_begin));
      path_.push_back(key.value_or(""));
      skip_blanks();
      ++at_;  // ':'
      skip_blanks();
      const std::size_t place = members_.size();
      members_.push_back({path_, key_begin, at_, at_, here() == '{'});
      value();
      const auto last = text_.find_last_not_of(" \t\r\n", at_ - 1);
      members_[place].end = last == text_.npos ? at_ : last + 1;
      path_.pop_back();
      skip_blanks();
      at_ += here() == ',';
    }
    at_ += here() == '}';
  }

  std::string_view text_;
  std::size_t depth_;
  std::size_t at_ = 0;
  std::vector<std::string> path_;
  std::vector<Member> members_;
};

}  // namespace

std::vector<Member> index_members(std::string_view text, std::size_t depth) {
  return Scanner(text, depth).run();
}

}  // namespace goop::json
