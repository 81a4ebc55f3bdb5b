# goop_module(NAME [DEPS …] [LIBS …] [TEST_DEPS …]) declares the folder it is called from as one
# module: the static library goop_NAME from its *.cpp (protobuf schemas included) and, from its
# *_test.cpp, the test program NAME_test. DEPS are other modules by name, LIBS third-party targets
# that stay private to this module; goop_pch is the one precompiled header of all modules.

add_library(goop_pch STATIC ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
target_link_libraries(goop_pch PUBLIC goop_boost fmt::fmt)
target_precompile_headers(goop_pch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h)

function(goop_use_pch target)
  target_link_libraries(${target} PRIVATE goop_boost fmt::fmt)
  target_precompile_headers(${target} REUSE_FROM goop_pch)
endfunction()

function(goop_module name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS;PUBLIC_LIBS;TEST_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  file(GLOB tests CONFIGURE_DEPENDS *_test.cpp)
  file(GLOB protos CONFIGURE_DEPENDS *.proto)
  list(REMOVE_ITEM sources ${tests} "")

  if(NOT sources)
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cpp "")
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cpp)
  endif()
  add_library(goop_${name} STATIC ${sources})
  target_include_directories(goop_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  list(TRANSFORM ARG_DEPS PREPEND goop_ OUTPUT_VARIABLE deps)
  target_link_libraries(goop_${name} PUBLIC goop_boost fmt::fmt ${deps} ${ARG_PUBLIC_LIBS}
                                     PRIVATE ${ARG_LIBS})
  goop_use_pch(goop_${name})

  foreach(proto ${protos})
    get_filename_component(stem ${proto} NAME_WE)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${stem}.pb)
    add_custom_command(OUTPUT ${out}.cc ${out}.h
      COMMAND protobuf::protoc --cpp_out=${CMAKE_CURRENT_BINARY_DIR} -I${CMAKE_CURRENT_SOURCE_DIR}
              ${proto}
      DEPENDS ${proto} VERBATIM)
    target_sources(goop_${name} PRIVATE ${out}.cc ${out}.h)
    set_source_files_properties(${out}.cc PROPERTIES SKIP_PRECOMPILE_HEADERS ON
      COMPILE_OPTIONS "-Wno-error;-w")
    target_include_directories(goop_${name} SYSTEM PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
    target_link_libraries(goop_${name} PRIVATE protobuf::libprotobuf-lite)
  endforeach()

  if(tests)
    goop_test(${name}_test SOURCES ${tests} DEPS ${name} ${ARG_TEST_DEPS})
    if(protos)
      target_include_directories(${name}_test SYSTEM PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
      target_link_libraries(${name}_test PRIVATE protobuf::libprotobuf-lite)
    endif()
  endif()
endfunction()

# goop_test(NAME SOURCES … DEPS …): a GoogleTest program; each of its tests is one ctest test.
function(goop_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPS PREPEND goop_ OUTPUT_VARIABLE deps)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${deps} ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE GOOP_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  goop_use_pch(${name})
  add_test(NAME ${name}${GOOP_TEST_SUFFIX} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name}${GOOP_TEST_SUFFIX} PROPERTIES TIMEOUT 300 LABELS unit)
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${CMAKE_SOURCE_DIR}
             OUTPUT_VARIABLE folder)
  if(folder MATCHES "${GOOP_CORE}")
    set_property(GLOBAL APPEND PROPERTY GOOP_CORE_TESTS ${name})
    set_property(GLOBAL APPEND PROPERTY GOOP_CORE_FOLDERS ${CMAKE_CURRENT_BINARY_DIR})
  endif()
endfunction()

set(GOOP_CORE "^(src|testing|tests/sim)(/|$)")

# The target core_tests, and a folder core/ in which ctest runs just those.
function(goop_write_core_tests)
  get_property(tests GLOBAL PROPERTY GOOP_CORE_TESTS)
  get_property(folders GLOBAL PROPERTY GOOP_CORE_FOLDERS)
  add_custom_target(core_tests)
  if(tests)
    add_dependencies(core_tests ${tests})
  endif()
  list(REMOVE_DUPLICATES folders)
  list(JOIN folders "\"\n  \"" lines)
  file(WRITE ${CMAKE_BINARY_DIR}/core/CTestTestfile.cmake "subdirs(\n  \"${lines}\")\n")
endfunction()
