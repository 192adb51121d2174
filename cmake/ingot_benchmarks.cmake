# SPDX-License-Identifier: Apache-2.0
# benchmarks/<room>/<header>_bench.cpp becomes the executable bench.<room>.<header>.
ingot_find_package(benchmark libbenchmark-dev INGOT_BENCHMARKS)          # timing loops and statistics
file(GLOB_RECURSE benchmark_files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/benchmarks" benchmarks/*_bench.cpp)
if(NOT "avx512vnni" IN_LIST INGOT_ISAS)
  list(FILTER benchmark_files EXCLUDE REGEX "^ladder/")  # written in its intrinsics
endif()
foreach(file IN LISTS benchmark_files)
  string(REGEX REPLACE "/" "." name "${file}")
  string(REGEX REPLACE "_bench.cpp$" "" name "${name}")
  add_executable(bench.${name} benchmarks/${file})
  target_include_directories(bench.${name} PRIVATE benchmarks)
  target_link_libraries(bench.${name} PRIVATE ingot_runtime ingot_warnings benchmark::benchmark_main)
endforeach()

# Attention's softmax is no function of its own in the runtime: its instances, each with the flags of its instruction set.
foreach(isa IN LISTS INGOT_ISAS)
  set(source "${PROJECT_BINARY_DIR}/benchmarks/page_softmax_${isa}.cpp")
  set(tag "ingot::kernels::isa::${isa}")
  file(CONFIGURE OUTPUT "${source}" CONTENT "#include <kernels/page_softmax_body.hpp>\n\
template struct bench::PageSoftmax<${tag}, ingot::quant::f32>;\n\
template struct bench::PageSoftmax<${tag}, ingot::kernels::int8_kv>;\n")
  set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "${INGOT_ISA_FLAGS_${isa}}")
  target_sources(bench.kernels.softmax PRIVATE "${source}")
endforeach()
