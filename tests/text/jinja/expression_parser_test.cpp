// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/expression_parser.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
/// Shows how an expression was grouped.
std::string grouped(const Expression& expression) {
  struct Show {
    std::string operator()(const Literal& n) const {
      Budget budget;
      return *to_repr(budget, n.value);
    }
    std::string operator()(const Name& n) const { return n.name; }
    std::string operator()(const SequenceLiteral& n) const {
      std::string out = n.tuple ? "(" : "[";
      for (const auto& item : n.items) out += grouped(*item) + ",";
      return out + (n.tuple ? ")" : "]");
    }
    std::string operator()(const DictionaryLiteral& n) const {
      std::string out = "{";
      for (const auto& [key, value] : n.entries) out += grouped(*key) + ":" + grouped(*value) + ",";
      return out + "}";
    }
    std::string operator()(const Sign& n) const { return (n.minus ? "(-" : "(+") + grouped(*n.operand) + ")"; }
    std::string operator()(const Not& n) const { return "(not " + grouped(*n.operand) + ")"; }
    std::string operator()(const Binary& n) const {
      return "(" + grouped(*n.left) + std::string{sign_of(n.op)}.substr(0, 2) + grouped(*n.right) + ")";
    }
    std::string operator()(const Logical& n) const {
      return "(" + grouped(*n.left) + (n.conjunction ? " and " : " or ") + grouped(*n.right) + ")";
    }
    std::string operator()(const Comparisons& n) const {
      static constexpr const char* signs[] = {"==", "!=", "<", "<=", ">", ">=", " in ", " not in "};
      std::string out = "(" + grouped(*n.first);
      for (const auto& [how, operand] : n.rest) out += signs[static_cast<int>(how)] + grouped(*operand);
      return out + ")";
    }
    std::string operator()(const Concatenation& n) const {
      std::string out = "(";
      for (const auto& item : n.items) out += grouped(*item) + "~";
      return out + ")";
    }
    std::string operator()(const Conditional& n) const {
      return "(" + grouped(*n.yes) + " if " + grouped(*n.test) + (n.no ? " else " + grouped(*n.no) : "") + ")";
    }
    std::string operator()(const AttributeSyntax& n) const { return grouped(*n.object) + "." + n.name.text()->bytes; }
    std::string operator()(const ItemSyntax& n) const { return grouped(*n.object) + "[" + grouped(*n.key) + "]"; }
    std::string operator()(const SliceSyntax& n) const {
      const auto part = [](const ExpressionPtr& e) { return e ? grouped(*e) : ""; };
      return grouped(*n.object) + "[" + part(n.start) + ":" + part(n.stop) + ":" + part(n.step) + "]";
    }
    static std::string called(const std::vector<ArgumentSyntax>& arguments) {
      static constexpr const char* marks[] = {"", "=", "*", "**"};
      std::string out = "(";
      for (const auto& it : arguments) out += it.name + marks[static_cast<int>(it.kind)] + grouped(*it.value) + ",";
      return out + ")";
    }
    std::string operator()(const CallSyntax& n) const { return grouped(*n.callee) + called(n.arguments); }
    std::string operator()(const FilterSyntax& n) const {
      return "(" + (n.input ? grouped(*n.input) : "") + "|" + n.name + called(n.arguments) + ")";
    }
    std::string operator()(const TestSyntax& n) const { return "(" + grouped(*n.input) + " is " + n.name + called(n.arguments) + ")"; }
  };
  return std::visit(Show{}, expression.node);
}

struct OneExpression : ExpressionParser {
  OneExpression(const Program& program, const Limits& limits, std::vector<Token> tokens)
      : ExpressionParser{program, limits, std::move(tokens)} {}
  Result<ExpressionPtr> run() {
    take();  // the begin of the tag
    INGOT_TRY(ExpressionPtr parsed, tuple());
    INGOT_CHECK(expect(Kind::variable_end));
    return parsed;
  }
};
std::string parsed(const std::string& text) {
  Program program;
  program.source = "{{ " + text + " }}";
  const Limits limits;
  auto tokens = Lexer{program, limits}.run();
  if (!tokens) return "error: " + tokens.error().message();
  const auto result = OneExpression{program, limits, *std::move(tokens)}.run();
  return result ? grouped(**result) : "error: " + result.error().message();
}
}  // namespace

TEST_CASE("precedence") {
  CHECK(parsed("a or b and not c == d") == "(a or (b and (not (c==d))))");
  CHECK(parsed("a + b ~ c * d ** -e") == "(a+(b~(c*(d**(-e)))~))");
  CHECK(parsed("a - b - c") == "((a-b)-c)");
  CHECK(parsed("2 ** 3 ** 4") == "((2**3)**4)");
  CHECK(parsed("-a.b|f") == "((-a.b)|f())");
  CHECK(parsed("a < b <= c not in d") == "(a<b<=c not in d)");
  CHECK(parsed("a if b else c if d else e") == "(a if b else (c if d else e))");
  CHECK(parsed("a if b if c") == "((a if b) if c)");
  CHECK(parsed("not a is b") == "(not (a is b()))");
  CHECK(parsed("a is not b") == "(not (a is b()))");
  CHECK(parsed("a is b c.d and e") == "((a is b(c.d,)) and e)");
  CHECK(parsed("a ~ b is c|d") == "(a~((b is c())|d())~)");
}

TEST_CASE("literals, subscripts, calls") {
  CHECK(parsed("1, 2") == "(1,2,)");
  CHECK(parsed("()") == "()");
  CHECK(parsed("(a)") == "a");
  CHECK(parsed("(a,)") == "(a,)");
  CHECK(parsed("[a, b,] ~ {'k': 1,}") == "([a,b,]~{'k':1,}~)");
  CHECK(parsed("'a' 'b' True none") == "error: expected end of print statement, got 'True': line 1, column 12");
  CHECK(parsed("a.b[0].1[x:y][:-1][::2][1, 2]") == "a.b[0][1][x:y:][:(-1):][::2][(1,2,)]");
  CHECK(parsed("f(a, *b, c=d, **e)(1)") == "f(a,*b,c=d,**e,)(1,)");
  CHECK(parsed("a|f|g(1, k=2)(3)") == "((a|f())|g(1,k=2,))(3,)");
}

TEST_CASE("mistakes have a place") {
  CHECK(parsed("1 +") == "error: unexpected 'end of print statement': line 1, column 8");
  for (const char* bad : {"", "a b", "(a", "[a", "{a}", "f(a=1, b)", "f(**a, *b)", "f(**a, b=1)", "a.", "a[1:2, 3]", "a is b is c", "a|",
                          "a is", "a not b", "* a", "{'a' 1}"})
    CHECK(parsed(bad).starts_with("error: "));
}

TEST_CASE("depth is bounded, however it is reached") {
  const auto repeated = [](std::string_view text, int n) {
    std::string out;
    for (int i = 0; i < n; ++i) out += text;
    return out;
  };
  for (const auto& [open, close] : {std::pair{"(", ")"},
                                    {"[", "]"},
                                    {"-", ""},
                                    {"not ", ""},
                                    {"f(", ")"},
                                    {"a[", "]"},
                                    {"{1:", "}"},
                                    {"a if a else ", ""},
                                    {"a is b(", ")"}})
    CHECK(parsed(repeated(open, 5'000) + "a" + repeated(close, 5'000)).starts_with("error: nested deeper"));
  for (const char* chained : {"+a", ".a", "|a", "[0]", "()", " and a", " if a"})
    CHECK(parsed("a" + repeated(chained, 10'000)).starts_with("error: expression of more than"));
  CHECK_FALSE(parsed("a" + repeated("~a", 10'000)).starts_with("error: "));
}
