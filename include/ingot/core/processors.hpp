// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/processors.hpp: how many processors this process may really use, and which one a thread is on.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include <sched.h>

namespace ingot {

/// Processors this process may use: its affinity mask, and on Linux the cgroup v2 quota of its own group (rounded up).
/// A spinning team larger than that runs at a fraction of its speed.
[[nodiscard]] inline std::uint32_t usable_processors() noexcept {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  std::uint32_t processors = 1;
  if (::sched_getaffinity(0, sizeof mask, &mask) == 0) processors = std::max(1, CPU_COUNT(&mask));

  std::string group;
  for (std::ifstream groups{"/proc/self/cgroup"}; std::getline(groups, group) && group.rfind("0::", 0) != 0;) group.clear();
  if (group.empty()) return processors;
  for (std::string path = group.substr(3);;) {  // the tightest limit may stand in any ancestor
    std::ifstream file{"/sys/fs/cgroup" + path + "/cpu.max"};
    std::string quota;
    double period = 0;
    if (file >> quota >> period && quota != "max" && period > 0)
      processors = std::min(processors, static_cast<std::uint32_t>(std::max(1.0, std::strtod(quota.c_str(), nullptr) / period + 0.999)));
    const std::size_t slash = path.find_last_of('/');
    if (path.empty() || slash == std::string::npos) return processors;
    path.resize(slash);
  }
}

/// The processor the calling thread is on; -1 where the system does not say.
[[nodiscard]] inline std::int16_t current_processor() noexcept { return static_cast<std::int16_t>(::sched_getcpu()); }

/// Moves the calling thread from `processor` to any other it may use; its affinity stays what it was.
inline void leave_processor(std::int16_t processor) noexcept {
  cpu_set_t all;
  if (processor < 0 || processor >= CPU_SETSIZE || ::sched_getaffinity(0, sizeof all, &all) != 0) return;
  cpu_set_t others = all;
  CPU_CLR(processor, &others);
  if (CPU_COUNT(&others) != 0 && ::sched_setaffinity(0, sizeof others, &others) == 0) ::sched_setaffinity(0, sizeof all, &all);
}

}  // namespace ingot
