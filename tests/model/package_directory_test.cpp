// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/package_directory.hpp>

#include <doctest/doctest.h>

#include "support/temporary_directory.hpp"

using namespace ingot::model;
using namespace ingot::test;

TEST_CASE("a package is a directory with llm_config.json, or its config.json") {
  const TemporaryDirectory temporary;
  CHECK_FALSE(package_directory(temporary.path()));
  CHECK_FALSE(package_directory(temporary.path() / "config.json"));
  temporary.write("llm_config.json", "{}");
  CHECK(package_directory(temporary.path()) == temporary.path());
  CHECK(package_directory(temporary.path() / "config.json") == temporary.path());  // whether it exists or not
  CHECK_FALSE(package_directory(temporary.path() / "other.json"));
}

TEST_CASE("a package's config.json is found without a directory in its name") {
  CHECK_FALSE(package_directory("config.json"));
  CHECK_FALSE(package_directory("no/such/place"));
}
