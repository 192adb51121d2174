# SPDX-License-Identifier: Apache-2.0
# tests/<room>/<header>_test.cpp becomes the executable test.<room>.<header> and the test <room>.<header>.
ingot_find_package(doctest doctest-dev INGOT_TESTS)                      # the test framework
ingot_find_package(Eigen3 libeigen3-dev INGOT_TESTS)                     # float reference products

add_library(test_support INTERFACE)
target_include_directories(test_support INTERFACE tests)
target_include_directories(test_support SYSTEM INTERFACE $<TARGET_PROPERTY:Eigen3::Eigen,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_options(test_support INTERFACE -O1 -UNDEBUG)              # asserts stay; -O3 would only lengthen the build
target_compile_definitions(test_support INTERFACE
  INGOT_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden"                  # committed fixtures
  INGOT_MODEL_DIR="${PROJECT_SOURCE_DIR}/models"                         # real models; a test without its model skips
  INGOT_PROGRAM_DIR="${PROJECT_BINARY_DIR}/bin")
target_link_libraries(test_support INTERFACE ingot_runtime ingot_warnings doctest::doctest)

add_library(test_main OBJECT tests/support/main.cpp)                     # doctest's own code, compiled once
target_link_libraries(test_main PUBLIC test_support)

file(GLOB_RECURSE test_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tests" tests/*_test.cpp)
list(FILTER test_files EXCLUDE REGEX "^(fuzz|consumer|compile_fail|golden)/")
foreach(file IN LISTS test_files)
  string(REGEX REPLACE "/" "." name "${file}")
  string(REGEX REPLACE "_test.cpp$" "" name "${name}")
  add_executable(test.${name} tests/${file})
  target_link_libraries(test.${name} PRIVATE test_main)
  if(file MATCHES "^kernels/isa/(.+)_test.cpp$" AND CMAKE_MATCH_1 IN_LIST INGOT_ISAS)
    target_compile_options(test.${name} PRIVATE ${INGOT_ISA_FLAGS_${CMAKE_MATCH_1}})
  endif()
  set_target_properties(test.${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND test.${name})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endforeach()
