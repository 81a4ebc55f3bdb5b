#include "rendezvous/hub.h"

#include "base/supervised.h"

namespace goop::rendezvous {

Hub::Hub(Runtime& runtime, Board& board, std::string boot)
    : runtime_(runtime),
      board_(board),
      ids_(std::move(boot)),
      news_(runtime),
      tasks_(runtime, "hub"),
      shared_{runtime, tasks_, [this] { wake(); }} {
  for (std::size_t format = 0; format < formats; ++format) {
    for (std::size_t audience = 0; audience < audiences; ++audience) {
      channels_.push_back({static_cast<Format>(format), static_cast<Audience>(audience)});
    }
  }
  snapshots_.resize(channels_.size());
  flushed_ = runtime.now() - limits::flush_pace;
}

Channel& Hub::channel(Format format, Audience audience) {
  return channels_[static_cast<std::size_t>(format) * audiences +
                   static_cast<std::size_t>(audience)];
}

std::size_t Hub::readers(Format format) const {
  const auto first = static_cast<std::size_t>(format) * audiences;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < audiences; ++i) sum += channels_[first + i].readers.size();
  return sum;
}

// --- news ---

void Hub::tell(std::span<const Change> changes) {
  for (const auto& change : changes) {
    ++(change.kind == Change::Kind::beat ? counters_.beats : counters_.told);
    encode(change);
  }
}

void Hub::wake() {
  dirty_ = true;
  news_.notify_all();
}

void Hub::encode(const Change& change) {
  const bool is_beat = change.kind == Change::Kind::beat;
  std::array<std::string, audiences> texts;
  std::size_t told = 0;
  const auto id = is_beat ? std::string() : ids_.text(change.number);
  for (auto& channel : channels_) {
    if (channel.readers.empty() || (is_beat && is_delta(channel.format))) continue;
    auto& text = texts[static_cast<std::size_t>(channel.audience)];
    if (text.empty()) text = text_for(*change.message, channel.audience);
    append_presence(channel.log.pending(), channel.format, id, text);
    counters_.deliveries += channel.readers.size();
    told = std::max(told, text.size());
  }
  board_.count_told(told);
  if (told > 0) wake();
  if (!is_beat) remember(change, sizeof(Past) + change.message->envelope.size() + 512);
}

void Hub::remember(const Change& change, std::size_t bytes) {
  history_.push_back({change.number, change.message, bytes});
  history_bytes_ += bytes;
  while (history_.size() > limits::resume_events || history_bytes_ > limits::resume_bytes) {
    history_bytes_ -= history_.front().bytes;
    history_.pop_front();
  }
}

Task<> Hub::run() {
  for (const bool sockets : {false, true}) {
    const Duration pause = sockets ? limits::ws_ping : limits::sse_ping;
    auto ping = [this, pause, sockets] { return ping_every(pause, sockets); };
    tasks_.spawn(supervised(runtime_, "hub pings", std::move(ping)));
  }
  auto flushing = supervised(runtime_, "hub", [this] { return flush_on(); });
  co_await std::move(flushing);
}

Task<> Hub::flush_on() {
  for (;;) {
    while (!dirty_) {
      co_await news_.wait_until(Deadline::never());
    }
    if (runtime_.now() < flushed_ + limits::flush_pace) {
      co_await runtime_.sleep_until({flushed_ + limits::flush_pace});
    }
    flushed_ = runtime_.now();
    dirty_ = false;
    for (auto& channel : channels_) {
      channel.log.flush();
      co_await serve(channel);
    }
  }
}

// From the back: who leaves meanwhile has its place taken by one that was served already.
Task<> Hub::serve(Channel& channel) {
  std::size_t served = 0;
  for (auto i = channel.readers.size(); i-- > 0;) {
    if (i >= channel.readers.size()) continue;
    const auto reader = channel.readers[i];
    reader->pump();
    if (reader->lags()) help_lagging(*reader);
    if (++served % limits::turn == 0) co_await runtime_.yield();
  }
}

Task<> Hub::ping_every(Duration pause, bool sockets) {
  for (;;) {
    co_await runtime_.sleep_for(pause);
    for (auto& channel : channels_) {
      if (channel.readers.empty() || is_socket(channel.format) != sockets) continue;
      append_ping(channel.log.pending(), channel.format);
    }
    wake();
  }
}

void Hub::finish_all() {
  for (auto& channel : channels_) {
    channel.log.flush();
    for (const auto& reader : channel.readers) reader->finish();
  }
}

Task<> Hub::stop() {
  for (auto& channel : channels_) {
    for (const auto& reader : channel.readers) reader->end();
  }
  co_await tasks_.close();
}

// --- readers ---

std::shared_ptr<Subscriber> Hub::add(std::unique_ptr<net::ByteStream> stream,
                                     const net::IpAddress& client) {
  ++readers_;
  return std::make_shared<Subscriber>(shared_, std::move(stream), client);
}

void Hub::list(Subscriber& reader, Channel& channel) {
  // What is under way was told before this reader came, and its snapshot has it.
  if (channel.log.flush()) wake();
  reader.channel_ = &channel;
  reader.place_ = channel.readers.size();
  channel.readers.push_back(reader.shared_from_this());
  reader.follow(&channel.log);
}

void Hub::unlist(Subscriber& reader) {
  auto* channel = std::exchange(reader.channel_, nullptr);
  reader.follow(nullptr);
  if (!channel) return;
  auto& readers = channel->readers;
  readers.back()->place_ = reader.place_;
  std::swap(readers[reader.place_], readers.back());
  readers.pop_back();
}

void Hub::begin(Subscriber& reader, Format format, Audience audience,
                std::optional<std::uint64_t> resume_after) {
  list(reader, channel(format, audience));
  if (!is_delta(format) || !resume_after) {
    send_snapshot(reader);
  } else if (!resume(reader, *resume_after)) {
    help_lagging(reader);
  }
  reader.pump();
}

void Hub::change_audience(Subscriber& reader, Audience audience) {
  if (!reader.channel_ || reader.channel_->audience == audience) return;
  const auto format = reader.channel_->format;
  if (reader.channel_->log.flush()) wake();
  reader.pump();
  unlist(reader);
  list(reader, channel(format, audience));
  if (is_delta(format)) send_snapshot(reader);
  reader.pump();
}

void Hub::change_audience(const net::IpAddress& client, Audience audience) {
  for (auto& channel : channels_) {
    if (channel.audience == audience) continue;
    std::vector<std::shared_ptr<Subscriber>> moving;
    const auto moves = [&](const auto& reader) {
      return !reader->who.proven && reader->who.client == client;
    };
    std::ranges::copy_if(channel.readers, std::back_inserter(moving), moves);
    for (const auto& reader : moving) change_audience(*reader, audience);
  }
}

void Hub::remove(Subscriber& reader) {
  unlist(reader);
  reader.end();
  --readers_;
}

// --- what comes before news ---

const Hub::Snapshot& Hub::snapshot(Channel& channel) {
  auto& made = snapshots_[static_cast<std::size_t>(&channel - channels_.data())];
  const auto now = runtime_.now();
  const bool fresh = made.made != Instant{} && made.number == board_.last_number() &&
                     now - made.made < limits::snapshot_age;
  if (fresh) return made;
  made = {{}, board_.last_number(), now};
  Bytes bytes;
  append_snapshot_mark(bytes, channel.format, board_.size());
  for (const auto& [peer, row] : board_.rows()) {
    append_presence(bytes, channel.format, {}, text_for(*row.message, channel.audience));
    if (bytes.size() < limits::chunk_bytes) continue;
    made.chunks.push_back(std::make_shared<const Bytes>(std::move(bytes)));
    bytes = {};
  }
  append_ready_mark(bytes, channel.format, ids_.text(made.number));
  if (!bytes.empty()) made.chunks.push_back(std::make_shared<const Bytes>(std::move(bytes)));
  ++counters_.snapshots;
  return made;
}

void Hub::send_snapshot(Subscriber& reader) { reader.send_all(snapshot(*reader.channel_).chunks); }

bool Hub::resume(Subscriber& reader, std::uint64_t after) {
  const auto last = board_.last_number();
  if (after > last || last - after > history_.size()) return false;
  const auto& channel = *reader.channel_;
  Bytes bytes;
  for (auto i = history_.size() - static_cast<std::size_t>(last - after); i < history_.size();
       ++i) {
    const auto& past = history_[i];
    append_presence(bytes, channel.format, ids_.text(past.number),
                    text_for(*past.message, channel.audience));
  }
  append_ready_mark(bytes, channel.format, ids_.text(last));
  reader.send_all({std::make_shared<const Bytes>(std::move(bytes))});
  ++counters_.resumed;
  return true;
}

void Hub::help_lagging(Subscriber& reader) {
  ++counters_.gaps;
  auto& channel = *reader.channel_;
  reader.follow(&channel.log);
  if (is_delta(channel.format)) {
    Bytes mark;
    append_gap_mark(mark, channel.format);
    reader.send_all({std::make_shared<const Bytes>(std::move(mark))});
    send_snapshot(reader);
  }
  reader.pump();
}

}  // namespace goop::rendezvous
