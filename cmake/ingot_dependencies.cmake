# SPDX-License-Identifier: Apache-2.0
# Finding what others wrote: every absence names the Debian package that cures it and the option that needs it.
function(ingot_missing library debian_package option)
  message(FATAL_ERROR "ingot: ${library} was not found; ${option} needs it: install the Debian package ${debian_package}")
endfunction()

macro(ingot_find_package name debian_package option)            # a macro: what a package file sets must reach the caller
  find_package(${name} QUIET)
  if(NOT ${name}_FOUND)
    ingot_missing(${name} ${debian_package} ${option})
  endif()
endmacro()

function(ingot_find_module prefix module debian_package option)  # libraries that ship a .pc file and no CMake package
  pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL ${module})
  if(NOT ${prefix}_FOUND)
    ingot_missing(${module} ${debian_package} ${option})
  endif()
endfunction()

set(THREADS_PREFER_PTHREAD_FLAG ON)
ingot_find_package(Threads libc6-dev "the library")                      # the SPMD team
ingot_find_package(simdjson libsimdjson-dev "the library")               # every JSON document read
ingot_find_package(Eigen3 libeigen3-dev "the library")                  # searches of codes factor what a matrix is given
ingot_find_package(PkgConfig pkg-config "the library")                   # finds those below
ingot_find_module(xsimd xsimd libxsimd-dev "the library")                # element-wise kernels, ISA tags (Debian's CMake package needs xtl)
ingot_find_module(pcre2 libpcre2-8 libpcre2-dev "the library")           # pre-tokenizer regexes, with JIT
ingot_find_module(utf8proc libutf8proc libutf8proc-dev "the library")    # Unicode normalization
ingot_find_module(libcrypto libcrypto libssl-dev "the library")          # SHA-256 of source files
if(INGOT_ACQUIRE)
  ingot_find_module(libcurl libcurl libcurl4-openssl-dev INGOT_ACQUIRE)  # HTTP(S), addresses
  ingot_find_package(ZLIB zlib1g-dev INGOT_ACQUIRE)                      # the journal's checksums, wheels
endif()
