// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/snapshot.hpp>

#include <doctest/doctest.h>

using namespace ingot::acquire;

TEST_CASE("options that are not said ask for nothing special") {
  const FetchOptions options;
  CHECK(!options.policy);
  CHECK(!options.offline);
  CHECK(!options.dry_run);
  CHECK(!options.verify);
  CHECK(options.lock_file.empty());
  CHECK(!options.supports);
}
