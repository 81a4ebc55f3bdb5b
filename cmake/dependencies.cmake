# Every third-party library, in one place. docs/dev/decisions/0001-dependencies.md says why each.
list(PREPEND CMAKE_PROGRAM_PATH ${CMAKE_SOURCE_DIR}/build/tools/bin)  # node, npm: scripts/setup
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(GTest REQUIRED)
find_package(Protobuf REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(GCRYPT REQUIRED IMPORTED_TARGET libgcrypt)
pkg_check_modules(BROTLIENC REQUIRED IMPORTED_TARGET libbrotlienc)
pkg_check_modules(BROTLIDEC REQUIRED IMPORTED_TARGET libbrotlidec)
pkg_check_modules(CMARK REQUIRED IMPORTED_TARGET libcmark-gfm)
find_library(CMARK_EXTENSIONS cmark-gfm-extensions REQUIRED)
pkg_check_modules(NATS REQUIRED IMPORTED_TARGET libnats)
find_package(ZLIB REQUIRED)
find_package(CURL REQUIRED)  # its header: src/net/mail loads the library when it is needed
find_package(benchmark QUIET)

# Boost as every target sees it: Asio and Beast are compiled once, in base/ and net/http/.
add_library(goop_boost INTERFACE)
target_compile_definitions(goop_boost INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_USE_STD_STRING_VIEW)
target_link_libraries(goop_boost INTERFACE Boost::headers Threads::Threads)
