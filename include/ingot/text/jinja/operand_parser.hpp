// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/operand_parser.hpp: names, literals, brackets, and what may follow them.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/token_stream.hpp>

namespace ingot::text::jinja {

/// The tightest part of the grammar: primaries, subscripts, calls, filters and tests. Brackets hold whole expressions,
/// which expression_parser.hpp supplies.
class OperandParser : public TokenStream {
 protected:
  using TokenStream::TokenStream;
  ~OperandParser() = default;

  std::vector<NeededName> needed_;
  bool in_condition_ = false;  ///< what is not reached there need not exist

  [[nodiscard]] virtual Result<ExpressionPtr> expression(bool conditional = true) = 0;

  /// Several expressions with commas make a tuple. `ends(token)` tells where it stops after a comma.
  template <class Ends>
  [[nodiscard]] Result<ExpressionPtr> tuple(bool conditional, bool may_be_empty, Ends&& ends) {
    const Token& first = peek();
    std::vector<ExpressionPtr> items;
    bool is_tuple = false;
    for (;;) {
      if (!items.empty()) INGOT_CHECK(expect_symbol(","));
      if (peek().kind == Kind::variable_end || peek().kind == Kind::block_end || is_symbol(")") || ends()) break;
      INGOT_TRY(ExpressionPtr item, expression(conditional));
      items.push_back(std::move(item));
      if (!is_symbol(",")) break;
      is_tuple = true;
    }
    if (!is_tuple && !items.empty()) return std::move(items.front());
    if (!is_tuple && !may_be_empty) return problem(peek(), "expected an expression, got " + in_quotes(described(peek())));
    return make(first.at, SequenceLiteral{true, std::move(items)});
  }
  [[nodiscard]] Result<ExpressionPtr> tuple(bool conditional = true) {
    return tuple(conditional, false, [] { return false; });
  }

  /// `(a, *b, c=d, **e)`, at the parenthesis.
  [[nodiscard]] Result<std::vector<ArgumentSyntax>> call_arguments() {
    using Argument = ArgumentSyntax::Kind;
    const Token& start = peek();
    INGOT_CHECK(expect_symbol("("));
    std::vector<ArgumentSyntax> arguments;
    bool keywords = false, spread = false, spread_keywords = false;
    while (!is_symbol(")")) {
      if (!arguments.empty()) {
        INGOT_CHECK(expect_symbol(","));
        if (is_symbol(")")) break;
      }
      const auto misplaced = [&](bool wrong) {
        return wrong ? Status{problem(start, "invalid syntax for function call expression")} : Status{};
      };
      ArgumentSyntax argument{Argument::positional, {}, {}};
      if (skip_symbol("*")) {
        INGOT_CHECK(misplaced(spread || spread_keywords));
        argument.kind = Argument::spread;
        spread = true;
      } else if (skip_symbol("**")) {
        INGOT_CHECK(misplaced(spread_keywords));
        argument.kind = Argument::spread_keywords;
        spread_keywords = true;
      } else if (peek().kind == Kind::name && is_symbol("=", 1)) {
        INGOT_CHECK(misplaced(spread_keywords));
        argument.kind = Argument::keyword;
        argument.name = take().text;
        ++at_;
        keywords = true;
      } else {
        INGOT_CHECK(misplaced(keywords || spread || spread_keywords));
      }
      INGOT_TRY(argument.value, expression());
      arguments.push_back(std::move(argument));
    }
    INGOT_CHECK(expect_symbol(")"));
    return arguments;
  }

  /// `name(arguments)` after `|`, or at the start of a filter block.
  [[nodiscard]] Result<ExpressionPtr> filter(ExpressionPtr input) {
    const Position at = peek().at;
    INGOT_TRY(std::string name, dotted_name());
    if (!in_condition_) needed_.push_back({at, name, true});
    std::vector<ArgumentSyntax> arguments;
    if (is_symbol("(")) {
      INGOT_TRY(arguments, call_arguments());
    }
    return make(at, FilterSyntax{std::move(input), std::move(name), std::move(arguments)});
  }

  [[nodiscard]] Result<std::string> dotted_name() {
    INGOT_TRY(std::string name, expect_identifier());
    while (skip_symbol(".")) {
      INGOT_TRY(const std::string part, expect_identifier());
      name += "." + part;
    }
    return name;
  }

  [[nodiscard]] Result<ExpressionPtr> unary(bool filters) {
    const Level level{depth_};
    INGOT_CHECK(check_depth());
    const Token& token = peek();
    ExpressionPtr node;
    if (skip_symbol("-") || skip_symbol("+")) {
      INGOT_TRY(ExpressionPtr operand, unary(false));
      INGOT_TRY(node, make(token.at, Sign{token.text == "-", std::move(operand)}));
    } else {
      INGOT_TRY(node, primary());
    }
    INGOT_TRY(node, postfix(std::move(node)));
    if (!filters) return node;
    for (;;) {
      if (skip_symbol("|")) {
        INGOT_TRY(node, filter(std::move(node)));
      } else if (is_name("is")) {
        INGOT_TRY(node, test(std::move(node)));
      } else if (is_symbol("(")) {
        INGOT_TRY(node, call(std::move(node)));
      } else {
        return node;
      }
    }
  }

  /// How often each of these names has been read so far: bodies that read them need them to be set.
  struct Uses {
    std::size_t loop = 0, caller = 0, keywords = 0, positional = 0;
  } uses_;

 private:
  [[nodiscard]] Result<ExpressionPtr> primary() {
    const Token& token = peek();
    switch (token.kind) {
      case Kind::name:
        ++at_;
        return named(token);
      case Kind::number:
        return make(take().at, Literal{token.value});
      case Kind::string: {
        std::string text;
        while (peek().kind == Kind::string) text += take().text;
        return make(token.at, Literal{Value{std::move(text)}});
      }
      default:
        break;
    }
    if (skip_symbol("(")) {
      INGOT_TRY(ExpressionPtr inner, tuple(true, true, [] { return false; }));
      INGOT_CHECK(expect_symbol(")"));
      return inner;
    }
    if (skip_symbol("[")) {
      std::vector<ExpressionPtr> items;
      while (!is_symbol("]")) {
        if (!items.empty()) INGOT_CHECK(expect_symbol(","));
        if (is_symbol("]")) break;
        INGOT_TRY(ExpressionPtr item, expression());
        items.push_back(std::move(item));
      }
      ++at_;
      return make(token.at, SequenceLiteral{false, std::move(items)});
    }
    if (skip_symbol("{")) {
      DictionaryLiteral dictionary;
      while (!is_symbol("}")) {
        if (!dictionary.entries.empty()) INGOT_CHECK(expect_symbol(","));
        if (is_symbol("}")) break;
        INGOT_TRY(ExpressionPtr key, expression());
        INGOT_CHECK(expect_symbol(":"));
        INGOT_TRY(ExpressionPtr value, expression());
        dictionary.entries.emplace_back(std::move(key), std::move(value));
      }
      ++at_;
      return make(token.at, std::move(dictionary));
    }
    return problem(token, "unexpected " + in_quotes(described(token)));
  }
  [[nodiscard]] Result<ExpressionPtr> named(const Token& token) {
    if (token.text == "true" || token.text == "True") return make(token.at, Literal{Value{true}});
    if (token.text == "false" || token.text == "False") return make(token.at, Literal{Value{false}});
    if (token.text == "none" || token.text == "None") return make(token.at, Literal{Value{Value::None{}}});
    uses_.loop += token.text == "loop";
    uses_.caller += token.text == "caller";
    uses_.keywords += token.text == "kwargs";
    uses_.positional += token.text == "varargs";
    return make(token.at, Name{token.text, {}});
  }

  [[nodiscard]] Result<ExpressionPtr> call(ExpressionPtr callee) {
    const Position at = peek().at;
    INGOT_TRY(auto arguments, call_arguments());
    return make(at, CallSyntax{std::move(callee), std::move(arguments)});
  }
  [[nodiscard]] Result<ExpressionPtr> postfix(ExpressionPtr node) {
    for (;;) {
      const Token& token = peek();
      if (skip_symbol(".")) {
        const Token& name = take();
        if (name.kind == Kind::name) {
          INGOT_TRY(node, make(token.at, AttributeSyntax{std::move(node), Value{name.text}}));
        } else if (name.kind == Kind::number && name.value.is_integer()) {
          INGOT_TRY(ExpressionPtr key, make(name.at, Literal{name.value}));
          INGOT_TRY(node, make(token.at, ItemSyntax{std::move(node), std::move(key)}));
        } else {
          return problem(name, "expected name or number");
        }
      } else if (is_symbol("[")) {
        INGOT_TRY(node, subscript(std::move(node)));
      } else if (is_symbol("(")) {
        INGOT_TRY(node, call(std::move(node)));
      } else {
        return node;
      }
    }
  }
  [[nodiscard]] Result<ExpressionPtr> subscript(ExpressionPtr node) {
    const Token& token = take();
    std::vector<ExpressionPtr> keys;
    while (!is_symbol("]")) {
      if (!keys.empty()) INGOT_CHECK(expect_symbol(","));
      ExpressionPtr parts[3];
      std::size_t colons = 0;
      while (colons < 3) {
        if (is_symbol(":") && colons < 2) {
          ++at_, ++colons;
        } else if (!is_symbol("]") && !is_symbol(",") && !parts[colons]) {
          INGOT_TRY(parts[colons], expression());
        } else {
          break;
        }
      }
      if (colons > 0) {
        if (!keys.empty() || !is_symbol("]")) return problem(token, "a slice cannot be part of a tuple");
        ++at_;
        return make(token.at, SliceSyntax{std::move(node), std::move(parts[0]), std::move(parts[1]), std::move(parts[2])});
      }
      if (!parts[0]) return problem(peek(), "unexpected " + in_quotes(described(peek())));
      keys.push_back(std::move(parts[0]));
    }
    ++at_;
    if (keys.size() == 1) return make(token.at, ItemSyntax{std::move(node), std::move(keys.front())});
    INGOT_TRY(ExpressionPtr key, make(token.at, SequenceLiteral{true, std::move(keys)}));
    return make(token.at, ItemSyntax{std::move(node), std::move(key)});
  }
  [[nodiscard]] Result<ExpressionPtr> test(ExpressionPtr input) {
    const Token& token = take();
    const bool negated = skip_name("not");
    INGOT_TRY(std::string name, dotted_name());
    std::vector<ArgumentSyntax> arguments;
    const Token& next = peek();
    if (is_symbol("(")) {
      INGOT_TRY(arguments, call_arguments());
    } else if ((next.kind == Kind::name && !is_name("else") && !is_name("or") && !is_name("and")) || next.kind == Kind::string ||
               next.kind == Kind::number || is_symbol("[") || is_symbol("{")) {
      if (is_name("is")) return problem(next, "You cannot chain multiple tests with is");
      const Level level{depth_};
      INGOT_CHECK(check_depth());
      INGOT_TRY(ExpressionPtr argument, primary());
      INGOT_TRY(argument, postfix(std::move(argument)));
      arguments.push_back({ArgumentSyntax::Kind::positional, {}, std::move(argument)});
    }
    if (!in_condition_) needed_.push_back({token.at, name, false});
    INGOT_TRY(ExpressionPtr node, make(token.at, TestSyntax{std::move(input), std::move(name), std::move(arguments)}));
    if (!negated) return node;
    return make(token.at, Not{std::move(node)});
  }
};

}  // namespace ingot::text::jinja
