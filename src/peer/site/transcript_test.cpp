// The examples of docs/dev/protocols/site.md, byte for byte.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "codec/compress.h"
#include "peer/site/server.h"
#include "peer/site/site_test_kit.h"

namespace goop::peer::site {
namespace {

struct Transcript {
  std::string version, sent, expected;
};

Bytes unescaped(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      append(bytes, text.substr(i, 1));
    } else if (text[i + 1] == 'x') {
      append(bytes, from_hex(text.substr(i + 2, 2)).value());
      i += 3;
    } else {
      append(bytes, text[i + 1] == 'n' ? "\n" : text.substr(i + 1, 1));
      ++i;
    }
  }
  return bytes;
}

std::vector<Transcript> transcripts() {
  constexpr std::string_view fence = "```transcript ";
  std::ifstream page(GOOP_SOURCE_DIR "/docs/dev/protocols/site.md");
  std::vector<Transcript> all;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(fence)) {
      all.push_back({line.substr(fence.size()), {}, {}});
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      Transcript& now = all.back();
      (line.starts_with("> ") ? now.sent : now.expected) += to_text(unescaped(line.substr(2)));
    }
  }
  return all;
}

struct ExamplesOfThePage : testing::Test {
  sim::SimRuntime runtime;
  MemorySite site;
  SiteServer server{runtime, site};

  ExamplesOfThePage() {
    site.files["index.html"] = to_bytes("<h1>Hello</h1>");
    site.files["data.txt"] = to_bytes("0123456789");
    site.files["blog/"] = to_bytes("unused");
    site.errors["lua/secret.lua"] = site.errors[".env"] = {Errc::forbidden, ""};
    std::string css;
    for (int i = 0; i < 8; ++i) css += "p{color:red}\n";
    site.files["style.css"] = to_bytes(css);
  }

  std::string answers(const Transcript& transcript) {
    auto [near, far] = sim::narrow_pipe(runtime);
    runtime.wait(near->write(as_bytes(transcript.sent), Deadline::never()));
    near->close();
    runtime.wait(transcript.version == "1.0.0" ? server.serve_v1(*far, test_peer(1))
                                               : server.serve_v2(*far, test_peer(1)));
    far->close();
    return to_text(runtime.wait(p2p::read_to_end(*near, 1 << 20, Deadline::never())));
  }
};

TEST_F(ExamplesOfThePage, Our_owner_answers_as_the_page_says) {
  // The compressed form is the page's own: any that unpacks to the file would do.
  for (const Transcript& transcript : transcripts()) {
    const std::size_t body = transcript.expected.find("encoding: br\n");
    if (body == std::string::npos) continue;
    site.packed["style.css"] = to_bytes(std::string_view(transcript.expected).substr(body + 13));
  }
  EXPECT_EQ(codec::unpack(codec::Coding::br, site.packed["style.css"], 1000),
            site.files["style.css"]);

  std::size_t versions[2] = {0, 0};
  for (const Transcript& transcript : transcripts()) {
    EXPECT_EQ(answers(transcript), transcript.expected) << transcript.sent;
    ++versions[transcript.version == "2.0.0"];
  }
  EXPECT_GE(versions[0], 4u);
  EXPECT_GE(versions[1], 5u);
}

}  // namespace
}  // namespace goop::peer::site
