// The pages of registration, in English and Dutch. They work without script.
//
// Pure.
#pragma once

#include "rendezvous/pages/page.h"

namespace goop::rendezvous::registration {

// `problem`: why what was sent is not taken, above the form.
enum class Problem { none, no_address, too_many, unavailable };
Page ask_page(std::string_view language, Problem problem, int status);

Page sent_page(std::string_view language, const std::string& email, bool by_mail);
Page confirm_page(std::string_view language, const std::string& email, const std::string& token);
Page done_page(std::string_view language, const std::string& email, const std::string& token);
Page dead_link_page(std::string_view language);
Page not_needed_page(std::string_view language);

}  // namespace goop::rendezvous::registration
