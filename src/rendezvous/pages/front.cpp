#include "rendezvous/pages/front.h"

#include "net/http/escape.h"
#include "rendezvous/limits.h"
#include "rendezvous/pages/front_words.h"
#include "rendezvous/pages/page.h"

namespace goop::rendezvous {
namespace {

using net::http::escape_html;

const FrontWords& words_in(std::string_view language) {
  return language == "nl" ? dutch_front : english_front;
}

std::string filled(std::string_view words, std::size_t number) {
  return fmt::format(fmt::runtime(words), number);
}

std::string paragraph(std::string_view text) {
  return text.empty() ? std::string() : fmt::format("<p>{}</p>\n", escape_html(text));
}

std::string join_line(std::string_view url) {
  return fmt::format("goop2 peer my-site --server {}", url);
}

bool for_this_machine(std::string_view url) {
  return url.starts_with("http://127.") || url.starts_with("http://[::1]");
}

std::string card(std::string_view title, std::string_view body, std::string_view more = {}) {
  return fmt::format("<section class=\"card{}\">\n<h2>{}</h2>\n{}</section>\n", more, title, body);
}

}  // namespace

FrontPage::FrontPage(Runtime& runtime, const Board& board, const Options& options,
                     Urls connect_urls)
    : runtime_(runtime), board_(board), options_(options), connect_urls_(std::move(connect_urls)) {}

std::string FrontPage::title(std::string_view language) const {
  return std::string(words_in(language).title);
}

const FrontPage::View& FrontPage::view() {
  if (!view_ || runtime_.now() - view_->made > limits::front_age) view_ = look();
  return *view_;
}

FrontPage::View FrontPage::look() const {
  std::vector<const wire::Presence*> listed;
  for (const auto& [peer, row] : board_.rows()) {
    if (row.is_signed && row.message->presence.listed) listed.push_back(&row.message->presence);
  }
  const auto shown = std::min(listed.size(), limits::front_listed);
  const auto name = [](const wire::Presence* peer) { return std::tie(peer->label, peer->peer); };
  const auto end = listed.begin() + static_cast<std::ptrdiff_t>(shown);
  std::ranges::partial_sort(listed, end, {}, name);
  View view{runtime_.now(), board_.size(), {}, listed.size() - shown, connect_urls_()};
  for (auto peer = listed.begin(); peer != end; ++peer) {
    view.listed.push_back({(*peer)->label, (*peer)->peer.to_string()});
  }
  return view;
}

std::string FrontPage::who_is_here(const FrontWords& words) {
  const auto& seen = view();
  if (seen.peers == 0) return paragraph(words.nobody);
  auto body =
      paragraph(seen.peers == 1 ? std::string(words.one_peer) : filled(words.peers, seen.peers));
  if (seen.listed.empty()) return body + paragraph(words.none_listed);
  body += paragraph(words.listed) + "<ul class=\"listed\">\n";
  for (const auto& peer : seen.listed) {
    const std::string_view id = peer.id;
    const auto end_of_id = id.substr(id.size() - std::min<std::size_t>(id.size(), 8));
    body += fmt::format("<li><span dir=\"auto\">{}</span> <code title=\"{}\">…{}</code></li>\n",
                        escape_html(peer.label.empty() ? "?" : peer.label), escape_html(id),
                        escape_html(end_of_id));
  }
  body += "</ul>\n";
  if (seen.more > 0) body += paragraph(filled(words.more, seen.more));
  return body + paragraph(words.visit);
}

std::string FrontPage::how_to_join(const FrontWords& words) {
  const auto& urls = view().urls;
  const auto& first = urls.front();
  auto body = fmt::format("<p>{} <a href=\"/docs/first-steps\">{}</a></p>\n",
                          escape_html(words.get), escape_html(words.first_steps));
  body += paragraph(words.one_line) + line_to_copy(join_line(first), words.copy);
  if (urls.size() > 1) body += paragraph(words.other_urls);
  for (std::size_t i = 1; i < urls.size(); ++i) {
    body += line_to_copy(join_line(urls[i]), words.copy);
  }
  if (for_this_machine(first)) body += paragraph(words.only_here);
  body += paragraph(words.settings);
  body += line_to_copy(fmt::format("goop2 config set DIR presence.rendezvous_wan {}", first),
                       words.copy);
  body += paragraph(words.restart);
  if (options_.registration.required) {
    body += fmt::format("<p>{} <a href=\"/register\">{}</a></p>\n", escape_html(words.registration),
                        escape_html(words.register_link));
  }
  body += fmt::format("<p class=\"quiet\">{}</p>\n", escape_html(words.scan));
  body += line_to_copy(first, words.copy);
  return body + fmt::format("<figure data-qr=\"{}\" data-qr-name=\"{}\"></figure>\n",
                            escape_html(first), escape_html(words.scan_name));
}

std::string FrontPage::body(std::string_view language) {
  const auto& words = words_in(language);
  auto knows = paragraph(words.knows_text) + paragraph(words.signed_text);
  knows += paragraph(options_.reference_clients ? words.compatible : words.strict);
  knows += fmt::format("<p><a href=\"/docs/\">{}</a></p>\n", escape_html(words.manual));
  return fmt::format("<h1>{}</h1>\n<p class=\"lead\">{}</p>\n<div class=\"front\">\n{}{}{}</div>\n",
                     escape_html(words.title), escape_html(words.lead),
                     card(words.here, who_is_here(words)), card(words.join, how_to_join(words)),
                     card(words.knows, knows, " wide"));
}

}  // namespace goop::rendezvous
