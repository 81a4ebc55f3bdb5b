// The server's pages as a stranger with a browser sees them.
#include <gmock/gmock.h>

#include "rendezvous/server_test_kit.h"

namespace goop::rendezvous {
namespace {

using testing::HasSubstr;
using testing::Not;

const AssetSet& some_assets() {
  static const Asset files[] = {{"assets/icon.svg", "image/svg+xml", as_bytes("<svg/>"), {}, "11"},
                                {"assets/site.css", "text/css", as_bytes("p{color:red}"),
                                 as_bytes("packed"), "0123456789abcdef0123456789abcdef00"},
                                {"index.html", "text/html", as_bytes("shell"), {}, "00"}};
  static const AssetSet set(files);
  return set;
}
const AssetSet& some_manual() {
  static const Asset files[] = {
      {"README.md", "text/markdown", as_bytes("# The book\n\n[One](one.md)\n"), {}, "00"},
      {"one.md", "text/markdown", as_bytes("# One\n\nport 8787\n"), {}, "00"}};
  static const AssetSet set(files);
  return set;
}

struct Pages : TownTest {
  explicit Pages(Options options = with()) : TownTest(std::move(options)) {}
  static Options with() {
    auto options = roomy();
    options.assets = &some_assets();
    options.manual = &some_manual();
    options.version = "9.9";
    return options;
  }
  Person nora = person(1), ben = person(2);

  void arrive(Person& who, const std::string& label, bool listed) {
    auto presence = signed_at(who, rt.wall()).presence;
    presence.label = label;
    presence.listed = listed;
    presence.email = "secret@example.org";
    const auto message = wire::sign_presence(who.key, presence);
    EXPECT_EQ(post(home, wire::write_presence(message)).status, 204);
    pass(limits::front_age + 1s);
  }
  std::string front() { return get(stranger, "/").body; }
  // With its head, over a connection that then ends.
  std::string whole(std::string target, std::string fields = {}) {
    return listen(stranger, std::move(target), fields + "Connection: close\r\n")->text;
  }
};

TEST_F(Pages, the_front_page_names_only_who_wants_to_be_listed) {
  arrive(nora, "Nora's garden", true);
  arrive(ben, "Ben the hidden", false);
  const auto page = front();
  EXPECT_THAT(page, HasSubstr("2 peers are here now."));
  EXPECT_THAT(page, HasSubstr("Nora&#39;s garden"));
  EXPECT_THAT(page, Not(HasSubstr("Ben the hidden")));
  EXPECT_THAT(page, Not(HasSubstr(ben.id.to_string())));
}

TEST_F(Pages, the_front_page_tells_no_addresses_and_no_email) {
  arrive(nora, "Nora", true);
  EXPECT_FALSE(signed_at(nora, rt.wall()).presence.addresses.empty());
  EXPECT_THAT(front(), Not(HasSubstr("/ip4/")));
  EXPECT_THAT(front(), Not(HasSubstr("secret@example.org")));
}

TEST_F(Pages, who_has_not_signed_is_not_listed) {
  auto message = unsigned_at(ben, rt.wall());
  message.presence.label = "Somebody";
  message.presence.listed = true;
  EXPECT_EQ(post(home, wire::write_presence(message)).status, 204);
  pass(limits::front_age + 1s);
  EXPECT_THAT(front(), HasSubstr("One peer is here now."));
  EXPECT_THAT(front(), Not(HasSubstr("Somebody")));
}

TEST_F(Pages, a_hostile_label_is_text) {
  arrive(nora, "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>", true);
  EXPECT_THAT(front(), HasSubstr("&lt;script&gt;alert(1)"));
  EXPECT_THAT(front(), Not(HasSubstr("<script>")));
  EXPECT_THAT(front(), Not(HasSubstr("<img src=x")));
}

TEST_F(Pages, the_front_page_is_looked_up_once_in_a_while_for_all_readers) {
  EXPECT_THAT(front(), HasSubstr("Nobody is here"));
  say(home, nora);
  EXPECT_THAT(front(), HasSubstr("Nobody is here"));
  pass(limits::front_age + 1s);
  EXPECT_THAT(front(), HasSubstr("One peer is here now."));
}

TEST_F(Pages, the_front_page_lists_so_many_and_counts_the_others) {
  for (std::size_t i = 0; i < limits::front_listed + 3; ++i) {
    auto who = person(static_cast<std::uint8_t>(i));
    auto presence = signed_at(who, rt.wall()).presence;
    presence.listed = true;
    post(client(static_cast<int>(i)), wire::write_presence(wire::sign_presence(who.key, presence)));
  }
  pass(limits::front_age + 1s);
  const auto page = front();
  EXPECT_THAT(page, HasSubstr("And 3 more."));
  std::size_t items = 0;
  for (auto at = page.find("<li><span"); at != page.npos; at = page.find("<li><span", at + 1))
    ++items;
  EXPECT_EQ(items, limits::front_listed);
}

TEST_F(Pages, the_front_page_says_how_to_join_in_a_line_to_copy) {
  EXPECT_THAT(front(), HasSubstr("<code>goop2 peer my-site --server http://192.0.2.1:8787</code>"));
  EXPECT_THAT(front(), HasSubstr("data-qr=\"http://192.0.2.1:8787\""));
  EXPECT_THAT(front(), HasSubstr("href=\"/docs/\""));
}

TEST_F(Pages, the_words_are_in_the_readers_language) {
  EXPECT_THAT(whole("/", "Accept-Language: nl-BE, en;q=0.5\r\n"), HasSubstr("<html lang=\"nl\">"));
  EXPECT_THAT(whole("/", "Accept-Language: nl-BE, en;q=0.5\r\n"), HasSubstr("Wie er is"));
  EXPECT_THAT(whole("/"), HasSubstr("Who is here"));
}

TEST_F(Pages, pages_run_nothing_but_the_servers_own_script_and_stand_in_no_frame) {
  for (const auto* target : {"/", "/docs/", "/docs/one", "/docs/none"}) {
    const auto page = whole(target);
    EXPECT_THAT(page, HasSubstr("Content-Security-Policy: default-src 'none'; style-src 'self'; "
                                "img-src 'self'; script-src 'self'; form-action 'self'; "
                                "base-uri 'none'; frame-ancestors 'none'\r\n"));
    EXPECT_THAT(page, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(page, HasSubstr("Referrer-Policy: same-origin\r\n"));
    for (const auto* part : {"<style", " style=", "<script>", " onclick"}) {
      EXPECT_THAT(page, Not(HasSubstr(part))) << target;
    }
  }
}

TEST_F(Pages, the_manual_is_here_with_search) {
  EXPECT_EQ(get(home, "/docs").status, 308);
  EXPECT_THAT(get(home, "/docs/").body, HasSubstr("<h1 id=\"the-book\">"));
  EXPECT_THAT(get(home, "/docs/one").body, HasSubstr("port 8787"));
  EXPECT_THAT(get(home, "/docs/search?q=por").body, HasSubstr("<mark>por</mark>t"));
  EXPECT_EQ(get(home, "/docs/two").status, 404);
  EXPECT_EQ(get(home, "/docs/one/").status, 404);
}

TEST_F(Pages, files_come_compressed_and_once) {
  const auto file = whole("/assets/site.css");
  EXPECT_THAT(file, HasSubstr("Content-Type: text/css\r\n"));
  EXPECT_THAT(file, HasSubstr("p{color:red}"));
  EXPECT_THAT(file, HasSubstr("ETag: \"0123456789abcdef0123456789abcdef\"\r\n"));
  EXPECT_THAT(whole("/assets/site.css", "Accept-Encoding: gzip, br\r\n"),
              HasSubstr("Content-Encoding: br\r\n"));
  EXPECT_THAT(whole("/assets/site.css", "If-None-Match: \"0123456789abcdef0123456789abcdef\"\r\n"),
              HasSubstr("HTTP/1.1 304"));
}

TEST_F(Pages, only_files_of_the_folder_for_them_are_served) {
  for (const auto* target : {"/assets/", "/assets/none.css", "/assets/index.html",
                             "/assets/site.css/", "/assets/SITE.CSS"}) {
    EXPECT_EQ(get(home, target).status, 404) << target;
  }
}

TEST_F(Pages, an_unknown_path_is_a_page_for_a_browser_and_json_for_a_program) {
  const auto page = whole("/nope", "Accept: text/html,*/*;q=0.8\r\nAccept-Language: nl\r\n");
  EXPECT_THAT(page, HasSubstr("HTTP/1.1 404"));
  EXPECT_THAT(page, HasSubstr("Content-Type: text/html"));
  EXPECT_THAT(page, HasSubstr("Hier is niets"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  const auto json = whole("/nope/<script>");
  EXPECT_THAT(json, HasSubstr("HTTP/1.1 404"));
  EXPECT_THAT(json, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(json, HasSubstr(R"({"error":"not found"})"));
}

TEST_F(Pages, names_of_the_reference_programs_manual_lead_to_ours_or_are_not_there) {
  EXPECT_THAT(whole("/docs/overview"), HasSubstr("Location: /docs/\r\n"));
  EXPECT_THAT(whole("/docs/quickstart"), HasSubstr("Location: /docs/first-steps\r\n"));
  EXPECT_EQ(get(home, "/docs/executor").status, 404);
}

TEST_F(Pages, the_icon_is_there_for_browsers_that_guess_its_name) {
  const auto icon = whole("/favicon.ico");
  EXPECT_THAT(icon, HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(icon, HasSubstr("Content-Type: image/svg+xml"));
  EXPECT_THAT(icon, HasSubstr("<svg/>"));
}

TEST_F(Pages, nothing_leads_to_pages_that_are_switched_off) {
  EXPECT_THAT(front(), Not(HasSubstr("href=\"/admin\"")));
  EXPECT_THAT(front(), Not(HasSubstr("href=\"/register\"")));
}

struct OperatedPages : Pages {
  OperatedPages() : Pages(operated()) {}
  static Options operated() {
    auto options = with();
    options.admin_password = "a long password";
    options.external_url = "https://town.example";
    options.reference_clients = false;
    return options;
  }
};

TEST_F(OperatedPages, the_operators_page_is_linked_where_there_is_one) {
  EXPECT_THAT(front(), HasSubstr("href=\"/admin\""));
}

TEST_F(OperatedPages, the_address_to_join_is_the_external_one) {
  EXPECT_THAT(front(), HasSubstr("--server https://town.example</code>"));
  EXPECT_THAT(front(), Not(HasSubstr("192.0.2.1")));
}

TEST_F(OperatedPages, it_says_to_whom_addresses_are_told) {
  EXPECT_THAT(front(), HasSubstr("have proven it"));
}

struct RegisteredPages : Pages {
  RegisteredPages() : Pages(registered()) {}
  static Options registered() {
    auto options = with();
    options.registration.required = true;
    return options;
  }
};

TEST_F(RegisteredPages, registration_is_linked_where_it_is_required) {
  const auto page = front();
  EXPECT_THAT(page, HasSubstr("<a href=\"/register\">Register</a>"));
  EXPECT_THAT(page, HasSubstr("when its e-mail address is confirmed. <a href=\"/register\">"));
}

struct BarePages : Pages {
  BarePages() : Pages(roomy()) {}
};

TEST_F(BarePages, without_files_the_server_still_answers) {
  EXPECT_EQ(get(home, "/").status, 200);
  EXPECT_EQ(get(home, "/docs/").status, 404);
  EXPECT_EQ(get(home, "/assets/site.css").status, 404);
}

}  // namespace
}  // namespace goop::rendezvous
