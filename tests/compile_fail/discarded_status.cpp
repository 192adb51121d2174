// SPDX-License-Identifier: Apache-2.0
// expect: nodiscard
#include <ingot/core/result.hpp>

ingot::Status save();

void run() {
#ifdef INGOT_MUST_FAIL
  save();
#else
  static_cast<void>(save());
#endif
}
