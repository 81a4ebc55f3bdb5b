#include "base/process.h"

#include <unistd.h>

#include <fstream>

namespace goop {

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");  // proc(5): total and resident size, in pages
  std::size_t total = 0, resident = 0;
  if (!(file >> total >> resident)) return 0;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace goop
