// Between the C library and whoever calls it: what system_faults.cpp decides for interposed.cpp.
#pragma once

#include <string>

#include "testing/faults/system_faults.h"

namespace goop::testing {

void interpose(bool on);  // off: every call goes straight to the C library

// errno for this call, or 0: it is made. `path` relative to the descriptor `directory`.
int error_for_path(Call call, int directory, const char* path);
int error_for_file(Call call, int fd);
int error_for_network(Call call);

void alter_stat_of(int fd, struct stat& info);
std::string name_on_disk(int directory, const char* path);

}  // namespace goop::testing
