// SPDX-License-Identifier: Apache-2.0
// expect: could not convert|no viable conversion
#include <string>

#include <ingot/core/result.hpp>

ingot::Result<std::string> name();

ingot::Result<std::string> name() {
#ifdef INGOT_MUST_FAIL
  return nullptr == &name;
#else
  return "llama";
#endif
}
