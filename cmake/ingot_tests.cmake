# SPDX-License-Identifier: Apache-2.0
# tests/<room>/<header>_test.cpp becomes the executable test.<room>.<header> and the test <room>.<header>.
ingot_find_package(doctest doctest-dev INGOT_TESTS)                      # the test framework
ingot_find_package(Python3 python3 INGOT_TESTS)                          # checks written as scripts
ingot_find_package(Eigen3 libeigen3-dev INGOT_TESTS)                     # float reference products

add_library(test_support INTERFACE)
target_include_directories(test_support INTERFACE tests)
target_include_directories(test_support SYSTEM INTERFACE $<TARGET_PROPERTY:Eigen3::Eigen,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_options(test_support INTERFACE -UNDEBUG)                  # asserts stay
target_compile_definitions(test_support INTERFACE
  INGOT_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden"                  # committed fixtures
  INGOT_MODEL_DIR="${PROJECT_SOURCE_DIR}/models"                         # real models; a test without its model skips
  INGOT_PROGRAM_DIR="${PROJECT_BINARY_DIR}/bin")
target_link_libraries(test_support INTERFACE ingot_runtime ingot_warnings doctest::doctest)

add_library(test_main OBJECT tests/support/main.cpp)                     # doctest's own code, compiled once
target_link_libraries(test_main PUBLIC test_support)

# Building the tests takes longer than running them: parsers are tested without optimization, arithmetic with a little.
function(ingot_test_level file result)
  if(file MATCHES "^(kernels|model)/")
    set(${result} O1 PARENT_SCOPE)
  else()
    set(${result} O0 PARENT_SCOPE)
  endif()
endfunction()

if(INGOT_PRECOMPILE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # GCC 12 forgets that <string> is a system header once it is precompiled
    target_compile_options(test_support INTERFACE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/precompiled.cpp" CONTENT "")
  foreach(level O0 O1)
    add_library(test_precompiled_${level} OBJECT "${PROJECT_BINARY_DIR}/precompiled.cpp")
    target_link_libraries(test_precompiled_${level} PUBLIC test_support)
    target_compile_options(test_precompiled_${level} PRIVATE -${level})
    target_compile_options(test_precompiled_${level} PRIVATE $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)  # or ccache never hits
    target_precompile_headers(test_precompiled_${level} PRIVATE <algorithm> <array> <cmath> <filesystem> <fstream> <functional> <memory> <optional>
                              <random> <span> <sstream> <string> <string_view> <unordered_map> <variant> <vector> <doctest/doctest.h> <simdjson.h>)
  endforeach()
endif()

file(GLOB_RECURSE test_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tests" tests/*_test.cpp)
list(FILTER test_files EXCLUDE REGEX "^(fuzz|consumer|compile_fail|golden)/")
foreach(file IN LISTS test_files)
  string(REGEX REPLACE "/" "." name "${file}")
  string(REGEX REPLACE "_test.cpp$" "" name "${name}")
  add_executable(test.${name} tests/${file})
  target_link_libraries(test.${name} PRIVATE test_main)
  ingot_test_level("${file}" level)
  target_compile_options(test.${name} PRIVATE -${level})
  set(isa "")
  if(file MATCHES "^kernels/isa/(.+)_test.cpp$")
    set(isa "${CMAKE_MATCH_1}")
  endif()
  if(INGOT_ISA_FLAGS_${isa})
    target_compile_options(test.${name} PRIVATE ${INGOT_ISA_FLAGS_${isa}})  # and so without the precompiled headers
  elseif(INGOT_PRECOMPILE)
    target_precompile_headers(test.${name} REUSE_FROM test_precompiled_${level})
  endif()
  set_target_properties(test.${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND test.${name})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()

# The programs printed in README.md compile and link.
if(EXISTS "${PROJECT_SOURCE_DIR}/README.md")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS README.md)
  execute_process(COMMAND ${Python3_EXECUTABLE} tests/readme/extract.py README.md "${PROJECT_BINARY_DIR}/readme"
                  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE examples OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" examples "${examples}")
  foreach(example IN LISTS examples)
    cmake_path(GET example STEM name)
    add_executable(readme.${name} "${example}")
    target_link_libraries(readme.${name} PRIVATE ingot_runtime ingot_warnings)
    target_compile_options(readme.${name} PRIVATE -O0)
    set_target_properties(readme.${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  endforeach()
endif()
