#include "testing/files/temp_folder.h"

#include <stdlib.h>

#include <fstream>
#include <iterator>

#include "base/error.h"

namespace goop::testing {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "goop-test-XXXXXX").string();
  GOOP_ASSERT(::mkdtemp(name.data()));
  path_ = std::filesystem::canonical(name);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TempFolder::put(std::string_view path, std::string_view text) const {
  std::filesystem::create_directories((path_ / path).parent_path());
  std::ofstream(path_ / path, std::ios::binary) << text;
}

std::string TempFolder::get(std::string_view path) const {
  std::ifstream file(path_ / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

unsigned TempFolder::mode(std::string_view path) const {
  return static_cast<unsigned>(std::filesystem::status(path_ / path).permissions()) & 07777;
}

}  // namespace goop::testing
