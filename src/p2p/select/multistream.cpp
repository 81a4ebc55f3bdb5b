#include "p2p/select/multistream.h"

namespace goop::p2p {
namespace {

constexpr std::string_view refusal = "na";

// Feeds one token after the other to `on_token` until `done` says so or the bytes are used up.
template <class OnToken, class Done>
Result<std::size_t> run(TokenReader& tokens, BytesView bytes, OnToken on_token, Done done) {
  std::size_t taken = 0;
  while (!done() && taken < bytes.size()) {
    GOOP_TRY(auto step, tokens.on_bytes(bytes.subspan(taken)));
    taken += step.consumed;
    if (step.token) GOOP_CHECK(on_token(*step.token));
  }
  return taken;
}

Result<void> check_header(std::string_view token) {
  if (token == protocol::multistream.text()) return {};
  return fail(Errc::violation, "a negotiation that starts with \"{}\"", printable(token, 64));
}

}  // namespace

Result<TokenReader::Step> TokenReader::on_bytes(BytesView bytes) {
  Step step;
  auto consumed = framed_.on_bytes(bytes);
  if (!consumed) return fail(Errc::violation, "negotiation: {}", consumed.error().detail);
  step.consumed = *consumed;
  if (!framed_.complete()) return step;
  std::string token = to_text(framed_.take());
  if (!token.ends_with('\n')) return fail(Errc::violation, "a negotiation token without newline");
  token.pop_back();
  step.token = std::move(token);
  return step;
}

void append_token(Bytes& to, std::string_view text) {
  GOOP_ASSERT(text.size() < limits::select_token_bytes);
  append_uvarint(to, text.size() + 1);
  append(to, text);
  to.push_back('\n');
}

Initiator::Initiator(std::vector<ProtocolId> proposals) : proposals_(std::move(proposals)) {
  GOOP_ASSERT(!proposals_.empty());
  output_ = lazy_preamble(proposals_.front());
}

Result<std::size_t> Initiator::on_bytes(BytesView bytes) {
  return run(
      tokens_, bytes, [this](std::string_view token) { return on_token(token); },
      [this] { return done_; });
}

Result<void> Initiator::on_token(std::string_view token) {
  if (!header_seen_) {
    header_seen_ = true;
    return check_header(token);
  }
  if (token == proposed().text()) {
    done_ = true;
    return {};
  }
  if (token != refusal) {
    return fail(Errc::violation, "\"{}\" as the answer to {}", printable(token, 64), proposed());
  }
  if (next_ + 1 == proposals_.size()) {
    return fail(Errc::unsupported, "the other side does not speak {}", proposed());
  }
  append_token(output_, proposals_[++next_].text());
  return {};
}

Result<std::size_t> Responder::on_bytes(BytesView bytes) {
  return run(
      tokens_, bytes, [this](std::string_view token) { return on_token(token); },
      [this] { return agreed_.has_value(); });
}

Result<void> Responder::on_token(std::string_view token) {
  if (!header_seen_) {
    header_seen_ = true;
    GOOP_CHECK(check_header(token));
    append_token(output_, protocol::multistream.text());
    return {};
  }
  if (refused_ == limits::select_proposals) {
    return fail(Errc::violation, "more than {} proposals", limits::select_proposals);
  }
  // Anything that is not a protocol id (`ls`, other spellings) is one that we do not speak.
  auto proposed = ProtocolId::parse(token);
  if (proposed && supported_(*proposed)) {
    append_token(output_, token);
    agreed_ = std::move(*proposed);
  } else {
    append_token(output_, refusal);
    ++refused_;
  }
  return {};
}

Bytes lazy_preamble(const ProtocolId& protocol) {
  Bytes bytes;
  bytes.reserve(protocol::multistream.text().size() + protocol.text().size() + 5);
  append_token(bytes, protocol::multistream.text());
  append_token(bytes, protocol.text());
  return bytes;
}

LazyAnswer::LazyAnswer(const ProtocolId& protocol) : machine_({protocol}) {
  machine_.take_output();
}

}  // namespace goop::p2p
