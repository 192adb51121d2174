# SPDX-License-Identifier: Apache-2.0
# ingot::ingot, the headers; ingot::runtime, what a program links so as not to instantiate kernels and decoders itself;
# ingot::acquire, what one links that downloads.
add_library(ingot INTERFACE)
add_library(ingot::ingot ALIAS ingot)
target_compile_features(ingot INTERFACE cxx_std_20)
target_include_directories(ingot INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(ingot INTERFACE simdjson::simdjson PkgConfig::xsimd PkgConfig::pcre2 PkgConfig::utf8proc PkgConfig::libcrypto
                                      Threads::Threads)

add_library(ingot_warnings INTERFACE)  # for our own code only, never for users
target_compile_options(ingot_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # Debian's GCC 12 reports std::string, std::variant and the AVX-512 intrinsics' deliberately undefined registers: known false positives.
  target_compile_options(ingot_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-uninitialized)
endif()
if(INGOT_SANITIZE)
  target_compile_options(ingot_warnings INTERFACE -fsanitize=${INGOT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(ingot_warnings INTERFACE -fsanitize=${INGOT_SANITIZE})
endif()

# One translation unit per ISA, each with that ISA's flags; everything in it carries the ISA's tag in its type, so no two can merge.
set(INGOT_ISA_FLAGS_scalar "")
set(INGOT_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c)
set(INGOT_ISA_FLAGS_avx_vnni ${INGOT_ISA_FLAGS_avx2})  # what it has more is written in assembler
set(INGOT_ISA_FLAGS_avx512vnni ${INGOT_ISA_FLAGS_avx2} -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni)
set(INGOT_ISA_FLAGS_amx ${INGOT_ISA_FLAGS_avx512vnni})  # what it has more is written in assembler
set(INGOT_ISA_FLAGS_neon_dotprod -march=armv8.2-a+dotprod)
set(INGOT_ISA_FLAGS_neon_i8mm -march=armv8.2-a+dotprod+i8mm)
set(INGOT_ISAS scalar)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  list(APPEND INGOT_ISAS avx2 avx_vnni avx512vnni amx)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
  list(APPEND INGOT_ISAS neon_dotprod neon_i8mm)
endif()
set(INGOT_GRAPHS  # of ingot::model::families, one for each value of traits
    Llama Mixtral Chatglm Chatglm6b Glm4 Gemma2 Gemma3 Qwen3 Qwen3Moe Qwen3Next HunyuanV1Dense HunyuanV1Moe GptOss
    Llama4Text MimoV2Flash DeepseekV2 DeepseekV3 DeepseekV3Halves Minicpm3 Lfm2 Phi Bert)

if(INGOT_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Fully instrumented, the unrolled tiles take Clang 14 five minutes each. Here only addresses are checked, by calls; scalar has it all.
  set(light_checks -fno-sanitize=undefined -mllvm -asan-instrumentation-with-call-threshold=0)
endif()

set(runtime_sources "")
foreach(isa IN LISTS INGOT_ISAS)
  if(EXISTS "${PROJECT_SOURCE_DIR}/include/ingot/kernels/instantiate.hpp")
    set(source "${PROJECT_BINARY_DIR}/runtime/isa_${isa}.cpp")
    configure_file(cmake/isa_instantiation.cpp.in "${source}" @ONLY)
    set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "${INGOT_ISA_FLAGS_${isa}}")
    if(NOT isa STREQUAL "scalar")
      set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_OPTIONS ${light_checks})
    endif()
    list(APPEND runtime_sources "${source}")
  endif()
endforeach()
# Several graphs a translation unit: what they share takes GCC 12 s, each of them 3 s more.
set(graphs_a_unit 6)
list(LENGTH INGOT_GRAPHS graph_count)
foreach(begin RANGE 0 ${graph_count} ${graphs_a_unit})
  list(SUBLIST INGOT_GRAPHS ${begin} ${graphs_a_unit} families)
  list(TRANSFORM families REPLACE "(.+)" "template struct Instantiate<families::\\1::traits>" OUTPUT_VARIABLE instantiations)
  list(JOIN instantiations ";\n" instantiations)
  if(families AND EXISTS "${PROJECT_SOURCE_DIR}/include/ingot/model/instantiate.hpp")
    set(source "${PROJECT_BINARY_DIR}/runtime/graphs_${begin}.cpp")
    configure_file(cmake/graph_instantiation.cpp.in "${source}" @ONLY)
    list(APPEND runtime_sources "${source}")
  endif()
endforeach()
# What is no template: headers declare it, <name>_definitions.hpp beside them is compiled here, once; several a translation unit, as what
# they include takes longer than what they say. No kernels in it: -O2 will do for most.
set(INGOT_DEFINITIONS_BATCH 8 CACHE STRING "Files of definitions compiled together; 1: each alone")
function(ingot_definitions_sources result name level headers)
  set(sources "")
  list(LENGTH headers count)
  foreach(begin RANGE 0 ${count} ${INGOT_DEFINITIONS_BATCH})
    if(begin EQUAL count)
      break()
    endif()
    list(SUBLIST headers ${begin} ${INGOT_DEFINITIONS_BATCH} batch)
    list(TRANSFORM batch REPLACE "(.+)" "#include <ingot/\\1>\n")
    list(JOIN batch "" includes)
    set(source "${PROJECT_BINARY_DIR}/runtime/${name}_${begin}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "${includes}")
    if(INGOT_FUZZERS)
      set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS -fsanitize=fuzzer-no-link)  # what it covers leads the fuzzers
    elseif(NOT INGOT_SANITIZE)
      set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "$<$<CONFIG:Release>:${level}>")
    endif()
    list(APPEND sources "${source}")
  endforeach()
  set(${result} "${sources}" PARENT_SCOPE)
endfunction()
file(GLOB_RECURSE definitions CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/include/ingot" include/ingot/*_definitions.hpp)
set(acquiring "${definitions}")
list(FILTER acquiring INCLUDE REGEX "^acquire/")
list(FILTER definitions EXCLUDE REGEX "^acquire/")
set(vectorized "${definitions}")  # loops over weights, for -O3
list(FILTER vectorized INCLUDE REGEX "^(quant/|model/export_)")
list(FILTER definitions EXCLUDE REGEX "^(quant/|model/export_)")
ingot_definitions_sources(acquire_sources acquire -O2 "${acquiring}")
ingot_definitions_sources(vectorized_sources vectorized -O3 "${vectorized}")
ingot_definitions_sources(definitions_sources definitions -O2 "${definitions}")
list(APPEND runtime_sources ${vectorized_sources} ${definitions_sources})
if(NOT runtime_sources)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/runtime/version.cpp" CONTENT "#include <ingot/version.hpp>\n")
  list(APPEND runtime_sources "${PROJECT_BINARY_DIR}/runtime/version.cpp")
endif()
add_library(ingot_runtime STATIC ${runtime_sources})
add_library(ingot::runtime ALIAS ingot_runtime)
set_target_properties(ingot_runtime PROPERTIES EXPORT_NAME runtime POSITION_INDEPENDENT_CODE ON)
target_link_libraries(ingot_runtime PUBLIC ingot PRIVATE $<BUILD_INTERFACE:ingot_warnings>)
target_include_directories(ingot_runtime SYSTEM PRIVATE $<TARGET_PROPERTY:Eigen3::Eigen,INTERFACE_INCLUDE_DIRECTORIES>)
if(INGOT_FUZZERS)
  target_link_options(ingot_runtime PUBLIC -fsanitize=fuzzer-no-link)  # what counts covered code, for the tests too
endif()

if(INGOT_ACQUIRE)
  add_library(ingot_acquire STATIC ${acquire_sources})
  add_library(ingot::acquire ALIAS ingot_acquire)
  set_target_properties(ingot_acquire PROPERTIES EXPORT_NAME acquire POSITION_INDEPENDENT_CODE ON)
  # JSON is read in the runtime.
  target_link_libraries(ingot_acquire PUBLIC ingot_runtime PkgConfig::libcurl ZLIB::ZLIB PRIVATE $<BUILD_INTERFACE:ingot_warnings>)
endif()
