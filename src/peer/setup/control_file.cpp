#include "peer/setup/control_file.h"

#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "peer/setup/limits.h"

namespace goop::peer::setup {

BOOST_DESCRIBE_STRUCT(ControlFile, (), (pid, url, token))

std::string control_text(ControlFile control) {
  control.pid = ::getpid();
  return json::write_pretty(json::to_value(control)) + "\n";
}

Result<void> write_control(const store::Folder& folder, const ControlFile& control) {
  GOOP_CHECK(folder.make_directories("data", 0700));
  return folder.write_atomic(control_name, as_bytes(control_text(control)), 0600);
}

void remove_control(const store::Folder& folder) {
  const auto removed = folder.remove(control_name);
  if (!removed && removed.error().code != Errc::not_found) {
    log::warn("control.not_removed", {{"error", removed.error()}});
  }
}

Result<ControlFile> read_control(const store::Folder& folder) {
  GOOP_TRY(const Bytes bytes, folder.read(control_name, limits::control_bytes));
  return json::parse_as<ControlFile>(as_text(bytes));
}

}  // namespace goop::peer::setup
