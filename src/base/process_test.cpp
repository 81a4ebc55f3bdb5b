#include "base/process.h"

#include <gtest/gtest.h>

namespace goop {
namespace {

TEST(Process, says_how_much_memory_it_uses) {
  EXPECT_GT(resident_bytes(), 1u << 20);
  EXPECT_LT(resident_bytes(), std::size_t{1} << 40);
}

}  // namespace
}  // namespace goop
