// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/turns.hpp: how threads that wait for each other share cores with others: in short turns, on cores apart.

#include <cstdint>

#if defined(__linux__)
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace ingot {

/// Asks the kernel for short turns of the calling thread: of a core that others want too it gets as much as before, but is back on it
/// sooner, so that whoever waits for it waits less. Returns whether it will: Linux 6.12 or later, for a thread of the normal policy.
inline bool ask_for_short_turns() noexcept {
#if defined(__linux__) && defined(SYS_sched_setattr)
  struct {  // sched_setattr(2), its first version
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime, deadline, period;  // ns
  } attributes{};
  constexpr std::uint64_t turn = 200'000;  // two lanes beside two busy processes: 0.44 of their speed, 0.37 with 500'000, 0.2 without
  const auto get = [&] { return ::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) == 0; };
  if (!get() || attributes.policy != SCHED_OTHER) return false;
  attributes.size = sizeof attributes, attributes.flags = 0, attributes.runtime = turn;
  return ::syscall(SYS_sched_setattr, 0, &attributes, 0) == 0 && get() && attributes.runtime == turn;
#else
  return false;
#endif
}

/// The same, asked once a thread, which keeps them; threads and processes that it starts afterwards inherit them.
inline bool has_short_turns() noexcept {
  static thread_local const bool has = ask_for_short_turns();
  return has;
}

/// The processor the calling thread is on; -1 where the system does not say.
[[nodiscard]] inline std::int16_t current_processor() noexcept {
#if defined(__linux__)
  return static_cast<std::int16_t>(::sched_getcpu());
#else
  return -1;
#endif
}

/// Moves the calling thread from `processor` to any other it may use; its affinity stays what it was.
inline void leave_processor(std::int16_t processor) noexcept {
#if defined(__linux__)
  cpu_set_t all;
  if (processor < 0 || processor >= CPU_SETSIZE || ::sched_getaffinity(0, sizeof all, &all) != 0) return;
  cpu_set_t others = all;
  CPU_CLR(processor, &others);
  if (CPU_COUNT(&others) != 0 && ::sched_setaffinity(0, sizeof others, &others) == 0) ::sched_setaffinity(0, sizeof all, &all);
#else
  static_cast<void>(processor);
#endif
}

}  // namespace ingot
