# SPDX-License-Identifier: Apache-2.0
# examples/<name>.cpp becomes bin/ingot-<name>; examples/support/ holds what several of them share.
ingot_find_package(CLI11 libcli11-dev INGOT_PROGRAMS)                    # options
ingot_find_package(fmt libfmt-dev INGOT_PROGRAMS)                        # formatted output
ingot_find_package(nlohmann_json nlohmann-json3-dev INGOT_PROGRAMS)      # JSON written
ingot_find_module(libedit libedit libedit-dev INGOT_PROGRAMS)            # line editing and history

add_library(ingot_program_support INTERFACE)
target_include_directories(ingot_program_support INTERFACE examples)
target_compile_definitions(ingot_program_support INTERFACE INGOT_COMPILER="${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
target_link_libraries(ingot_program_support INTERFACE ingot_runtime ingot_warnings CLI11::CLI11 fmt::fmt nlohmann_json::nlohmann_json
                                                      PkgConfig::libedit)

file(GLOB program_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/examples" examples/*.cpp)
set(INGOT_PROGRAM_TARGETS "")
foreach(file IN LISTS program_files)
  string(REGEX REPLACE ".cpp$" "" name "${file}")
  add_executable(ingot-${name} examples/${file})
  target_link_libraries(ingot-${name} PRIVATE ingot_program_support)
  set_target_properties(ingot-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  list(APPEND INGOT_PROGRAM_TARGETS ingot-${name})
endforeach()
add_custom_target(programs DEPENDS ${INGOT_PROGRAM_TARGETS})
