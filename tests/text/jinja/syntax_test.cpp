// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/syntax.hpp>

#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
ExpressionPtr name(const char* text) { return std::make_unique<Expression>(Expression{0, Name{text, {}}}); }
}  // namespace

TEST_CASE("operands are visited in the order of the text") {
  SliceSyntax slice{name("a"), nullptr, name("c"), name("d")};
  Expression expression{0, std::move(slice)};
  std::string seen;
  for_each_operand(expression, [&](Expression& operand) { seen += std::get<Name>(operand.node).name; });
  CHECK(seen == "acd");

  CallSyntax call{name("f"), {}};
  call.arguments.push_back({ArgumentSyntax::Kind::positional, {}, name("x")});
  call.arguments.push_back({ArgumentSyntax::Kind::keyword, "k", name("y")});
  Expression called{0, std::move(call)};
  seen.clear();
  for_each_operand(called, [&](Expression& operand) { seen += std::get<Name>(operand.node).name; });
  CHECK(seen == "fxy");
}

TEST_CASE("places are lines and columns of characters") {
  Program program;
  program.name = "t";
  program.source = "ab\n日本x";
  CHECK(program.where(0) == "t: line 1, column 1");
  CHECK(program.where(3) == "t: line 2, column 1");
  CHECK(program.where(9) == "t: line 2, column 3");
  CHECK(program.where(1000).starts_with("t: line 2"));
}
