// SPDX-License-Identifier: Apache-2.0
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <support/skip.hpp>

int main(int count, char** arguments) {
  doctest::Context context{count, arguments};
  const int result = context.run();
  return result == 0 && !context.shouldExit() && ingot::test::skips > 0 ? 77 : result;
}
