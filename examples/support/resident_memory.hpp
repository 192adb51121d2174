// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/resident_memory.hpp: what this process holds in memory, and held at most.

#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <limits>
#include <string>

namespace program {

/// Memory of this process in MiB.
inline double resident_mb() {
  std::size_t pages = 0;
  std::ifstream{"/proc/self/statm"}.ignore(64, ' ') >> pages;
  return static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1048576;
}

/// The most it was so far, pages of mapped files included. Not getrusage()'s, which begins with what the process had that started this
/// one: under Python 60 MiB.
inline double peak_resident_mb() {
  std::ifstream status{"/proc/self/status"};
  for (std::string key; status >> key; status.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    double kib = 0;
    if (key == "VmHWM:" && status >> kib) return kib / 1024;
  }
  return 0;
}

}  // namespace program
