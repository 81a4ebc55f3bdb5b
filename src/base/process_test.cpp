#include "base/process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace goop {
namespace {

TEST(Process, says_how_much_memory_it_uses) {
  EXPECT_GT(resident_bytes(), 1u << 20);
  EXPECT_LT(resident_bytes(), std::size_t{1} << 40);
}

TEST(Process, gives_back_what_only_its_start_needed_and_goes_on) {
  const auto before = resident_bytes();
  give_back_startup_pages();
  EXPECT_LT(resident_bytes(), before - (512u << 10));
  EXPECT_EQ(std::to_string(before), fmt::format("{}", before));
}

}  // namespace
}  // namespace goop
