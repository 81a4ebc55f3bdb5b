// A folder of one test, empty at first and gone with the test.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace goop::testing {

class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view more) const { return path_ / more; }

  // Makes the directories on the way.
  void put(std::string_view path, std::string_view text) const;
  std::string get(std::string_view path) const;  // "" when there is none
  unsigned mode(std::string_view path) const;    // permission bits

 private:
  std::filesystem::path path_;
};

}  // namespace goop::testing
