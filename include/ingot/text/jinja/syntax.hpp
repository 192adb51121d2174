// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/syntax.hpp: the syntax tree of a template.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ingot/text/jinja/arithmetic.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text::jinja {

/// A byte of the template's text.
using Position = std::uint32_t;

/// Where a variable lives: so many functions further out, in that slot. Filled in by scope.hpp.
struct Reference {
  std::uint32_t hops = 0, slot = 0;
};

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

enum class Comparison : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in };

/// `value`, `name=value`, `*value`, `**value`.
struct ArgumentSyntax {
  enum class Kind : std::uint8_t { positional, keyword, spread, spread_keywords } kind;
  std::string name;
  ExpressionPtr value;
};

struct Literal {
  Value value;
};
struct Name {
  std::string name;
  Reference reference;
};
struct SequenceLiteral {
  bool tuple;
  std::vector<ExpressionPtr> items;
};
struct DictionaryLiteral {
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries;
};
struct Sign {
  bool minus;
  ExpressionPtr operand;
};
struct Not {
  ExpressionPtr operand;
};
struct Binary {
  Operator op;
  ExpressionPtr left, right;
};
/// `and`, `or`: gives one of its operands.
struct Logical {
  bool conjunction;
  ExpressionPtr left, right;
};
/// `a < b < c`: each neighbours' comparison must hold.
struct Comparisons {
  ExpressionPtr first;
  std::vector<std::pair<Comparison, ExpressionPtr>> rest;
};
/// `a ~ b ~ c`.
struct Concatenation {
  std::vector<ExpressionPtr> items;
};
/// `yes if test else no`; `no` may be absent.
struct Conditional {
  ExpressionPtr test, yes, no;
};
struct AttributeSyntax {
  ExpressionPtr object;
  Value name;
};
struct ItemSyntax {
  ExpressionPtr object, key;
};
/// `object[start:stop:step]`; each part may be absent.
struct SliceSyntax {
  ExpressionPtr object, start, stop, step;
};
struct CallSyntax {
  ExpressionPtr callee;
  std::vector<ArgumentSyntax> arguments;
};
/// `input | name(arguments)`; without input in `{% filter %}` and `{% set x | … %}`, which filter their body.
struct FilterSyntax {
  ExpressionPtr input;
  std::string name;
  std::vector<ArgumentSyntax> arguments;
};
struct TestSyntax {
  ExpressionPtr input;
  std::string name;
  std::vector<ArgumentSyntax> arguments;
};

struct Expression {
  Position at;
  std::variant<Literal, Name, SequenceLiteral, DictionaryLiteral, Sign, Not, Binary, Logical, Comparisons, Concatenation, Conditional,
               AttributeSyntax, ItemSyntax, SliceSyntax, CallSyntax, FilterSyntax, TestSyntax>
      node;
  std::uint32_t depth = 1;  ///< levels of the tree below and including this
};

/// Calls `visit(Expression&)` for each direct operand, in the order of the text.
template <class Visit>
void for_each_operand(Expression& expression, Visit&& visit) {
  const auto each = [&](auto&... pointers) { (..., (pointers ? visit(*pointers) : void())); };
  const auto arguments = [&](std::vector<ArgumentSyntax>& all) {
    for (ArgumentSyntax& argument : all) each(argument.value);
  };
  const auto items = [&](std::vector<ExpressionPtr>& all) {
    for (ExpressionPtr& item : all) each(item);
  };
  struct Visitor {
    decltype(each)& some;
    decltype(arguments)& called;
    decltype(items)& listed;
    void operator()(Literal&) const {}
    void operator()(Name&) const {}
    void operator()(SequenceLiteral& n) const { listed(n.items); }
    void operator()(DictionaryLiteral& n) const {
      for (auto& [key, value] : n.entries) some(key, value);
    }
    void operator()(Sign& n) const { some(n.operand); }
    void operator()(Not& n) const { some(n.operand); }
    void operator()(Binary& n) const { some(n.left, n.right); }
    void operator()(Logical& n) const { some(n.left, n.right); }
    void operator()(Comparisons& n) const {
      some(n.first);
      for (auto& [op, operand] : n.rest) some(operand);
    }
    void operator()(Concatenation& n) const { listed(n.items); }
    void operator()(Conditional& n) const { some(n.test, n.yes, n.no); }
    void operator()(AttributeSyntax& n) const { some(n.object); }
    void operator()(ItemSyntax& n) const { some(n.object, n.key); }
    void operator()(SliceSyntax& n) const { some(n.object, n.start, n.stop, n.step); }
    void operator()(CallSyntax& n) const {
      some(n.callee);
      called(n.arguments);
    }
    void operator()(FilterSyntax& n) const {
      some(n.input);
      called(n.arguments);
    }
    void operator()(TestSyntax& n) const {
      some(n.input);
      called(n.arguments);
    }
  };
  std::visit(Visitor{each, arguments, items}, expression.node);
}

struct Statement;
using Body = std::vector<Statement>;

/// What is assigned to: a name, `namespace.attribute`, or several of them in parentheses.
struct Target {
  enum class Kind : std::uint8_t { name, attribute, tuple } kind = Kind::name;
  Position at = 0;
  std::string name, attribute;
  Reference reference;
  std::vector<Target> items;
};

/// How a variable gets its value when its scope is entered.
struct ScopeEntry {
  enum class Kind : std::uint8_t { missing, context, copy } kind;
  std::uint32_t slot;
  std::string name;     ///< looked up in the context and among the globals
  Reference reference;  ///< copied from an outer scope
};
using ScopeEntries = std::vector<ScopeEntry>;

struct TextSyntax {
  std::string text;
};
struct PrintSyntax {
  std::vector<ExpressionPtr> values;
};
struct IfSyntax {
  std::vector<std::pair<ExpressionPtr, Body>> branches;
  Body otherwise;
};
struct ForSyntax {
  Target target;
  ExpressionPtr items, test;
  bool recursive = false, uses_loop = false;
  Body body, otherwise;
  Reference loop;      ///< the variable `loop`
  Target test_target;  ///< the target again, in the scope of the test
  ScopeEntries entries, test_entries, otherwise_entries;
  std::uint32_t slots = 0;  ///< of its own function, when recursive
};
struct SetSyntax {
  Target target;
  ExpressionPtr value;
};
struct SetBlockSyntax {
  Target target;
  ExpressionPtr filter;
  Body body;
  ScopeEntries entries;
};
struct MacroSyntax {
  struct Parameter {
    std::string name;
    ExpressionPtr value;  ///< the default, or nothing
    Reference reference;
  };
  std::string name;
  std::vector<Parameter> parameters;
  Body body;
  bool uses_caller = false, uses_keywords = false, uses_positional = false;
  Reference caller, keywords, positional;  ///< the variables caller, kwargs, varargs
  Reference self;                          ///< what the macro's name is bound to
  ScopeEntries entries;
  std::uint32_t slots = 0;
};
/// `{% call f() %}`; without a call `{% generation %}`, which the reference makes a macro that is called at once.
struct CallBlockSyntax {
  std::unique_ptr<MacroSyntax> body;
  ExpressionPtr call;
};
struct FilterBlockSyntax {
  ExpressionPtr filter;
  Body body;
  ScopeEntries entries;
};
struct WithSyntax {
  std::vector<std::pair<Target, ExpressionPtr>> variables;
  Body body;
  ScopeEntries entries;
};
struct BreakSyntax {};
struct ContinueSyntax {};

struct Statement {
  Position at;
  std::variant<TextSyntax, PrintSyntax, IfSyntax, ForSyntax, SetSyntax, SetBlockSyntax, std::unique_ptr<MacroSyntax>, CallBlockSyntax,
               FilterBlockSyntax, WithSyntax, BreakSyntax, ContinueSyntax>
      node;
};

/// A parsed template. Its addresses stay: macros point into it.
/// A filter or test that must be known even where it is not reached: all but those inside of conditions and their branches.
struct NeededName {
  Position at;
  std::string name;
  bool is_filter;
};

struct Program {
  std::string name, source;
  std::vector<NeededName> needed;
  Body body;
  ScopeEntries entries;
  std::uint32_t slots = 0;

  /// "name:line:column" of a byte of the source.
  [[nodiscard]] std::string where(Position at) const {
    std::size_t line = 1, start = 0;
    for (std::size_t i = 0; i < at && i < source.size(); ++i)
      if (source[i] == '\n') ++line, start = i + 1;
    const std::size_t column = unicode::length(std::string_view{source}.substr(start, at - std::min<std::size_t>(at, start))) + 1;
    return (name.empty() ? "" : name + ": ") + "line " + std::to_string(line) + ", column " + std::to_string(column);
  }
};

}  // namespace ingot::text::jinja
