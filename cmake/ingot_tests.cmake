# SPDX-License-Identifier: Apache-2.0
# tests/<room>/<header>_test.cpp becomes the executable test.<room>.<header> and the test <room>.<header>.
ingot_find_package(doctest doctest-dev INGOT_TESTS)                      # the test framework
ingot_find_package(Python3 python3 INGOT_TESTS)                          # checks written as scripts

set(python_packages "PYTHONPATH=path_list_prepend:${PROJECT_BINARY_DIR}/python")  # where tools/test puts what some scripts compare with

add_library(test_support INTERFACE)
target_include_directories(test_support INTERFACE tests examples "${PROJECT_BINARY_DIR}")  # README.md's headers are in readme/ there
target_include_directories(test_support SYSTEM INTERFACE $<TARGET_PROPERTY:Eigen3::Eigen,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_options(test_support INTERFACE -UNDEBUG)                  # asserts stay
target_compile_definitions(test_support INTERFACE
  INGOT_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden"                  # committed fixtures
  INGOT_MODEL_DIR="${PROJECT_SOURCE_DIR}/models"                         # real models; a test without its model skips
  INGOT_PROGRAM_DIR="${PROJECT_BINARY_DIR}/bin")
target_link_libraries(test_support INTERFACE ingot_runtime ingot_warnings doctest::doctest)

add_library(test_main OBJECT tests/support/main.cpp)                     # doctest's own code, compiled once
target_link_libraries(test_main PUBLIC test_support)

# Building the tests takes longer than running them: parsers are tested without optimization, arithmetic with a little. What
# headers define inline is compiled once for a batch of a room's tests, not once for each (all of them: 370 instead of 1000 CPU
# seconds). A batch includes what its files include, then each file in a namespace of its own, as helpers share names.
set(INGOT_TEST_BATCH 16 CACHE STRING "Tests compiled together; 1: each alone")

# Writes <source>, the batch of test files (relative to tests/).
function(ingot_test_source source files)
  set(includes "")
  set(bodies "")
  foreach(file IN LISTS files)
    set(path "${PROJECT_SOURCE_DIR}/tests/${file}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
    cmake_path(GET path PARENT_PATH directory)
    file(STRINGS "${path}" lines REGEX "^#include ")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" beside "${line}")
      if(EXISTS "${directory}/${beside}")
        set(line "#include \"${directory}/${beside}\"")
      endif()
      list(APPEND includes "${line}")
    endforeach()
    string(REGEX REPLACE "[/.]" "_" unit "${file}")
    string(APPEND bodies "namespace ${unit} {\n#include \"${path}\"\n}\n")
  endforeach()
  list(REMOVE_DUPLICATES includes)
  list(JOIN includes "\n" includes)
  file(CONFIGURE OUTPUT "${source}" CONTENT "${includes}\n${bodies}" @ONLY)
endfunction()

# Makes the executable <target> of test files, compiled with the options that follow, and a test for each of them.
function(ingot_test_batch target files)
  ingot_test_source("${PROJECT_BINARY_DIR}/tests/${target}.cpp" "${files}")
  add_executable(${target} "${PROJECT_BINARY_DIR}/tests/${target}.cpp")
  target_link_libraries(${target} PRIVATE test_main)
  target_compile_options(${target} PRIVATE ${ARGN})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  foreach(file IN LISTS files)
    string(REGEX REPLACE "/" "." name "${file}")
    string(REGEX REPLACE "_test.cpp$" "" name "${name}")
    add_test(NAME ${name} COMMAND ${target} "--source-file=*/tests/${file}")
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
  endforeach()
endfunction()

# The kernels of AVX-VNNI once more, so encoded that a CPU with AVX-512 and without it runs them. Not with sanitizers: two minutes of
# Clang for what differs from AVX2 by one instruction.
if("avx_vnni" IN_LIST INGOT_ISAS AND NOT INGOT_SANITIZE)
  add_library(test_evex OBJECT tests/kernels/evex.cpp)
  target_link_libraries(test_evex PRIVATE ingot ingot_warnings)
  target_compile_options(test_evex PRIVATE -O1 ${INGOT_ISA_FLAGS_avx_vnni} ${light_checks})
endif()

file(GLOB_RECURSE test_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tests" tests/*_test.cpp)
list(FILTER test_files EXCLUDE REGEX "^(fuzz|consumer|compile_fail|golden)/")
set(rooms "")
foreach(file IN LISTS test_files)
  cmake_path(GET file PARENT_PATH room)
  if(room STREQUAL "kernels/isa" AND NOT file MATCHES "/compiled_test")  # each with the flags of its instruction set
    cmake_path(GET file STEM isa)
    string(REGEX REPLACE "_test$" "" isa "${isa}")
    if(isa IN_LIST INGOT_ISAS)
      ingot_test_batch(test.isa.${isa} "${file}" -O1 ${INGOT_ISA_FLAGS_${isa}})
    endif()
    continue()
  endif()
  if(file STREQUAL "text/tokenizer_bin_test.cpp")  # its limit on the time to open a file is for optimized code without sanitizers
    if(INGOT_SANITIZE)
      ingot_test_batch(test.text.tokenizer_bin "${file}" -O1 -DINGOT_TEST_TIMES=0)
    else()
      ingot_test_batch(test.text.tokenizer_bin "${file}" -O1 -DINGOT_TEST_TIMES=1)
    endif()
    continue()
  endif()
  if(room STREQUAL "")
    set(room "top")
  endif()
  if(room MATCHES "^acquire" AND NOT INGOT_ACQUIRE)
    continue()
  endif()
  list(APPEND rooms "${room}")
  list(APPEND "files of ${room}" "${file}")
endforeach()
list(REMOVE_DUPLICATES rooms)
foreach(room IN LISTS rooms)
  set(level -O0)
  if(room MATCHES "^kernels")
    set(level -O1)
  endif()
  set(number 0)
  string(REPLACE "/" "." target "test.${room}")
  list(LENGTH "files of ${room}" count)
  foreach(first RANGE 0 ${count} ${INGOT_TEST_BATCH})
    if(first EQUAL count)
      break()
    endif()
    math(EXPR number "${number} + 1")
    list(SUBLIST "files of ${room}" ${first} ${INGOT_TEST_BATCH} batch)
    ingot_test_batch(${target}.${number} "${batch}" ${level})
    if(room MATCHES "^acquire")
      target_link_libraries(${target}.${number} PRIVATE ingot_acquire)
    endif()
    if(room STREQUAL "kernels" AND TARGET test_evex)
      target_link_libraries(${target}.${number} PRIVATE test_evex)
      target_compile_definitions(${target}.${number} PRIVATE INGOT_TEST_EVEX=1)
    endif()
  endforeach()
endforeach()

# The programs printed in README.md compile and link; its commands run.
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
  if(INGOT_PROGRAMS)
    add_test(NAME readme.commands
             COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tests/readme/commands.py" "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}")
    set_tests_properties(readme.commands PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 RUN_SERIAL ON)
  endif()
endif()

# Exported ONNX graphs give the references' logits, where onnxruntime is installed to run them.
if(INGOT_PROGRAMS)
  add_test(NAME model.onnx.graphs COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tests/model/onnx/run_graphs.py"
                                          "${PROJECT_BINARY_DIR}/bin" "${PROJECT_SOURCE_DIR}/tests/golden/models")
  set_tests_properties(model.onnx.graphs PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 ENVIRONMENT_MODIFICATION "${python_packages}")
endif()

# What ingot-export refuses, and how it goes on when it was interrupted.
if(INGOT_PROGRAMS)
  add_test(NAME examples.export_options
           COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tests/examples/export_options.py" $<TARGET_FILE:ingot-export>
                   "${PROJECT_SOURCE_DIR}/tests/golden/models/llama")
  add_test(NAME examples.export_resume
           COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tests/examples/export_resume.py" $<TARGET_FILE:ingot-export>
                   "${PROJECT_SOURCE_DIR}/tests/golden/models/llama")
  set_tests_properties(examples.export_options examples.export_resume PROPERTIES TIMEOUT 300)
endif()

# What decode keeps while other processes want the same cores.
if(INGOT_PROGRAMS AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  add_test(NAME contention COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/benchmarks/contention/share.py" $<TARGET_FILE:ingot-bench>
                                   "${PROJECT_SOURCE_DIR}/models/SmolLM2-135M-int4")
  set_tests_properties(contention PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 RUN_SERIAL ON)
endif()
