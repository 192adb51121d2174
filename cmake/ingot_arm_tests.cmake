# SPDX-License-Identifier: Apache-2.0
# The kernels' tests for ARM, cross-compiled and run by an emulator: the same answers as scalar, for every scheme. They need nothing
# of the target but its C++ library: xsimd and doctest are headers.
find_program(INGOT_ARM_CXX aarch64-linux-gnu-g++)
find_program(INGOT_ARM_EMULATOR qemu-aarch64)
if(NOT INGOT_ARM_CXX OR NOT INGOT_ARM_EMULATOR)
  ingot_missing("a compiler and an emulator for ARM" "g++-aarch64-linux-gnu and qemu-user" INGOT_ARM_TESTS)
endif()
get_target_property(xsimd_include PkgConfig::xsimd INTERFACE_INCLUDE_DIRECTORIES)
find_path(xsimd_directory xsimd/xsimd.hpp PATHS ${xsimd_include} REQUIRED NO_CACHE)
find_path(doctest_directory doctest/doctest.h REQUIRED NO_CACHE)
set(arm "${PROJECT_BINARY_DIR}/arm")
file(MAKE_DIRECTORY "${arm}/include")  # links: the directories themselves hold this machine's C library, too
file(CREATE_LINK "${xsimd_directory}/xsimd" "${arm}/include/xsimd" SYMBOLIC)
file(CREATE_LINK "${doctest_directory}/doctest" "${arm}/include/doctest" SYMBOLIC)
set(arm_flags -std=c++20 -O1 -Wall -Wextra -Wpedantic -Wshadow -Werror "-I${PROJECT_SOURCE_DIR}/include" "-I${PROJECT_SOURCE_DIR}/tests"
              -isystem "${arm}/include" "-DINGOT_GOLDEN_DIR=\"${PROJECT_SOURCE_DIR}/tests/golden\"")

set(arm_objects "")
function(ingot_arm_object source)
  cmake_path(GET source STEM LAST_ONLY name)
  set(object "${arm}/${name}.o")
  add_custom_command(OUTPUT "${object}" DEPENDS "${source}" DEPFILE "${object}.d" VERBATIM
                     COMMAND ${INGOT_ARM_CXX} ${arm_flags} ${ARGN} -MD -MF "${object}.d" -MT "${object}" -c "${source}" -o "${object}")
  set(arm_objects "${arm_objects};${object}" PARENT_SCOPE)
endfunction()

foreach(isa scalar neon_dotprod neon_i8mm)
  configure_file(cmake/isa_instantiation.cpp.in "${arm}/isa_${isa}.cpp" @ONLY)
  ingot_arm_object("${arm}/isa_${isa}.cpp" ${INGOT_ISA_FLAGS_${isa}})
  if(EXISTS "${PROJECT_SOURCE_DIR}/tests/kernels/isa/${isa}_test.cpp")
    ingot_test_source("${arm}/test_${isa}.cpp" "kernels/isa/${isa}_test.cpp")
    ingot_arm_object("${arm}/test_${isa}.cpp" ${INGOT_ISA_FLAGS_${isa}})
  endif()
endforeach()
file(GLOB arm_definitions CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/include" include/ingot/kernels/*_definitions.hpp)
list(TRANSFORM arm_definitions REPLACE "(.+)" "#include <\\1>\n")
list(JOIN arm_definitions "" arm_definitions)
file(CONFIGURE OUTPUT "${arm}/definitions.cpp" CONTENT "${arm_definitions}")
ingot_arm_object("${arm}/definitions.cpp")
file(GLOB arm_tests CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tests" tests/kernels/*_test.cpp)
list(FILTER arm_tests EXCLUDE REGEX "probe_test|gemv_test")  # timing means nothing under emulation; gemv is for one ISA's flags
ingot_test_source("${arm}/test_kernels.cpp" "${arm_tests}")
ingot_arm_object("${arm}/test_kernels.cpp")
ingot_arm_object("${PROJECT_SOURCE_DIR}/tests/support/main.cpp")
add_custom_command(OUTPUT "${arm}/test_arm" DEPENDS ${arm_objects} VERBATIM
                   COMMAND ${INGOT_ARM_CXX} -static -o "${arm}/test_arm" ${arm_objects})
add_custom_target(arm_tests ALL DEPENDS "${arm}/test_arm")
add_test(NAME arm.kernels COMMAND ${INGOT_ARM_EMULATOR} -cpu max "${arm}/test_arm")
set_tests_properties(arm.kernels PROPERTIES TIMEOUT 600 COST 500)
