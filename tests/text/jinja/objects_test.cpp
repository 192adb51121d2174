// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/objects.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
struct Count final : Loop::Source {
  std::int64_t at = 0, end;
  explicit Count(std::int64_t n) : end{n} {}
  Result<Value> next() override { return at < end ? Value{at++} : Value{}; }
};
}  // namespace

TEST_CASE("a namespace keeps the order of its attributes") {
  Namespace space;
  space.set("b", number(1));
  space.set("a", number(2));
  space.set("b", number(3));
  REQUIRE(space.attributes.size() == 2);
  CHECK(space.attributes[0].first == "b");
  CHECK(space.find("b")->small() == 3);
  CHECK_FALSE(space.find("c"));
}

TEST_CASE("a loop reads ahead without losing items") {
  Budget budget;
  Count source{4};
  Loop loop;
  loop.source = &source;
  CHECK(loop.take()->small() == 0);
  loop.index0 = 0;
  CHECK(loop.peek()->small() == 1);
  CHECK(loop.peek()->small() == 1);
  CHECK(*loop.count(budget) == 4);
  CHECK(loop.peek()->small() == 1);
  for (std::int64_t i = 1; i < 4; ++i) CHECK(loop.take()->small() == i);
  CHECK(loop.take()->missing());
  CHECK(loop.peek()->missing());
  CHECK(*loop.count(budget) == 4);
}

TEST_CASE("a loop that is over gives nothing") {
  Loop loop;
  CHECK(loop.peek()->missing());
  CHECK(loop.take()->missing());
}

TEST_CASE("objects are told apart by type") {
  Namespace space;
  const Value value{static_cast<Object*>(&space)};
  CHECK(value.object_as<Namespace>() == &space);
  CHECK_FALSE(value.object_as<Macro>());
  CHECK_FALSE(number(1).object_as<Namespace>());
}
