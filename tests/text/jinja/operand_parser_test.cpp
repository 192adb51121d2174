// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/operand_parser.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
/// Operands alone: an expression is one unary.
struct Operands final : OperandParser {
  Operands(const Program& program, const Limits& limits, std::vector<Token> tokens) : OperandParser{program, limits, std::move(tokens)} {}
  Result<ExpressionPtr> expression(bool) override { return unary(true); }
  Result<ExpressionPtr> run() {
    take();
    INGOT_TRY(ExpressionPtr parsed, tuple());
    INGOT_CHECK(expect(Kind::variable_end));
    return parsed;
  }
};
/// The place of the outermost kind among the alternatives of Expression, or -1.
int kind(const std::string& text) {
  Program program;
  program.source = "{{ " + text + " }}";
  const Limits limits;
  const auto parsed = Operands{program, limits, *Lexer{program, limits}.run()}.run();
  return parsed ? static_cast<int>((*parsed)->node.index()) : -1;
}
template <class Node>
int kind_of() {
  return static_cast<int>(decltype(Expression::node){Node{}}.index());
}
}  // namespace

TEST_CASE("the last thing that follows an operand is its outermost node") {
  CHECK(kind("'a' 'b'") == kind_of<Literal>());
  CHECK(kind("a, b") == kind_of<SequenceLiteral>());
  CHECK(kind("a.b[c](d)") == kind_of<CallSyntax>());
  CHECK(kind("a(b).c") == kind_of<AttributeSyntax>());
  CHECK(kind("a[b]") == kind_of<ItemSyntax>());
  CHECK(kind("a[:b]") == kind_of<SliceSyntax>());
  CHECK(kind("a|f(b)") == kind_of<FilterSyntax>());
  CHECK(kind("a|f is b") == kind_of<TestSyntax>());
  CHECK(kind("a is not b") == kind_of<Not>());
  CHECK(kind("-a|f") == kind_of<FilterSyntax>());
  CHECK(kind("-a") == kind_of<Sign>());
  for (const char* bad : {"a + b", "", "a.", "a|", "a is", "f(*a, b)", "[a b]"}) CHECK(kind(bad) == -1);
}
