# goop_embed(TARGET SET name ROOT folder DEPENDS files…): the files below ROOT, inside the program.
#
# Makes the static library TARGET and the header "assets/<name>.h" with
#     const goop::AssetSet& goop::assets::<name>();
# All bytes go into one blob that the assembler takes in as it is, so building costs nothing; text
# is kept a second time, compressed with brotli. base/asset.h says what a file carries.
# DEPENDS are the files (a stamp, or the sources) whose change means that ROOT has changed.
find_program(GOOP_NODE node HINTS ${CMAKE_SOURCE_DIR}/build/tools/bin REQUIRED)

function(goop_embed target)
  cmake_parse_arguments(ARG "" "SET;ROOT" "DEPENDS" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${ARG_SET})
  set(script ${CMAKE_SOURCE_DIR}/cmake/embed_assets.mjs)
  set(made ${out}/assets.bin ${out}/assets.S ${out}/assets.cpp ${out}/assets/${ARG_SET}.h)
  add_custom_command(OUTPUT ${made}
    COMMAND ${GOOP_NODE} ${script} ${ARG_SET} ${ARG_ROOT} ${out}
    DEPENDS ${script} ${ARG_DEPENDS} VERBATIM)
  add_library(${target} STATIC ${out}/assets.S ${out}/assets.cpp)
  set_source_files_properties(${out}/assets.S PROPERTIES OBJECT_DEPENDS ${out}/assets.bin)
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src ${out})
endfunction()
