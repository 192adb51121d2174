# SPDX-License-Identifier: Apache-2.0
# examples/<name>.cpp becomes bin/ingot-<name>; examples/support/ holds what several of them share.
ingot_find_package(CLI11 libcli11-dev INGOT_PROGRAMS)                    # options
ingot_find_package(fmt libfmt-dev INGOT_PROGRAMS)                        # formatted output
ingot_find_package(nlohmann_json nlohmann-json3-dev INGOT_PROGRAMS)      # JSON written
ingot_find_module(libedit libedit libedit-dev INGOT_PROGRAMS)            # line editing and history

add_library(ingot_program_support STATIC examples/support/libraries.cpp examples/support/fetch_model.cpp)
target_include_directories(ingot_program_support PUBLIC examples "${PROJECT_BINARY_DIR}/programs")
target_compile_definitions(ingot_program_support PUBLIC INGOT_COMPILER="${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
                                                           INGOT_ACQUIRE=$<BOOL:${INGOT_ACQUIRE}>)
target_link_libraries(ingot_program_support PUBLIC $<TARGET_NAME_IF_EXISTS:ingot_acquire> ingot_runtime ingot_warnings CLI11::CLI11 fmt::fmt nlohmann_json::nlohmann_json
                                                   PkgConfig::libedit)

# What ingot-bench --micro prints: each benchmark with the line that says what it measures.
set(microbenchmarks "")
file(GLOB_RECURSE benchmark_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/benchmarks" benchmarks/*_bench.cpp)
foreach(file IN LISTS benchmark_files)
  string(REGEX REPLACE "/" "." name "${file}")
  string(REGEX REPLACE "_bench.cpp$" "" name "${name}")
  file(STRINGS "${PROJECT_SOURCE_DIR}/benchmarks/${file}" lines LIMIT_COUNT 2)
  list(GET lines 1 measures)
  string(REGEX REPLACE "^// " "" measures "${measures}")
  string(APPEND microbenchmarks "bench.${name}\n    ${measures}\n")
endforeach()
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/programs/microbenchmarks.hpp" @ONLY CONTENT
     "#pragma once\ninline constexpr char microbenchmarks[] = R\"(${microbenchmarks})\";\n")

file(GLOB program_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/examples" examples/*.cpp)
if(NOT INGOT_ACQUIRE)
  list(REMOVE_ITEM program_files examples/download.cpp)
endif()
set(INGOT_PROGRAM_TARGETS "")
foreach(file IN LISTS program_files)
  string(REGEX REPLACE ".cpp$" "" name "${file}")
  add_executable(ingot-${name} examples/${file})
  target_link_libraries(ingot-${name} PRIVATE ingot_program_support)
  target_compile_options(ingot-${name} PRIVATE $<$<CONFIG:Release>:-O2>)  # the kernels are in the runtime; -O3 takes a fifth longer
  set_target_properties(ingot-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  list(APPEND INGOT_PROGRAM_TARGETS ingot-${name})
endforeach()
add_custom_target(programs DEPENDS ${INGOT_PROGRAM_TARGETS})
