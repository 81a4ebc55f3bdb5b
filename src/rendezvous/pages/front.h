// The front page: what this server is, who is here, how to join.
//
// A stranger reads it. So it names only peers that have signed that they want to be listed, by
// their label and id, and nobody's addresses or e-mail. What it shows of the board is gathered
// once in a while and shared by all readers.
//
// Borrows: Runtime, Board, Options.   Thread: loop only.   Limits: limits.h, "pages"
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rendezvous/board.h"
#include "rendezvous/server.h"

namespace goop::rendezvous {

struct FrontWords;

class FrontPage {
 public:
  using Urls = std::function<std::vector<std::string>()>;  // how others reach this server

  FrontPage(Runtime& runtime, const Board& board, const Options& options, Urls connect_urls);

  std::string title(std::string_view language) const;
  std::string body(std::string_view language);  // HTML

 private:
  struct Listed {
    std::string label, id;
  };
  struct View {
    Instant made;
    std::size_t peers;  // all of them
    std::vector<Listed> listed;
    std::size_t more;  // listed, but over the cap
    std::vector<std::string> urls;
  };
  const View& view();
  std::string who_is_here(const FrontWords& words);
  std::string how_to_join(const FrontWords& words);
  View look() const;

  Runtime& runtime_;
  const Board& board_;
  const Options& options_;
  Urls connect_urls_;
  std::optional<View> view_;
};

}  // namespace goop::rendezvous
