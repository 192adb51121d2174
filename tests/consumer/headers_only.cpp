// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/float16.hpp>
#include <ingot/core/result.hpp>
#include <ingot/version.hpp>

#include <iostream>

ingot::Result<float> half(bool ok) {
  if (!ok) return ingot::Error{.code = ingot::ErrorCode::other, .what = "no half"};
  return ingot::to_float(ingot::f16{0x3800});
}

int main() {
  std::cout << "ingot " << ingot::version << '\n';
  return half(true) && *half(true) == 0.5f && !half(false) ? 0 : 1;
}
