// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/environment.hpp>

#include <cstdlib>

#include <doctest/doctest.h>

#include "fake_hub.hpp"

using ingot::acquire::Environment;

TEST_CASE("variables: an empty one is none, the first of several wins") {
  const auto environment = ingot::test::environment_of({{"A", ""}, {"B", "b"}, {"C", "c"}});
  CHECK(!environment.find("A"));
  CHECK(environment.find("B") == "b");
  CHECK(environment.first({"A", "C", "B"}) == "c");
  CHECK(!Environment{}.find("PATH"));
  ::setenv("INGOT_TEST_VARIABLE", "here", 1);
  CHECK(Environment::of_process().find("INGOT_TEST_VARIABLE") == "here");
}

TEST_CASE("what says yes") {
  for (const char* yes : {"1", "on", "ON", "Yes", "true"}) CHECK(ingot::test::environment_of({{"V", yes}}).is_true("V"));
  for (const char* no : {"0", "", "off", "2", "tru"}) CHECK(!ingot::test::environment_of({{"V", no}}).is_true("V"));
}

TEST_CASE("~ and variables in paths") {
  const auto environment = ingot::test::environment_of({{"HOME", "/home/me"}, {"X", "y"}});
  CHECK(environment.expand("~/a") == "/home/me/a");
  CHECK(environment.expand("~other/a") == "~other/a");
  CHECK(environment.expand("/a/$X/${X}z/$NOT/${NOT}/$") == "/a/y/yz/$NOT/${NOT}/$");
  CHECK(environment.expand("${X") == "y");
  CHECK(environment.cache_home() == "/home/me/.cache");
  CHECK(ingot::test::environment_of({{"HOME", "/h"}, {"XDG_CACHE_HOME", "~/c"}}).cache_home() == "/h/c");
}
