// Registration with its database, its mail and its webhook, in virtual time.
#include "rendezvous/registration/registration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http/server.h"
#include "net/http/target.h"
#include "rendezvous/registration/mail_text.h"
#include "rendezvous/registration/rows.h"
#include "testing/files/temp_folder.h"
#include "testing/sim/sim_network.h"
#include "testing/sim/sim_runtime.h"

namespace goop::rendezvous::registration {
namespace {

using net::mail::Address;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::array schema{store::Migration(create_table), store::Migration(create_recipients)};

class RegistrationTest : public ::testing::Test {
 protected:
  RegistrationTest() {
    options.required = true;
    options.console = [this](std::string_view text) { console.emplace_back(text); };
  }
  ~RegistrationTest() override { shut(); }

  void open() {
    database = std::make_unique<store::Database>(rt);
    rt.wait(database->open(file, schema));
    registration = std::make_unique<Registration>(rt, here, options);
    rt.wait(registration->open(*database));
  }
  void shut() {
    if (!registration) return;
    rt.wait(registration->stop());
    rt.wait(database->close());
    registration.reset();
  }
  void restart() {
    shut();
    open();
  }

  Registration::Asked ask(std::string_view email, std::string_view client = "198.51.100.7") {
    Registration::Wish wish{Address::parse(email).value(), "en", "https://town.example",
                            asio::ip::make_address(client)};
    return rt.wait(registration->ask(std::move(wish)));
  }
  Result<std::string> confirm(std::string token) {
    return rt.wait(registration->confirm(std::move(token)));
  }
  // The token of the newest link on the console.
  std::string token() const {
    const std::string_view text = console.back();
    const auto at = text.find("token=") + 6;
    return net::http::percent_decode(text.substr(at, text.find('\n', at) - at)).value();
  }
  bool shows(std::string email, std::string with) const {
    wire::PresenceMessage message;
    message.presence.email = std::move(email);
    message.verification_token = std::move(with);
    return registration->shows(message);
  }
  template <class Job>
  void in_database(Job job) {
    store::Connection connection(file);
    job(connection);
  }

  sim::SimRuntime rt{7};
  sim::SimInternet internet{rt};
  sim::SimHost& here = internet.add_host("192.0.2.1");
  testing::TempFolder folder;
  std::filesystem::path file = folder / "peers.db";
  Options options;
  std::vector<std::string> console;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Registration> registration;
};

TEST_F(RegistrationTest, shows_who_followed_the_link_and_has_the_token_also_after_a_restart) {
  open();
  EXPECT_FALSE(ask("Ann@example.org").refused);
  ASSERT_EQ(console.size(), 1u);
  EXPECT_THAT(console[0], HasSubstr("https://town.example/verify?token="));
  EXPECT_THAT(console[0], HasSubstr("ann@example.org"));
  const auto secret = token();
  EXPECT_EQ(secret.size(), 44u);
  EXPECT_FALSE(shows("ann@example.org", secret));

  restart();  // the link is on disk
  EXPECT_EQ(registration->look(secret).standing, Registry::Standing::open);
  EXPECT_EQ(confirm(secret).value(), "ann@example.org");
  EXPECT_TRUE(shows("ann@example.org", secret));
  restart();
  EXPECT_TRUE(shows("ANN@example.org", secret));
  EXPECT_FALSE(shows("ann@example.org", "something"));
  EXPECT_EQ(confirm(secret).value(), "ann@example.org");  // once more is fine
}

TEST_F(RegistrationTest, an_address_told_beside_the_signed_part_counts) {
  open();
  ask("ann@example.org");
  confirm(token()).value();
  wire::PresenceMessage message;
  message.registration_email = "ann@example.org";
  message.verification_token = token();
  EXPECT_TRUE(registration->shows(message));
  message.presence.email = "ann@example.org";
  message.registration_email = "eve@example.org";
  EXPECT_FALSE(registration->shows(message));
}

TEST_F(RegistrationTest, keeps_no_token_on_disk) {
  open();
  ask("ann@example.org");
  confirm(token()).value();
  rt.run_for(1min);
  ask("ann@example.org");
  ask("bob@example.org");
  shut();
  in_database([&](store::Connection& connection) {
    connection.each("SELECT email, token, next_token FROM registrations ORDER BY email",
                    [&](const store::Row& row) {
                      EXPECT_EQ(row.text(1).substr(0, 7), "sha256:");
                      EXPECT_EQ(row.text(1).size(), 7u + 64);
                      EXPECT_EQ(row.text(2).size(), row.text(0)[0] == 'a' ? 71u : 0u);
                    });
  });
  open();  // both links still open
  for (const auto& text : {console[1], console[2]}) {
    const auto at = text.find("token=") + 6;
    const auto secret = net::http::percent_decode(text.substr(at, text.find('\n', at) - at));
    EXPECT_TRUE(confirm(*secret));
  }
}

TEST_F(RegistrationTest, a_database_of_the_reference_program_goes_on) {
  in_database([](store::Connection& connection) {
    connection.script(
        "CREATE TABLE registrations(email TEXT PRIMARY KEY, token TEXT NOT NULL,"
        " created_at INTEGER NOT NULL, verified_at INTEGER DEFAULT 0, metadata TEXT DEFAULT '{}');"
        "INSERT INTO registrations VALUES('Ann@Example.org', 'anns token', 5, 6, '{\"a\":1}');"
        "INSERT INTO registrations VALUES('ann@example.org', 'another', 5, 0, '{}');"
        "INSERT INTO registrations VALUES('no address', 'x', 5, 6, '{}')");
  });
  open();
  EXPECT_TRUE(shows("ann@example.org", "anns token"));
  EXPECT_FALSE(shows("ann@example.org", "another"));
  EXPECT_EQ(registration->registry().size(), 1u);
  EXPECT_EQ(registration->registry().find("ann@example.org")->metadata, "{\"a\":1}");
  shut();
  // That program had the file once more: what it wrote is taken over, too.
  in_database([](store::Connection& connection) {
    connection.run(
        "INSERT INTO registrations(email, token, created_at, verified_at)"
        " VALUES('bob@example.org', 'bobs token', 7, 8)");
  });
  open();
  EXPECT_TRUE(shows("ann@example.org", "anns token"));
  EXPECT_TRUE(shows("bob@example.org", "bobs token"));
}

TEST_F(RegistrationTest, a_client_gets_some_links_an_hour_and_one_back_for_each_that_is_followed) {
  open();
  const auto most = static_cast<int>(limits::asks_per_hour);
  for (int i = 0; i < most; ++i) EXPECT_FALSE(ask(fmt::format("p{}@example.org", i)).refused);
  const auto refused = ask("x@example.org");
  ASSERT_TRUE(refused.refused);
  EXPECT_EQ(refused.refused->code, Errc::busy);
  EXPECT_NEAR(std::chrono::duration<double>(refused.retry_after).count(), 3600.0 / most, 1);
  EXPECT_FALSE(ask("x@example.org", "198.51.100.8").refused);
  EXPECT_EQ(console.size(), most + 1u);

  console.pop_back();
  confirm(token()).value();
  EXPECT_FALSE(ask("y@example.org").refused);
  EXPECT_TRUE(ask("z@example.org").refused);
  rt.run_for(12min);
  EXPECT_FALSE(ask("z@example.org").refused);
}

TEST_F(RegistrationTest, asking_twice_costs_no_second_mail_and_says_nothing) {
  open();
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(ask("ann@example.org").refused);
  EXPECT_EQ(console.size(), 1u);
  confirm(token()).value();
  rt.run_for(1min);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(ask("ann@example.org").refused);
  EXPECT_EQ(console.size(), 2u);
}

TEST_F(RegistrationTest, a_third_person_gets_few_mails_whoever_asks_and_across_restarts) {
  open();
  const auto ask_all_day = [this](int day) {
    for (int i = 0; i < 24 * 60; ++i) {  // each from an address of its own
      const auto refused =
          ask("victim@example.org", fmt::format("10.{}.{}.1", 10 * day + i / 200, i % 200)).refused;
      EXPECT_FALSE(refused);  // and nobody is told
      rt.run_for(1min);
      if (i % 480 == 240) restart();
    }
  };
  ask_all_day(1);
  EXPECT_EQ(console.size(), limits::mails_a_day);
  for (int day = 2; day <= 4; ++day) ask_all_day(day);
  EXPECT_LE(console.size(), limits::mails_a_day + 3);  // one a day from then on
  rt.run_for(limits::recipient_life);
  EXPECT_FALSE(ask("victim@example.org").refused);
  const auto before = console.size();
  rt.run_for(1min);
  ask("victim@example.org");
  EXPECT_EQ(console.size(), before + 1);  // forgotten, and so as at first
}

TEST_F(RegistrationTest, whether_somebody_else_was_mailed_cannot_be_told_from_ones_own_budget) {
  open();
  ask("ann@example.org", "198.51.100.1");
  const auto asks_until_refused = [this](std::string_view email, std::string_view client) {
    int count = 0;
    while (!ask(email, client).refused && count < 50) ++count;
    return count;
  };
  // Of an address that was mailed a moment ago on another's wish, and of unknown ones.
  const auto known = asks_until_refused("ann@example.org", "203.0.113.1");
  EXPECT_EQ(known, static_cast<int>(limits::asks_per_hour));
}

TEST_F(RegistrationTest, a_network_gets_some_links_an_hour_whatever_its_addresses) {
  open();
  int taken = 0;
  for (int i = 0; i < 60; ++i) {
    taken += !ask(fmt::format("p{}@example.org", i), fmt::format("198.51.100.{}", i)).refused;
  }
  EXPECT_EQ(taken, static_cast<int>(limits::asks_per_network));
  EXPECT_FALSE(ask("x@example.org", "198.51.101.1").refused);
}

TEST_F(RegistrationTest, a_token_is_no_option_of_a_command) {
  open();
  for (int i = 0; i < 400; ++i) {
    ask(fmt::format("p{}@example.org", i), fmt::format("198.{}.{}.1", i / 200, i % 200));
    EXPECT_NE(token().front(), '-');
  }
  EXPECT_EQ(console.size(), 400u);
}

TEST_F(RegistrationTest, forgets_links_that_nobody_followed) {
  open();
  ask("ann@example.org");
  ask("bob@example.org");
  confirm(token()).value();
  rt.run_for(limits::link_life + limits::prune_every);
  EXPECT_EQ(registration->registry().size(), 1u);
  restart();
  EXPECT_EQ(registration->registry().size(), 1u);
}

TEST_F(RegistrationTest, a_link_that_nobody_knows_is_not_found) {
  open();
  EXPECT_EQ(confirm("no such token").error().code, Errc::not_found);
  EXPECT_EQ(confirm("").error().code, Errc::not_found);
}

// --- the webhook ---

class WebhookTest : public RegistrationTest {
 protected:
  WebhookTest() {
    options.webhook = net::http::HttpUrl::parse("http://192.0.2.9:80/hook?x=1").value();
    auto listener = operators.listen({operators.address(), 80}, {});
    server.serve(std::move(*listener));
  }
  ~WebhookTest() override {
    shut();
    rt.wait(server.stop(Deadline::after(rt.now(), 1s)));
  }

  Task<net::http::Response> take(net::http::Request& request) {
    if (takes > Duration::zero()) co_await rt.sleep_for(takes);
    auto reading = request.read_body(4096, Deadline::after(rt.now(), 5s));
    const auto body = co_await std::move(reading);
    told.push_back(fmt::format("{} {} {}", request.target_text,
                               request.field("Content-Type").value_or(""), as_text(*body)));
    net::http::Response response(status);
    response.text("text/plain", answer);
    co_return response;
  }

  int status = 200;
  std::string answer;
  Duration takes{};
  std::vector<std::string> told;
  sim::SimHost& operators = internet.add_host("192.0.2.9");
  net::http::Server server{rt, {}, [this](net::http::Request& request) { return take(request); }};
};

TEST_F(WebhookTest, is_told_once_of_each_verified_address) {
  open();
  ask("ann@example.org");
  rt.run_for(1s);
  EXPECT_TRUE(told.empty());
  confirm(token()).value();
  const auto at = to_ms(rt.wall());
  confirm(token()).value();
  rt.run_for(1s);
  EXPECT_THAT(told, ElementsAre(fmt::format("/hook?x=1 application/json "
                                            "{{\"email\":\"ann@example.org\",\"verified_at\":{}}}",
                                            at)));
}

TEST_F(WebhookTest, that_fails_changes_nothing_and_is_not_repeated) {
  status = 500;
  open();
  ask("ann@example.org");
  confirm(token()).value();
  rt.run_for(1h);
  EXPECT_EQ(told.size(), 1u);
  EXPECT_TRUE(shows("ann@example.org", token()));
}

TEST_F(WebhookTest, that_does_not_answer_is_left_after_its_time_for_the_next) {
  takes = 1h;
  Webhook webhook(rt, here, *options.webhook);
  webhook.start();
  webhook.tell("ann@example.org", 1);
  webhook.tell("bob@example.org", 2);
  rt.run_for(limits::webhook_time + 1s);
  EXPECT_EQ(webhook.counters().failed, 1u);
  rt.run_for(limits::webhook_time);
  EXPECT_EQ(webhook.counters().failed, 2u);
  rt.wait(webhook.stop());
}

TEST_F(WebhookTest, an_answer_that_is_too_long_is_not_read_to_its_end) {
  Webhook webhook(rt, here, *options.webhook);
  webhook.start();
  answer = std::string(limits::webhook_answer, 'x');
  webhook.tell("ann@example.org", 1);
  rt.run_for(1s);
  EXPECT_EQ(webhook.counters().told, 1u);
  answer += 'x';
  webhook.tell("bob@example.org", 2);
  rt.run_for(1s);
  EXPECT_EQ(webhook.counters().failed, 1u);
  rt.wait(webhook.stop());
}

TEST_F(WebhookTest, has_a_bounded_queue) {
  Webhook webhook(rt, here, *options.webhook);
  for (std::size_t i = 0; i < limits::webhooks; ++i) webhook.tell("ann@example.org", 1);
  EXPECT_EQ(webhook.counters().dropped, 0u);
  webhook.tell("bob@example.org", 2);
  EXPECT_EQ(webhook.counters().dropped, 1u);
  webhook.start();
  rt.run_for(1min);
  EXPECT_EQ(told.size(), limits::webhooks);
  rt.wait(webhook.stop());
}

// --- what the mail says ---

TEST(InvitationText, has_the_link_and_the_token_in_both_parts) {
  const Invitation invitation{Address::parse("ann@example.org").value(), "en",
                              "https://town.example", "ab_c-d=="};
  const auto mail = mail_of(invitation);
  for (const auto& part : {mail.text, mail.html}) {
    EXPECT_THAT(part, HasSubstr("https://town.example/verify?token=ab_c-d%3D%3D"));
    EXPECT_THAT(part, HasSubstr("ab_c-d=="));
    EXPECT_THAT(part, HasSubstr("24 hours"));
    EXPECT_THAT(part, HasSubstr("goop2 config set DIR profile.verification_token ab_c-d=="));
    EXPECT_THAT(part, Not(HasSubstr("{")));
  }
  EXPECT_THAT(mail.html, HasSubstr("<a href=\"https://town.example/verify?token=ab_c-d%3D%3D\">"));
}

TEST(InvitationText, has_commands_in_which_an_address_is_one_word) {
  EXPECT_EQ(commands_of("ann.lee+x@example.org", "t"),
            "goop2 config set DIR profile.email ann.lee+x@example.org\n"
            "goop2 config set DIR profile.verification_token t");
  EXPECT_TRUE(
      commands_of("o'n$(x)&il@example.org", "t")
          .starts_with("goop2 config set DIR profile.email 'o'\\''n$(x)&il@example.org'\n"));
}

TEST(InvitationText, is_there_in_dutch_and_escapes_what_is_not_ours) {
  const Invitation invitation{Address::parse("a&b@example.org").value(), "nl",
                              "https://town.example/<x>", "t"};
  const auto mail = mail_of(invitation);
  EXPECT_THAT(mail.text, HasSubstr("24 uur"));
  EXPECT_THAT(mail.html, HasSubstr("lang=\"nl\""));
  EXPECT_THAT(mail.html, HasSubstr("a&amp;b@example.org"));
  EXPECT_THAT(mail.html, Not(HasSubstr("<x>")));
}

}  // namespace
}  // namespace goop::rendezvous::registration
