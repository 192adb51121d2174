// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/scope_symbols.hpp>

#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
struct Symbols : ScopeSymbols {
  static void check() {
    Function function{0, 0};
    Scope outer{nullptr, &function}, inner{&outer, &function};
    load(outer.top, "a");
    store(outer.top, "b");
    CHECK(outer.top.loads.at(0).kind == Load::Kind::context);
    CHECK(outer.top.loads.at(1).kind == Load::Kind::missing);
    load(inner.top, "b");  // read from around: no variable of its own
    CHECK(inner.top.references.empty());
    store(inner.top, "b");
    CHECK(inner.top.loads.at(2).kind == Load::Kind::copy);
    CHECK(inner.top.loads.at(2).outer.slot == 1);
    parameter(inner.top, "c");
    CHECK(find(inner.top, "c")->slot == 3);
    CHECK(find(inner.top, "a")->slot == 0);
    CHECK_FALSE(find(outer.top, "c"));

    std::vector<Layer> branches;
    branches.push_back(Layer{&inner.top, &inner});
    store(branches.back(), "d");
    CHECK_FALSE(find(inner.top, "d"));
    merge(inner.top, branches);
    REQUIRE(find(inner.top, "d"));
    CHECK(inner.top.loads.at(find(inner.top, "d")->slot).kind == Load::Kind::context);
    CHECK(function.slots == 5);
  }
};
}  // namespace

TEST_CASE("names are found through scopes, and branches lay theirs over them") { Symbols::check(); }
