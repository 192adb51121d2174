// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/expression_parser.hpp: tokens into expression trees, by Jinja's precedence.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/lexer.hpp>
#include <ingot/text/jinja/syntax.hpp>

namespace ingot::text::jinja {

/// Parses expressions; the statements of parser.hpp build on it. Precedence, loosest first:
/// if-else, or, and, not, comparison, + -, ~, * / // %, **, sign, postfix, filter and test.
class ExpressionParser {
 protected:
  using Kind = Token::Kind;

  ExpressionParser(const Program& program, const Limits& limits, std::vector<Token> tokens) noexcept
      : program_{program}, limits_{limits}, tokens_{std::move(tokens)} {}

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const noexcept { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  const Token& take() noexcept { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
  [[nodiscard]] bool is_symbol(std::string_view text, std::size_t ahead = 0) const noexcept {
    return peek(ahead).kind == Kind::symbol && peek(ahead).text == text;
  }
  [[nodiscard]] bool is_name(std::string_view text, std::size_t ahead = 0) const noexcept {
    return peek(ahead).kind == Kind::name && peek(ahead).text == text;
  }
  [[nodiscard]] bool skip_symbol(std::string_view text) noexcept { return is_symbol(text) && (++at_, true); }
  [[nodiscard]] bool skip_name(std::string_view text) noexcept { return is_name(text) && (++at_, true); }

  [[nodiscard]] Error problem(const Token& token, std::string what, ErrorCode code = ErrorCode::damaged) const {
    return {code, std::move(what), program_.where(token.at), {}};
  }
  [[nodiscard]] static std::string described(const Token& token) {
    switch (token.kind) {
      case Kind::data:
        return "template data";
      case Kind::variable_begin:
        return "begin of print statement";
      case Kind::variable_end:
        return "end of print statement";
      case Kind::block_begin:
        return "begin of statement block";
      case Kind::block_end:
        return "end of statement block";
      case Kind::string:
        return "string";
      case Kind::number:
        return "number";
      case Kind::end:
        return "end of template";
      default:
        return token.text;
    }
  }
  Status expect_symbol(std::string_view text) {
    if (skip_symbol(text)) return {};
    return problem(peek(), "expected token " + in_quotes(text) + ", got " + in_quotes(described(peek())));
  }
  Status expect(Kind kind) {
    if (peek().kind == kind) return ++at_, Status{};
    return problem(peek(), "expected " + described(Token{kind, 0, "a name", {}}) + ", got " + in_quotes(described(peek())));
  }
  [[nodiscard]] Result<std::string> expect_identifier() {
    if (peek().kind == Kind::name) return take().text;
    return problem(peek(), "expected a name, got " + in_quotes(described(peek())));
  }

  /// Counts one level of nesting while it lives.
  class Level {
   public:
    explicit Level(std::size_t& depth) noexcept : depth_{depth} { ++depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --depth_; }

   private:
    std::size_t& depth_;
  };
  [[nodiscard]] Status check_depth() const {
    if (depth_ <= limits_.syntax_depth) return {};
    return problem(peek(), "nested deeper than the limit of " + std::to_string(limits_.syntax_depth));
  }

  template <class Node>
  [[nodiscard]] Result<ExpressionPtr> make(Position at, Node node) {
    auto made = std::make_unique<Expression>(Expression{at, std::move(node)});
    for_each_operand(*made, [&](const Expression& operand) { made->depth = std::max(made->depth, operand.depth + 1); });
    if (made->depth > limits_.tree_depth)
      return Error{ErrorCode::damaged, "expression of more than " + std::to_string(limits_.tree_depth) + " levels", program_.where(at), {}};
    return made;
  }

  [[nodiscard]] Result<ExpressionPtr> expression(bool conditional = true) {
    const Level level{depth_};
    INGOT_CHECK(check_depth());
    const Position at = peek().at;
    INGOT_TRY(ExpressionPtr left, disjunction());
    while (conditional && skip_name("if")) {
      INGOT_TRY(ExpressionPtr test, disjunction());
      ExpressionPtr otherwise;
      if (skip_name("else")) {
        INGOT_TRY(otherwise, expression());
      }
      INGOT_TRY(left, make(at, Conditional{std::move(test), std::move(left), std::move(otherwise)}));
    }
    return left;
  }

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

  /// How often each of these names has been read so far: bodies that read them need them to be set.
  struct Uses {
    std::size_t loop = 0, caller = 0, keywords = 0, positional = 0;
  } uses_;
  std::size_t depth_ = 0;
  const Program& program_;
  const Limits& limits_;

 private:
  [[nodiscard]] Result<ExpressionPtr> disjunction() {
    const Position at = peek().at;
    INGOT_TRY(ExpressionPtr left, conjunction());
    while (skip_name("or")) {
      INGOT_TRY(ExpressionPtr right, conjunction());
      INGOT_TRY(left, make(at, Logical{false, std::move(left), std::move(right)}));
    }
    return left;
  }
  [[nodiscard]] Result<ExpressionPtr> conjunction() {
    const Position at = peek().at;
    INGOT_TRY(ExpressionPtr left, negation());
    while (skip_name("and")) {
      INGOT_TRY(ExpressionPtr right, negation());
      INGOT_TRY(left, make(at, Logical{true, std::move(left), std::move(right)}));
    }
    return left;
  }
  [[nodiscard]] Result<ExpressionPtr> negation() {
    const Token& token = peek();
    if (!skip_name("not")) return comparison();
    const Level level{depth_};
    INGOT_CHECK(check_depth());
    INGOT_TRY(ExpressionPtr operand, negation());
    return make(token.at, Not{std::move(operand)});
  }
  [[nodiscard]] std::optional<Comparison> comparison_sign() {
    static constexpr std::pair<std::string_view, Comparison> signs[] = {{"==", Comparison::equal},  {"!=", Comparison::not_equal},
                                                                        {"<", Comparison::less},    {"<=", Comparison::less_equal},
                                                                        {">", Comparison::greater}, {">=", Comparison::greater_equal}};
    for (const auto& [sign, what] : signs)
      if (skip_symbol(sign)) return what;
    if (skip_name("in")) return Comparison::in;
    if (!is_name("not") || !is_name("in", 1)) return std::nullopt;
    at_ += 2;
    return Comparison::not_in;
  }
  [[nodiscard]] Result<ExpressionPtr> comparison() {
    const Position at = peek().at;
    INGOT_TRY(ExpressionPtr first, sum());
    std::vector<std::pair<Comparison, ExpressionPtr>> rest;
    while (const auto sign = comparison_sign()) {
      INGOT_TRY(ExpressionPtr operand, sum());
      rest.emplace_back(*sign, std::move(operand));
    }
    if (rest.empty()) return first;
    return make(at, Comparisons{std::move(first), std::move(rest)});
  }
  [[nodiscard]] Result<ExpressionPtr> sum() {
    INGOT_TRY(ExpressionPtr left, concatenation());
    while (is_symbol("+") || is_symbol("-")) {
      const Token& sign = take();
      INGOT_TRY(ExpressionPtr right, concatenation());
      INGOT_TRY(left, make(sign.at, Binary{sign.text == "+" ? Operator::add : Operator::subtract, std::move(left), std::move(right)}));
    }
    return left;
  }
  [[nodiscard]] Result<ExpressionPtr> concatenation() {
    const Position at = peek().at;
    INGOT_TRY(ExpressionPtr first, product());
    if (!is_symbol("~")) return first;
    std::vector<ExpressionPtr> items;
    items.push_back(std::move(first));
    while (skip_symbol("~")) {
      INGOT_TRY(ExpressionPtr item, product());
      items.push_back(std::move(item));
    }
    return make(at, Concatenation{std::move(items)});
  }
  [[nodiscard]] Result<ExpressionPtr> product() {
    INGOT_TRY(ExpressionPtr left, power());
    while (is_symbol("*") || is_symbol("/") || is_symbol("//") || is_symbol("%")) {
      const Token& sign = take();
      const Operator op = sign.text == "*"   ? Operator::multiply
                          : sign.text == "/" ? Operator::divide
                          : sign.text == "%" ? Operator::modulo
                                             : Operator::floor_divide;
      INGOT_TRY(ExpressionPtr right, power());
      INGOT_TRY(left, make(sign.at, Binary{op, std::move(left), std::move(right)}));
    }
    return left;
  }
  /// Unlike Python's, this power groups from the left and binds looser than a sign.
  [[nodiscard]] Result<ExpressionPtr> power() {
    INGOT_TRY(ExpressionPtr left, unary(true));
    while (is_symbol("**")) {
      const Position at = take().at;
      INGOT_TRY(ExpressionPtr right, unary(true));
      INGOT_TRY(left, make(at, Binary{Operator::power, std::move(left), std::move(right)}));
    }
    return left;
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
    INGOT_TRY(ExpressionPtr node, make(token.at, TestSyntax{std::move(input), std::move(name), std::move(arguments)}));
    if (!negated) return node;
    return make(token.at, Not{std::move(node)});
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace ingot::text::jinja
