#include "base/process.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>

namespace goop {
namespace {

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

// What may be written is no copy of the file any more: it stays.
int give_back_object(dl_phdr_info* object, std::size_t, void*) {
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W)) continue;
    const auto at = object->dlpi_addr + segment.p_vaddr;
    const auto begin = at - at % page_bytes();
    ::madvise(reinterpret_cast<void*>(begin), at + segment.p_memsz - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");  // proc(5): total and resident size, in pages
  std::size_t total = 0, resident = 0;
  if (!(file >> total >> resident)) return 0;
  return resident * page_bytes();
}

void give_back_startup_pages() { ::dl_iterate_phdr(give_back_object, nullptr); }

}  // namespace goop
