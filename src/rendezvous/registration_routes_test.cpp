// A server that shows only who has registered: its pages, and who is seen.
#include <gmock/gmock.h>

#include "net/http/target.h"
#include "rendezvous/server_test_kit.h"
#include "testing/files/temp_folder.h"

namespace goop::rendezvous {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RegistrationTown : public TownTest {
 protected:
  explicit RegistrationTown(bool with_database = true) : TownTest(wishes()) {
    shut();
    options_.registration.console = [this](std::string_view text) { console.emplace_back(text); };
    if (with_database) options_.peer_db = folder / "peers.db";
    open();
  }
  ~RegistrationTown() override { shut(); }

  static Options wishes() {
    auto options = roomy();
    options.registration.required = true;
    options.external_url = "https://town";
    return options;
  }

  Reader form(std::string target, std::string_view body, std::string more = {}) {
    auto fields = fmt::format(
        "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
        "Content-Length: {}\r\n{}\r\n{}",
        body.size(), more, body);
    return listen(home, std::move(target), std::move(fields), "POST");
  }
  std::string token() const {
    const auto at = console.back().find("token=") + 6;
    const auto end = console.back().find('\n', at);
    return net::http::percent_decode(console.back().substr(at, end - at)).value();
  }
  std::string registered(std::string_view email) {
    EXPECT_EQ(form("/register", fmt::format("email={}", email))->status(), 200);
    const auto secret = token();
    const auto body = fmt::format("token={}", net::http::percent_encode(secret));
    EXPECT_EQ(form("/verify", body)->status(), 200);
    return secret;
  }
  wire::PresenceMessage message(Person& who, std::string email, std::string secret) {
    auto told = signed_at(who, rt.wall());
    told.registration_email = std::move(email);
    told.verification_token = std::move(secret);
    return told;
  }

  testing::TempFolder folder;
  std::vector<std::string> console;
  Person mira = person(1), noor = person(2);
};

TEST_F(RegistrationTown, nobody_sees_who_has_not_registered) {
  const auto reading = listen(school, "/events");
  EXPECT_EQ(say(home, mira).status, 204);
  EXPECT_EQ(say_unsigned(home, noor).status, 204);
  pass(1s);
  EXPECT_EQ(server->board().size(), 0u);
  EXPECT_EQ(reading->count("data:"), 0u);
  EXPECT_EQ(socket(home, mira)->status(), 425);
}

TEST_F(RegistrationTown, an_address_and_its_token_make_a_peer_seen) {
  const auto secret = registered("mira@example.org");
  const auto reading = listen(school, "/events");
  post(home, wire::write_presence(message(mira, "Mira@example.org", secret)));
  post(home, wire::write_presence(message(noor, "noor@example.org", secret)));
  pass(1s);
  EXPECT_EQ(server->board().size(), 1u);
  EXPECT_EQ(reading->count(mira.id.to_string()), 1u);
  EXPECT_TRUE(reading->has("\"verified\":true"));
  EXPECT_FALSE(reading->has(secret));
  EXPECT_FALSE(reading->has("example.org"));  // told to the server alone
  EXPECT_FALSE(reading->has(noor.id.to_string()));
}

TEST_F(RegistrationTown, a_client_of_the_reference_program_registers_in_the_same_way) {
  const auto secret = registered("mira@example.org");
  auto told = unsigned_at(mira, rt.wall());
  told.presence.email = "mira@example.org";
  EXPECT_EQ(post(home, wire::write_presence(told)).status, 204);
  EXPECT_EQ(server->board().size(), 0u);
  told.verification_token = secret;
  EXPECT_EQ(post(home, wire::write_presence(told)).status, 204);
  EXPECT_EQ(server->board().size(), 1u);
}

TEST_F(RegistrationTown, says_to_the_sender_what_is_missing) {
  const auto reading = listen(home, "/publish",
                              fmt::format("Content-Length: {}\r\n\r\n{}",
                                          wire::write_presence(signed_at(mira, rt.wall())).size(),
                                          wire::write_presence(signed_at(mira, rt.wall()))),
                              "POST");
  EXPECT_THAT(reading->text, HasSubstr("X-Goop-Registration: required\r\n"));
}

TEST_F(RegistrationTown, who_has_a_socket_hears_it_with_the_next_message) {
  shut();
  options_.registration.required = false;
  open();
  say(home, mira);
  shut();  // and is switched on while mira runs; the database still has her
  options_.registration.required = true;
  open();
  const auto own = socket(home, mira, true);
  ASSERT_EQ(own->status(), 101);
  say(own, mira);
  EXPECT_TRUE(own->has(R"({"event":"refused","code":"registration",)"));
  EXPECT_FALSE(own->over);
}

TEST_F(RegistrationTown, who_leaves_needs_no_token) {
  const auto secret = registered("mira@example.org");
  post(home, wire::write_presence(message(mira, "mira@example.org", secret)));
  ASSERT_EQ(server->board().size(), 1u);
  pass(1s);
  mira.type = wire::PresenceType::offline;
  EXPECT_EQ(say(home, mira).status, 204);
  EXPECT_EQ(server->board().size(), 0u);
}

TEST_F(RegistrationTown, its_figures_are_told) {
  registered("mira@example.org");
  say(home, mira);
  const auto figures = get(home, "/metrics").body;
  EXPECT_THAT(figures, HasSubstr("goop_rendezvous_registrations 1\n"));
  EXPECT_THAT(figures, HasSubstr("goop_rendezvous_registrations_verified_total 1\n"));
  EXPECT_THAT(figures, HasSubstr("goop_rendezvous_messages_unregistered_total 1\n"));
}

TEST_F(RegistrationTown, a_flood_of_the_unregistered_costs_no_signature_and_no_room) {
  for (int i = 0; i < 200; ++i) say(home, mira);
  EXPECT_EQ(server->board().size(), 0u);
  EXPECT_EQ(server->board().ended_size(), 0u);
  EXPECT_THAT(get(home, "/metrics").body, HasSubstr("signatures_checked_total 0\n"));
}

TEST_F(RegistrationTown, its_pages_lead_through_and_a_look_at_the_link_changes_nothing) {
  EXPECT_THAT(get(home, "/register").body, HasSubstr("<form method=\"post\" action=\"/register\""));
  const auto sent = form("/register", "email=mira%40example.org");
  EXPECT_EQ(sent->status(), 200);
  EXPECT_THAT(sent->text, HasSubstr("Ask for your link"));  // no mail goes out here
  EXPECT_THAT(console.back(), HasSubstr("https://town/verify?token="));
  const auto target = "/verify?token=" + net::http::percent_encode(token());
  for (int i = 0; i < 3; ++i) {
    const auto page = get(home, target);
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("<form method=\"post\" action=\"/verify\">"));
  }
  EXPECT_THAT(get(home, "/api/capabilities").body, HasSubstr("\"registration\":true"));
  const auto body = "token=" + net::http::percent_encode(token());
  const auto done = form("/verify", body);
  EXPECT_THAT(done->text, HasSubstr("profile.verification_token " + token()));
  EXPECT_THAT(get(home, target).body, HasSubstr("profile.verification_token"));
}

TEST_F(RegistrationTown, a_form_from_another_sites_page_is_refused) {
  EXPECT_EQ(form("/register", "email=a@b.org", "Origin: https://evil.example\r\n")->status(), 403);
  EXPECT_EQ(form("/register", "email=a@b.org", "Origin: null\r\n")->status(), 403);
  EXPECT_EQ(form("/verify", "token=x", "Sec-Fetch-Site: cross-site\r\n")->status(), 403);
  EXPECT_EQ(form("/register", "email=a@b.org", "Sec-Fetch-Site: same-origin\r\n")->status(), 200);
  EXPECT_EQ(console.size(), 1u);
}

TEST_F(RegistrationTown, a_browser_tells_where_its_form_comes_from) {
  // With `no-referrer` the form of our own page would come from "null".
  const auto reading = listen(home, "/register", "Connection: close\r\n");
  EXPECT_THAT(reading->text, HasSubstr("Referrer-Policy: same-origin\r\n"));
}

TEST_F(RegistrationTown, the_link_never_leads_where_a_request_says) {
  listen(home, "/register",
         "X-Forwarded-Host: evil.example\r\nContent-Type: application/x-www-form-urlencoded\r\n"
         "Content-Length: 15\r\n\r\nemail=a%40b.org",
         "POST");
  ASSERT_EQ(console.size(), 1u);
  EXPECT_THAT(console[0], Not(HasSubstr("evil")));
}

TEST_F(RegistrationTown, its_pages_are_in_the_navigation) {
  EXPECT_THAT(get(home, "/register").body,
              HasSubstr("<a href=\"/register\" aria-current=\"page\">Register</a>"));
}

class WithoutDatabase : public RegistrationTown {
 protected:
  WithoutDatabase() : RegistrationTown(false) {}
};

TEST_F(WithoutDatabase, nobody_can_register_and_nobody_is_seen) {
  EXPECT_EQ(get(home, "/register").status, 503);
  EXPECT_EQ(get(home, "/verify?token=x").status, 503);
  EXPECT_EQ(form("/register", "email=a@b.org")->status(), 503);
  EXPECT_EQ(form("/verify", "token=x")->status(), 503);
  say(home, mira);
  EXPECT_EQ(server->board().size(), 0u);
}

class NoRegistration : public TownTest {};

TEST_F(NoRegistration, has_no_pages_for_it) {
  EXPECT_EQ(get(home, "/register").status, 404);
  EXPECT_EQ(get(home, "/verify?token=x").status, 404);
  EXPECT_THAT(get(home, "/api/capabilities").body, HasSubstr("\"registration\":false"));
}

}  // namespace
}  // namespace goop::rendezvous
