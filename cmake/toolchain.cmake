# Language level, warnings, sanitizers and link speed for every target of the project.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# By hand: a precompiled header is shared between libraries and programs only at equal flags.
add_compile_options(-fPIE)
add_link_options(-pie)

set(GOOP_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (address,undefined | thread | fuzzer…)")
option(GOOP_FUZZ "Build the fuzz targets" OFF)
option(GOOP_COVERAGE "Instrument for llvm-cov" OFF)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    -Werror -fdiagnostics-color=always)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # A precompiled header must not carry its time of birth, else ccache never hits.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp" -Wno-c++20-extensions)
else()
  # GCC 12 sees dangling and uninitialised objects in coroutine frames and copies past the end of
  # temporary texts where there are none, calls a constructor's parameter for the member it sets a
  # shadow, and an assertion of GoogleTest behind an `if` an ambiguous else.
  add_compile_options(-Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-missing-field-initializers
                      -Wno-mismatched-new-delete -Wno-shadow -Wno-dangling-else -Wno-array-bounds
                      -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
endif()

if(GOOP_SANITIZE)
  # `ctest` runs several trees at once: p2p_test is release, p2p_test.asan this one.
  string(SUBSTRING ${GOOP_SANITIZE} 0 1 initial)
  set(GOOP_TEST_SUFFIX .${initial}san)
  add_compile_options(-fsanitize=${GOOP_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GOOP_SANITIZE})
endif()
if(GOOP_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

# What is shipped is hardened (tests/cli/hardening_test.py reads it from the program): addresses of
# foreign functions are read-only once they are known, calls of the C library know the size of their
# buffers, an overrun of the stack is noticed, no frame is large enough to jump over the guard page,
# indirect jumps land on marked places alone.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT GOOP_SANITIZE)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong
                      -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    add_compile_options(-fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    add_compile_options(-mbranch-protection=standard)
  endif()
  add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE})
endif()
