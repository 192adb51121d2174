# SPDX-License-Identifier: Apache-2.0
# The library, and one executable for each program, test and fuzzer that the folders hold.
find_package(Threads REQUIRED)
find_package(simdjson REQUIRED)             # every JSON document read; bounded
find_package(PkgConfig REQUIRED)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)    # pre-tokenizer regexes (JIT)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc) # Unicode normalization

add_library(ingot INTERFACE)
add_library(ingot::ingot ALIAS ingot)
target_compile_features(ingot INTERFACE cxx_std_20)
target_include_directories(ingot INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(ingot INTERFACE simdjson::simdjson PkgConfig::pcre2 PkgConfig::utf8proc Threads::Threads)

add_library(ingot_warnings INTERFACE)       # for our own code only, never for users
target_compile_options(ingot_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)
if(INGOT_SANITIZE)
  target_compile_options(ingot_warnings INTERFACE -fsanitize=${INGOT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(ingot_warnings INTERFACE -fsanitize=${INGOT_SANITIZE})
endif()

if(INGOT_TESTS)
  enable_testing()
  find_package(doctest REQUIRED)
  add_library(test_main OBJECT tests/support/main.cpp)
  target_link_libraries(test_main PUBLIC ingot ingot_warnings doctest::doctest)
  file(GLOB test_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tests" tests/*/*_test.cpp tests/*/*/*_test.cpp)
  foreach(file IN LISTS test_files)
    string(REGEX REPLACE "/" "." name "${file}")
    string(REGEX REPLACE "_test.cpp$" "" name "${name}")
    add_executable(test.${name} tests/${file})
    target_link_libraries(test.${name} PRIVATE test_main)
    target_include_directories(test.${name} PRIVATE tests)
    target_compile_definitions(test.${name} PRIVATE INGOT_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden")
    add_test(NAME ${name} COMMAND test.${name})
  endforeach()
endif()

if(INGOT_FUZZERS)
  file(GLOB fuzz_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tests/fuzz" tests/fuzz/*_fuzz.cpp)
  foreach(file IN LISTS fuzz_files)
    string(REGEX REPLACE ".cpp$" "" name "${file}")
    add_executable(${name} tests/fuzz/${file})
    target_link_libraries(${name} PRIVATE ingot ingot_warnings)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -g -O1)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
  endforeach()
endif()

if(INGOT_PROGRAMS)
  find_package(CLI11 REQUIRED)              # options
  find_package(fmt REQUIRED)                # formatted output
  find_package(nlohmann_json REQUIRED)      # JSON written
  file(GLOB program_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/examples" examples/*.cpp)
  foreach(file IN LISTS program_files)
    string(REGEX REPLACE ".cpp$" "" name "${file}")
    add_executable(ingot-${name} examples/${file})
    target_link_libraries(ingot-${name} PRIVATE ingot ingot_warnings CLI11::CLI11 fmt::fmt nlohmann_json::nlohmann_json)
    set_target_properties(ingot-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
    install(TARGETS ingot-${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endforeach()
endif()
