// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/progress.hpp>

#include <doctest/doctest.h>

TEST_CASE("a cancellation is an error until it is reset") {
  ingot::Cancellation cancellation;
  CHECK(cancellation.check());
  cancellation.request();
  CHECK(cancellation.requested());
  CHECK(cancellation.check().error().exit_code() == 8);
  cancellation.reset();
  CHECK(cancellation.check());
}
