# SPDX-License-Identifier: Apache-2.0
# Every header compiled alone, and without exceptions; all of them in two translation units that link.

find_program(INGOT_CLANG_CXX clang++-14)
set(includes -I "${PROJECT_SOURCE_DIR}/include")
foreach(target IN ITEMS simdjson::simdjson PkgConfig::xsimd PkgConfig::pcre2 PkgConfig::utf8proc PkgConfig::libcrypto PkgConfig::libcurl Eigen3::Eigen)
  if(TARGET ${target})
    get_target_property(directories ${target} INTERFACE_INCLUDE_DIRECTORIES)
    foreach(directory IN LISTS directories)
      if(directory AND NOT directory STREQUAL "/usr/include")
        list(APPEND includes -isystem "${directory}")
      endif()
    endforeach()
  endif()
endforeach()

# Has `compiler` accept `source` with the options in ARGN, without exceptions; writes no code, which takes twice as long.
set(accepted "")
set(precompiled "")
function(ingot_accepted compiler source)
  cmake_path(GET source STEM name)
  set(stamp "${PROJECT_BINARY_DIR}/headers/${name}.accepted")
  add_custom_command(OUTPUT "${stamp}" DEPENDS "${source}" ${precompiled} DEPFILE "${stamp}.d" VERBATIM
                     COMMAND ${compiler} -std=c++20 -fsyntax-only -fno-exceptions ${includes} ${ARGN} -MD -MF "${stamp}.d" -MT "${stamp}" "${source}"
                     COMMAND ${CMAKE_COMMAND} -E touch "${stamp}")
  set(accepted "${accepted};${stamp}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE header_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/include" include/ingot/*.hpp)
if(NOT INGOT_ACQUIRE)
  list(FILTER header_files EXCLUDE REGEX "/acquire/")
endif()
set(everything "")
set(definition_files "${header_files}")
list(FILTER definition_files INCLUDE REGEX "_definitions.hpp$")  # nobody else's to include: the runtime compiles them, which may throw
list(FILTER header_files EXCLUDE REGEX "_definitions.hpp$")
execute_process(COMMAND ${Python3_EXECUTABLE} tools/check_includes.py --first . WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
                OUTPUT_VARIABLE included_first OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" included_first "${included_first}")
# Alone by Clang, in half of GCC's time, the standard headers precompiled: which of them each header includes is checked by
# tools/check_includes.py. What a test includes first is alone there: a quarter of all.
if(INGOT_CLANG_CXX)
  execute_process(COMMAND ${Python3_EXECUTABLE} tools/check_includes.py --list WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
                  OUTPUT_VARIABLE standard_headers OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "([^\n]+)\n?" "#include <\\1>\n" standard_headers "${standard_headers}")
  set(standard "${PROJECT_BINARY_DIR}/headers/standard")
  file(CONFIGURE OUTPUT "${standard}.hpp" CONTENT "${standard_headers}")
  add_custom_command(OUTPUT "${standard}.pch" DEPENDS "${standard}.hpp" VERBATIM
                     COMMAND ${INGOT_CLANG_CXX} -std=c++20 -fno-exceptions -x c++-header "${standard}.hpp" -o "${standard}.pch")
else()
  message(STATUS "headers are not compiled alone: clang++-14 is not installed")
endif()
foreach(header IN LISTS header_files)
  if(header MATCHES "kernels/isa/(.+)\\.hpp$")
    if(NOT CMAKE_MATCH_1 IN_LIST INGOT_ISAS)
      continue()
    endif()
    set(precompiled "")  # which would need the same flags
    set(options ${INGOT_ISA_FLAGS_${CMAKE_MATCH_1}})
  else()
    string(APPEND everything "#include <${header}>\n")
    if(header IN_LIST included_first)
      continue()
    endif()
    set(precompiled "${standard}.pch")
    set(options -include-pch "${precompiled}")
  endif()
  if(INGOT_CLANG_CXX)
    string(REGEX REPLACE "[/.]" "_" name "${header}")
    set(source "${PROJECT_BINARY_DIR}/headers/${name}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include <${header}>\n#include <${header}>\n")
    ingot_accepted(${INGOT_CLANG_CXX} "${source}" -Wall -Wextra -Wpedantic -Wshadow -Werror ${options})
  endif()
endforeach()
set(precompiled "")
list(TRANSFORM definition_files REPLACE "(.+)" "#include <\\1>\n" OUTPUT_VARIABLE definitions)
list(JOIN definitions "" definitions)
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/headers/definitions.cpp" CONTENT "${definitions}")
ingot_accepted(${CMAKE_CXX_COMPILER} "${PROJECT_BINARY_DIR}/headers/definitions.cpp" -w)

file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/headers/everything.hpp" CONTENT "${everything}")
add_executable(test.link tests/link/first.cpp tests/link/second.cpp)
target_include_directories(test.link PRIVATE "${PROJECT_BINARY_DIR}/headers")
target_compile_options(test.link PRIVATE -O0)
target_link_libraries(test.link PRIVATE $<TARGET_NAME_IF_EXISTS:ingot_acquire> ingot_runtime ingot_warnings)
set_target_properties(test.link PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
add_test(NAME link COMMAND test.link)

if("avx2" IN_LIST INGOT_ISAS AND NOT INGOT_SANITIZE)  # where nothing is inlined, everything is shared
  add_test(NAME link.isa_symbols COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tools/check_isa_symbols.py" $<TARGET_FILE:ingot_runtime>)
  add_test(NAME codegen COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tools/check_codegen.py" $<TARGET_FILE:ingot_runtime>)
  # The same bodies by the other compiler, at the level of its Release builds: about 50 s.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND INGOT_CLANG_CXX)
    set(clang_objects "")
    foreach(isa avx2 avx_vnni avx512vnni)
      set(object "${PROJECT_BINARY_DIR}/clang/isa_${isa}.o")
      add_custom_command(OUTPUT "${object}" DEPENDS "${PROJECT_BINARY_DIR}/runtime/isa_${isa}.cpp" DEPFILE "${object}.d" VERBATIM
                         COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${INGOT_CLANG_CXX} -std=c++20 -O3 -DNDEBUG ${INGOT_ISA_FLAGS_${isa}} ${includes}
                                 -MD -MF "${object}.d" -MT "${object}" -c "${PROJECT_BINARY_DIR}/runtime/isa_${isa}.cpp" -o "${object}")
      list(APPEND clang_objects "${object}")
    endforeach()
    file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/clang")
    add_custom_target(clang_kernels ALL DEPENDS ${clang_objects})
    add_test(NAME codegen.clang COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tools/check_codegen.py" ${clang_objects})
  elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_test(NAME codegen.clang COMMAND ${CMAKE_COMMAND} -E echo "skipped: clang++-14 is not installed")
    set_tests_properties(codegen.clang PROPERTIES SKIP_REGULAR_EXPRESSION "^skipped:")
  endif()
endif()

# The templates too, not only the declarations: what the runtime instantiates for the first ISA and graphs, without exceptions.
list(FILTER runtime_sources INCLUDE REGEX "isa_scalar|graphs_0")
foreach(source IN LISTS runtime_sources)
  ingot_accepted(${CMAKE_CXX_COMPILER} "${source}" -w)
endforeach()
add_custom_target(headers ALL DEPENDS ${accepted})

# Pairs: a file must compile, and must not with -DINGOT_MUST_FAIL.
file(GLOB compile_fail_files CONFIGURE_DEPENDS tests/compile_fail/*.cpp)
foreach(file IN LISTS compile_fail_files)
  cmake_path(GET file STEM name)
  add_test(NAME compile_fail.${name} COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tests/compile_fail/check.py" "${file}"
           ${CMAKE_CXX_COMPILER} -std=c++20 -Wall -Wextra -Wpedantic -Werror "-I${PROJECT_SOURCE_DIR}/include")
endforeach()

add_test(NAME layers COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tools/check_layers.py" "${PROJECT_SOURCE_DIR}")
add_test(NAME layers.self_test COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tools/check_layers.py" --self-test)
add_test(NAME includes COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tools/check_includes.py" "${PROJECT_SOURCE_DIR}")
add_test(NAME includes.self_test COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tools/check_includes.py" --self-test)
find_program(INGOT_CLANG_FORMAT clang-format-14)  # other versions lay some lines out differently
if(INGOT_CLANG_FORMAT)
  add_test(NAME format COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/tools/check_format.py" "${INGOT_CLANG_FORMAT}")
endif()

# A stranger's project: installs into a prefix of its own, finds the package there, builds and runs.
if(INGOT_INSTALL)
  set(prefix "${PROJECT_BINARY_DIR}/consumer/prefix")
  add_test(NAME consumer.install COMMAND ${CMAKE_COMMAND} --install "${PROJECT_BINARY_DIR}" --component development --prefix "${prefix}")
  add_test(NAME consumer.use COMMAND ${CMAKE_CTEST_COMMAND}
           --build-and-test "${PROJECT_SOURCE_DIR}/tests/consumer" "${PROJECT_BINARY_DIR}/consumer/build"
           --build-generator Ninja --build-options -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} -DCMAKE_BUILD_TYPE=Debug
           --test-command ${CMAKE_CTEST_COMMAND} --output-on-failure)
  set_tests_properties(consumer.install PROPERTIES FIXTURES_SETUP installed)
  set_tests_properties(consumer.use PROPERTIES FIXTURES_REQUIRED installed)
endif()
