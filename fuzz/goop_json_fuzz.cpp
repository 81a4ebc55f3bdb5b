// deps: peer_setup
//
// goop.json: reading never fails but by its list of problems, and changing a value leaves a file
// that can be read, with that value and without new problems.
#include "base/bytes.h"
#include "peer/setup/config_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace setup = goop::peer::setup;
  auto file = setup::ConfigFile::parse(goop::to_text({data, size}), "goop.json");
  (void)file.usable();
  (void)file.show(setup::ShowOrigin::yes);
  for (const auto& warning : file.warnings()) (void)file.describe(warning);
  const auto problems = file.problems().size();
  if (file.set("profile.label", "fuzz")) {
    const auto again = setup::ConfigFile::parse(file.text(), "goop.json");
    GOOP_ASSERT(again.values().profile.label == "fuzz");
    GOOP_ASSERT(again.problems().size() <= problems);
  }
  return 0;
}
